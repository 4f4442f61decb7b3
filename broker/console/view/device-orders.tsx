import type { DeviceItem } from '#contract/http.ts';
import type { DeviceState } from '#contract/messages.ts';
import { BypassForm } from './bypass-form.tsx';
import { useConsole } from './console-context.ts';

/** What the dispatcher can have a device do, where it says what it has. */
export function DeviceOrders({ device }: { readonly device: DeviceItem }) {
  const { words } = useConsole();
  const { parts, bypassed = {}, outputs } = device.state ?? {};
  if (parts === undefined) return null;
  return (
    <details class="orders">
      <summary>{words.t('order.title')}</summary>
      {device.online ? (
        <>
          <Bypassed device={device.id} bypassed={bypassed} />
          <BypassForm device={device.id} parts={parts} />
          <Actuators device={device.id} parts={parts} positions={outputs?.actuators ?? {}} />
          <Outcome device={device.id} />
        </>
      ) : (
        <p class="quiet">{words.t('order.offline')}</p>
      )}
    </details>
  );
}

interface BypassedProps {
  readonly device: string;
  readonly bypassed: NonNullable<DeviceState['bypassed']>;
}

/** Ends a bypass before its time. */
function Bypassed({ device, bypassed }: BypassedProps) {
  const { words, commands } = useConsole();
  const reason = words.t('order.restored');
  return (
    <div class="buttons">
      {Object.keys(bypassed).map((input) => (
        <button
          key={input}
          type="button"
          onClick={() =>
            commands.order(device, { name: 'bypass', args: { inputs: [input], forS: 0, reason } })
          }
        >
          {words.t('order.restore', { input })}
        </button>
      ))}
    </div>
  );
}

interface ActuatorsProps {
  readonly device: string;
  readonly parts: NonNullable<DeviceState['parts']>;
  /** Where each was sent; null while it is away. */
  readonly positions: Readonly<Record<string, string | null>>;
}

/** A button for each position of a barrier, a flag, a cover. */
function Actuators({ device, parts, positions }: ActuatorsProps) {
  const { commands } = useConsole();
  return Object.entries(parts.actuators).map(([name, offered]) => (
    <fieldset key={name} class="positions">
      <legend>{name}</legend>
      {offered.map((position) => (
        <button
          key={position}
          type="button"
          aria-pressed={positions[name] === position}
          onClick={() => commands.order(device, { name: 'actuate', args: { name, position } })}
        >
          {position}
        </button>
      ))}
    </fieldset>
  ));
}

/** What became of the last order. */
function Outcome({ device }: { readonly device: string }) {
  const { state, words } = useConsole();
  const outcome = state.orders.get(device);
  const text =
    outcome === undefined ? '' : words.t(`order.${outcome.state}`, { detail: outcome.detail ?? '' });
  return (
    <p class={`outcome ${outcome?.state ?? ''}`} role="status">
      {text}
    </p>
  );
}
