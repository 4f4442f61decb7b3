import { commissionWord } from '#contract/commission/words.ts';
import type { DeviceItem } from '#contract/http.ts';
import type { DeviceState } from '#contract/messages.ts';
import { commissionAddress } from '../commission/commission-address.ts';
import { timeOf } from '../words/format.ts';
import type { Words } from '../words/words.ts';
import { useConsole } from './console-context.ts';
import { DeviceOrders } from './device-orders.tsx';
import { TalkButton } from './talk-button.tsx';
import { Elapsed } from './timers.tsx';

/** One device: whether it is there, and what it is doing now. */
export function DeviceCard({ device }: { readonly device: DeviceItem }) {
  const { words } = useConsole();
  const standing = device.online ? 'online' : 'offline';
  return (
    <li class={`device ${standing}${device.openIncidentId === null ? '' : ' alarmed'}`}>
      <p class="device-name">
        <strong>{device.device}</strong>{' '}
        <span class={`presence ${standing}`}>{words.t(`device.${standing}`)}</span>
      </p>
      <p class="quiet">{device.place?.label ?? device.id}</p>
      {device.state === null ? (
        <p class="quiet">{words.t('device.noState')}</p>
      ) : (
        <Doing state={device.state} standing={standing} />
      )}
      <DeviceOrders device={device} />
      {device.online && device.state !== null && <TalkButton device={device.id} />}
      <p class="quiet">
        <a href={commissionAddress(device.id)}>{commissionWord(words.language, 'ui', 'open')}</a>
      </p>
      <p class="quiet seen">
        {words.t('device.lastSeen')}{' '}
        {device.lastSeenAt === null ? words.t('device.never') : <Elapsed at={device.lastSeenAt} />}
      </p>
    </li>
  );
}

interface DoingProps {
  readonly state: DeviceState;
  readonly standing: 'online' | 'offline';
}

/** What an offline device said last is marked as such, for it may do something else by now. */
function Doing({ state, standing }: DoingProps) {
  const { words, clock } = useConsole();
  return (
    <dl
      class={standing === 'offline' ? 'stale' : ''}
      title={standing === 'offline' ? words.t('device.stale') : ''}
    >
      {factsOf(state, words, clock.wallMs()).map(({ name, value, alert }) => (
        <div key={name} class={alert ? 'alert' : ''}>
          <dt>{words.t(`device.${name}`)}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface Fact {
  readonly name: string;
  readonly value: string;
  /** Worth a look. */
  readonly alert: boolean;
}

function factsOf(
  { outputs, clock, queues, health, run, bypassed = {} }: DeviceState,
  words: Words,
  nowMs: number,
): Fact[] {
  const facts: Fact[] = outputs === undefined ? [] : outputFacts(outputs, words);
  if (Object.keys(bypassed).length > 0) facts.push(bypassFact(bypassed, words, nowMs));
  if (clock !== undefined) {
    facts.push({
      name: 'clock',
      value: words.term('clock', clock.quality),
      alert: clock.quality === 'unset',
    });
  }
  if (outputs !== undefined) facts.push(voiceFact(outputs, words));
  if (queues !== undefined) facts.push(queueFact(queues));
  if (health !== undefined) facts.push(healthFact(health, words));
  if (run !== undefined && (run.mode === 'safe' || !PLAIN_STARTS.has(run.cause)))
    facts.push(runFact(run, words));
  return facts;
}

function outputFacts(outputs: NonNullable<DeviceState['outputs']>, words: Words): Fact[] {
  const panic = words.term('panic', outputs.panic);
  return [
    { name: 'panic', value: panic, alert: outputs.panic !== 'idle' },
    { name: 'lamp', value: words.term('lamp', outputs.lamp), alert: false },
    { name: 'siren', value: words.t(outputs.siren ? 'device.on' : 'device.off'), alert: outputs.siren },
  ];
}

const voiceFact = ({ voice }: NonNullable<DeviceState['outputs']>, words: Words): Fact => ({
  name: 'voice',
  value: voice === null ? words.t('device.silent') : words.term('voice', voice),
  alert: false,
});

function queueFact(queues: NonNullable<DeviceState['queues']>): Fact {
  const { alarm = 0, event = 0, telemetry = 0 } = queues;
  return { name: 'queue', value: `${alarm} · ${event} · ${telemetry}`, alert: alarm > 0 };
}

/** A button that calls nobody must not look like one that does. */
function bypassFact(bypassed: NonNullable<DeviceState['bypassed']>, words: Words, nowMs: number): Fact {
  const all = Object.entries(bypassed).map(([input, { until, reason }]) =>
    words.t('device.until', { input, reason, time: timeOf(words.language, until, nowMs) }),
  );
  return { name: 'bypassed', value: all.join('; '), alert: true };
}

const PLAIN_STARTS: ReadonlySet<string> = new Set(['ordered', 'first']);

/** A device in safe mode sees nothing and measures little: whoever looks for its camera must know why. */
function runFact({ mode, cause }: NonNullable<DeviceState['run']>, words: Words): Fact {
  const since = words.term('run', cause);
  const isSafe = mode === 'safe';
  return { name: 'run', value: isSafe ? `${words.term('run', 'safe')} (${since})` : since, alert: isSafe };
}

function healthFact(health: NonNullable<DeviceState['health']>, words: Words): Fact {
  const ill = Object.entries(health).filter(([, state]) => state !== 'ok');
  const value = ill.map(([part, state]) => `${part}: ${words.term('health', state)}`).join(', ');
  return { name: 'health', value: value || words.term('health', 'ok'), alert: ill.length > 0 };
}
