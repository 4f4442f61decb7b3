import { useState } from 'preact/hooks';
import type { DeviceState } from '#contract/messages.ts';
import { useConsole } from './console-context.ts';

const HOUR_S = 3_600;
/** The last is the longest that a device takes. */
const CHOICES_H = [1, 8, 24, 168] as const;

interface BypassFormProps {
  readonly device: string;
  readonly parts: NonNullable<DeviceState['parts']>;
}

/** Sets an input or sensor aside: which, for how long, and why. */
export function BypassForm({ device, parts }: BypassFormProps) {
  const { state, words, commands } = useConsole();
  const names = [...Object.keys(parts.inputs), ...parts.sensors];
  const [input, setInput] = useState('');
  const [hours, setHours] = useState<number>(CHOICES_H[1]);
  const [reason, setReason] = useState('');
  const isSent = state.orders.get(device)?.state === 'sent';
  const submit = () => {
    const args = { inputs: [input], forS: hours * HOUR_S, reason: reason.trim() };
    commands.order(device, { name: 'bypass', args });
    setReason('');
  };
  return (
    <form
      class="bypass-form"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <label>
        <span>{words.t('order.input')}</span>
        <select required value={input} onChange={(event) => setInput(event.currentTarget.value)}>
          <option value="" disabled>
            {words.t('action.choose')}
          </option>
          {names.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{words.t('order.for')}</span>
        <select value={hours} onChange={(event) => setHours(Number(event.currentTarget.value))}>
          {CHOICES_H.map((count) => (
            <option key={count} value={count}>
              {words.t('order.hours', { count })}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{words.t('order.reason')}</span>
        <input
          type="text"
          required
          pattern=".*\S.*"
          maxLength={200}
          autoComplete="off"
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="warning" disabled={isSent}>
        {words.t('order.bypass')}
      </button>
    </form>
  );
}
