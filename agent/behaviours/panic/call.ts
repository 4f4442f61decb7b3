import type { IncidentNotice } from '#contract/messages.ts';
import type { DeliveryStage } from '../../ports/events.ts';
import type { AlarmDraft, BootMs, Call, Delivery, PanicRules, PanicState } from './state.ts';
import { phaseOf } from './state.ts';

type Recorded = { input: string; alarm: AlarmDraft; id: string; stored: boolean };

/** The journal has taken an alarm, to disk or only to memory. */
export function recorded(
  state: PanicState,
  { input, alarm, id, stored }: Recorded,
  nowMs: BootMs,
): PanicState {
  if (!isPress(alarm)) return state;
  const { call } = state;
  const contact = state.contacts[input];
  const contacts =
    contact === undefined ? state.contacts : { ...state.contacts, [input]: { ...contact, rowId: id } };
  if (call === null || (alarm.folded && call.newestId !== null)) return { ...state, contacts };
  const delivery: Delivery = stored ? 'stored' : 'unstored';
  const taken = { ...call, firstId: call.firstId ?? id, newestId: id, delivery, changedMs: nowMs };
  return { ...state, contacts, call: taken };
}

/** Not even held in memory: counted again, so that the next second tries once more; and not called stored. */
export function unrecorded(
  state: PanicState,
  { input, alarm }: { input: string; alarm: AlarmDraft },
  nowMs: BootMs,
): PanicState {
  const contact = state.contacts[input];
  if (contact === undefined) return state;
  const again = { ...contact, foldedEdges: contact.foldedEdges + alarm.edges, lastRowMs: nowMs };
  const contacts = { ...state.contacts, [input]: again };
  const { call } = state;
  const lost = isPress(alarm) && call !== null && call.newestId === null;
  return { ...state, contacts, call: lost ? { ...call, delivery: 'unstored', changedMs: nowMs } : call };
}

/** PUBACK makes only what is on our own disk "sent"; what is not becomes "received" by the ledger alone. */
export function delivered(state: PanicState, id: string, stage: DeliveryStage, nowMs: BootMs): PanicState {
  const { call } = state;
  if (call === null || call.newestId !== id) return state;
  if (stage === 'sent' && call.delivery !== 'stored') return state;
  if (stage === 'received' && call.delivery === 'received') return state;
  return { ...state, call: { ...call, delivery: stage, changedMs: nowMs } };
}

/** Counts when it names the newest press; the newest `rev` of an incident wins. That it came means "received". */
export function noticed(state: PanicState, notice: IncidentNotice, nowMs: BootMs): PanicState {
  const { call } = state;
  if (call === null || call.newestId === null || !notice.alarmIds.includes(call.newestId)) return state;
  const known = call.notice;
  if (known !== null && known.incidentId === notice.incidentId && notice.rev <= known.rev) return state;
  const { incidentId, rev, state: incident } = notice;
  const next: Call = {
    ...call,
    delivery: 'received',
    notice: { incidentId, rev, state: incident },
    changedMs: phaseOf(state) === 'closed' ? call.changedMs : nowMs,
  };
  return { ...state, call: next };
}

/** A closed call ends after it was shown; one of which nothing more was heard is given up, unless it still waits for a link. */
export function expire(rules: PanicRules, state: PanicState, nowMs: BootMs): PanicState {
  const atMs = callDeadline(rules, state);
  return atMs !== null && nowMs >= atMs ? { ...state, call: null } : state;
}

export function callDeadline(rules: PanicRules, state: PanicState): BootMs | null {
  const { call } = state;
  if (call === null) return null;
  const phase = phaseOf(state);
  if (phase === 'closed') return call.changedMs + rules.closedForMs;
  const undelivered = phase === 'pressed' || phase === 'stored' || phase === 'unstored';
  return undelivered && !state.linkUp ? null : call.changedMs + rules.forgottenAfterMs;
}

function isPress(
  alarm: AlarmDraft,
): alarm is Extract<AlarmDraft, { type: 'wp.panic.pressed.v1' | 'wp.panic.repressed.v1' }> {
  return alarm.type === 'wp.panic.pressed.v1' || alarm.type === 'wp.panic.repressed.v1';
}
