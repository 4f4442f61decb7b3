import * as z from 'zod';
import { INCIDENT_STATES } from '#contract/messages.ts';
import type { InputKind } from '../../ports/inputs.ts';
import { type BootMs, type Call, initialState, newContact, type PanicState } from './state.ts';

/** Under which the panic state is kept. */
export const PANIC_MEMORY_KEY = 'panic';

/** What outlives a restart: the levels last seen, and the open call. */
const Remembered = z.object({
  version: z.literal(1),
  bootId: z.string(),
  contacts: z.record(
    z.string(),
    z.object({
      active: z.boolean().nullable(),
      sinceMs: z.number(),
      stuck: z.boolean(),
      rowId: z.string().nullable(),
    }),
  ),
  call: z
    .object({
      firstId: z.string(),
      newestId: z.string(),
      delivery: z.enum(['stored', 'unstored', 'sent', 'received']),
      notice: z
        .object({ incidentId: z.string(), rev: z.number(), state: z.enum(INCIDENT_STATES) })
        .nullable(),
      pressedMs: z.number(),
      changedMs: z.number(),
    })
    .nullable(),
});
export type Remembered = z.infer<typeof Remembered>;

export function remembered(state: PanicState, bootId: string): Remembered {
  const contacts = Object.entries(state.contacts).map(
    ([name, { active, sinceMs, stuck, rowId }]) => [name, { active, sinceMs, stuck, rowId }] as const,
  );
  return { version: 1, bootId, contacts: Object.fromEntries(contacts), call: callOf(state.call) };
}

export type Restored = {
  readonly state: PanicState;
  readonly memory: 'none' | 'restored' | 'unreadable';
};

/** The state to start from. Times of another boot mean nothing now: what they date counts from `nowMs`. */
export function restored(
  value: unknown,
  kinds: Readonly<Record<string, InputKind>>,
  { bootId, nowMs }: { bootId: string; nowMs: BootMs },
): Restored {
  const fresh = initialState(kinds);
  if (value === undefined || value === null) return { state: fresh, memory: 'none' };
  const parsed = Remembered.safeParse(value);
  if (!parsed.success) return { state: fresh, memory: 'unreadable' };
  const sameBoot = parsed.data.bootId === bootId;
  const dated = (ms: BootMs): BootMs => (sameBoot ? Math.min(ms, nowMs) : nowMs);
  const contacts = Object.entries(kinds).map(([name, kind]) => {
    const known = parsed.data.contacts[name];
    const contact = newContact(kind);
    return [
      name,
      known === undefined ? contact : { ...contact, ...known, sinceMs: dated(known.sinceMs) },
    ] as const;
  });
  const { call } = parsed.data;
  const open =
    call === null ? null : { ...call, pressedMs: dated(call.pressedMs), changedMs: dated(call.changedMs) };
  return { state: { ...fresh, contacts: Object.fromEntries(contacts), call: open }, memory: 'restored' };
}

/** A press that the journal has not answered yet is not remembered: its contact will be found closed. */
function callOf(call: Call | null): Remembered['call'] {
  if (call === null || call.firstId === null) return null;
  const { firstId, newestId, delivery, notice, pressedMs, changedMs } = call;
  const known = delivery === 'pressed' ? 'stored' : delivery;
  return { firstId, newestId: newestId ?? firstId, delivery: known, notice, pressedMs, changedMs };
}
