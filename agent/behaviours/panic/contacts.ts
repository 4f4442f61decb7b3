import {
  type AlarmDraft,
  type BootMs,
  type Call,
  type Contact,
  type EventDraft,
  type PanicRules,
  type PanicState,
  phaseOf,
  type RecordEffect,
} from './state.ts';

/** What a step makes of a state: the next one, and what is to be recorded, in order. */
export interface Turn {
  readonly state: PanicState;
  readonly records: readonly RecordEffect[];
}

type Cause = 'edge' | 'start';

/** A contact closed. Its own row, unless one was made within the chatter time: then it is counted. */
export function down(
  rules: PanicRules,
  state: PanicState,
  { input, edges, atMs, cause }: { input: string; edges: number; atMs: BootMs; cause: Cause },
): Turn {
  const contact = state.contacts[input];
  if (contact === undefined) return { state, records: [] };
  const closed = { ...contact, active: true, fresh: true, sinceMs: atMs, releaseDueMs: null };
  if (contact.lastRowMs !== null && atMs - contact.lastRowMs < rules.chatterMs) {
    return put(state, input, { ...closed, foldedEdges: contact.foldedEdges + edges });
  }
  const told = put(state, input, { ...closed, lastRowMs: atMs }).state;
  return row(told, input, { cause, edges, atMs, folded: false });
}

/** A contact opened: told at once, or at the end of the chatter time when it is chattering. */
export function up(
  rules: PanicRules,
  state: PanicState,
  { input, atMs, cause }: { input: string; atMs: BootMs; cause: Cause },
): Turn {
  const contact = state.contacts[input];
  if (contact === undefined) return { state, records: [] };
  const open = { ...contact, active: false, fresh: true };
  const recent = contact.lastReleaseMs !== null && atMs - contact.lastReleaseMs < rules.chatterMs;
  if (contact.foldedEdges > 0 || recent) {
    return put(state, input, { ...open, releaseDueMs: atMs });
  }
  return release(put(state, input, open).state, input, atMs, cause);
}

/** What time alone brings: rows that were being counted, releases that waited, a button that is stuck. */
export function lapse(rules: PanicRules, state: PanicState, nowMs: BootMs, all: 'due' | 'all' = 'due'): Turn {
  let turn: Turn = { state, records: [] };
  for (const input of Object.keys(state.contacts)) {
    turn = then(turn, (next) => flush(rules, next, input, nowMs, all));
    turn = then(turn, (next) => stick(rules, next, input, nowMs));
  }
  return turn;
}

/** When `lapse` next has something to do for this contact, or null. */
export function contactDeadline(rules: PanicRules, contact: Contact): BootMs | null {
  const times: BootMs[] = [];
  if (contact.foldedEdges > 0 || contact.releaseDueMs !== null) times.push(flushAt(rules, contact));
  if (mayStick(contact)) times.push(contact.sinceMs + rules.stuckAfterMs);
  return times.length === 0 ? null : Math.min(...times);
}

export function then(turn: Turn, next: (state: PanicState) => Turn): Turn {
  const { state, records } = next(turn.state);
  return { state, records: records.length === 0 ? turn.records : [...turn.records, ...records] };
}

export function put(state: PanicState, input: string, contact: Contact): Turn {
  return { state: { ...state, contacts: { ...state.contacts, [input]: contact } }, records: [] };
}

function flush(rules: PanicRules, state: PanicState, input: string, nowMs: BootMs, all: 'due' | 'all'): Turn {
  const contact = state.contacts[input];
  const waiting = contact !== undefined && (contact.foldedEdges > 0 || contact.releaseDueMs !== null);
  if (!waiting || (all === 'due' && nowMs < flushAt(rules, contact))) return { state, records: [] };
  const { foldedEdges, releaseDueMs } = contact;
  const atMs = Math.min(nowMs, flushAt(rules, contact));
  let turn: Turn = { state, records: [] };
  if (foldedEdges > 0) {
    turn = put(state, input, { ...contact, lastRowMs: atMs, foldedEdges: 0 });
    turn = then(turn, (next) => row(next, input, { cause: 'edge', edges: foldedEdges, atMs, folded: true }));
  }
  return releaseDueMs === null ? turn : then(turn, (next) => release(next, input, releaseDueMs, 'edge'));
}

function flushAt(rules: PanicRules, contact: Contact): BootMs {
  const last = contact.foldedEdges > 0 ? contact.lastRowMs : contact.lastReleaseMs;
  return (last ?? 0) + rules.chatterMs;
}

function row(
  state: PanicState,
  input: string,
  told: { cause: Cause; edges: number; atMs: BootMs; folded: boolean },
): Turn {
  const kind = state.contacts[input]?.kind;
  if (kind === 'button') return press(state, input, told);
  const type = kind === 'duress' ? 'wp.duress.signalled.v1' : 'wp.tamper.opened.v1';
  return { state, records: [alarm(input, { type, cause: told.cause, edges: told.edges })] };
}

/** The first press opens the call; while it is open every further one joins it. */
function press(
  state: PanicState,
  input: string,
  { cause, edges, atMs, folded }: { cause: Cause; edges: number; atMs: BootMs; folded: boolean },
): Turn {
  const call = phaseOf(state) === 'closed' ? null : state.call;
  const counted = { cause, edges, folded };
  const draft: AlarmDraft =
    call === null || call.firstId === null
      ? { type: 'wp.panic.pressed.v1', ...counted }
      : { type: 'wp.panic.repressed.v1', pressId: call.firstId, ...counted };
  const shown = folded && call !== null ? call : newestPress(call, atMs);
  return { state: { ...state, call: shown }, records: [alarm(input, draft)] };
}

function newestPress(call: Call | null, atMs: BootMs): Call {
  return {
    firstId: call?.firstId ?? null,
    newestId: null,
    delivery: 'pressed',
    notice: null,
    pressedMs: atMs,
    changedMs: atMs,
  };
}

function release(state: PanicState, input: string, atMs: BootMs, cause: Cause): Turn {
  const contact = state.contacts[input];
  if (contact === undefined) return { state, records: [] };
  const records: RecordEffect[] = [];
  const pressId = contact.rowId ?? state.call?.firstId ?? null;
  if (contact.kind === 'tamper') records.push(event(input, { type: 'wp.tamper.closed.v1', cause }));
  if (contact.kind === 'button' && pressId !== null) {
    const heldMs = Math.max(0, atMs - contact.sinceMs);
    records.push(event(input, { type: 'wp.panic.released.v1', pressId, heldMs }));
  }
  if (contact.stuck) records.push(event(input, stuckHealth(input, 'ok')));
  const open = { ...contact, releaseDueMs: null, lastReleaseMs: atMs, stuck: false };
  return { state: put(state, input, open).state, records };
}

function stick(rules: PanicRules, state: PanicState, input: string, nowMs: BootMs): Turn {
  const contact = state.contacts[input];
  if (contact === undefined || !mayStick(contact) || nowMs - contact.sinceMs < rules.stuckAfterMs) {
    return { state, records: [] };
  }
  const stuck = put(state, input, { ...contact, stuck: true }).state;
  return { state: stuck, records: [event(input, stuckHealth(input, 'degraded'))] };
}

/** One that nobody reads may have been let go. */
const mayStick = ({ kind, active, fresh, stuck }: Contact): boolean =>
  kind === 'button' && active === true && fresh && !stuck;

function stuckHealth(input: string, state: 'ok' | 'degraded'): EventDraft {
  const part = `input:${input}`;
  if (state === 'ok') return { type: 'wp.health.changed.v1', part, state };
  return {
    type: 'wp.health.changed.v1',
    part,
    state,
    code: 'WP2301',
    detail: 'The button is held or stuck.',
  };
}

const alarm = (input: string, draft: AlarmDraft): RecordEffect => ({
  kind: 'recordAlarm',
  input,
  alarm: draft,
});
const event = (input: string, draft: EventDraft): RecordEffect => ({
  kind: 'recordEvent',
  input,
  event: draft,
});
