import { callDeadline, delivered, expire, noticed, recorded, unrecorded } from './call.ts';
import { contactDeadline, down, lapse, put, type Turn, then, up } from './contacts.ts';
import { expressed, outputDeadline, outputsOf } from './outputs.ts';
import {
  type BootMs,
  type Contact,
  type PanicEffect,
  type PanicInput,
  type PanicRules,
  type PanicState,
  phaseOf,
  type RecordEffect,
} from './state.ts';

export type PanicStep = (
  state: PanicState,
  input: PanicInput,
  nowMs: BootMs,
) => readonly [PanicState, readonly PanicEffect[]];

/**
 * The panic state machine: `(state, input, now) → [state, effects]`, without any effect of its own. Effects are in
 * the order in which they must happen: what is to be recorded always first.
 */
export function panicMachine(rules: PanicRules): PanicStep {
  return (before, input, nowMs) => {
    const { state: moved, records } = turn(rules, before, input, nowMs);
    const state = sirens(rules, before, moved, { records, nowMs });
    const shown = outputsOf(rules, state, nowMs);
    const spoken = [...expressed(rules, before.shown, shown), ...asides(before, state, records)];
    const after = sameShown(before.shown, shown) ? state : { ...state, shown };
    const effects = [...records, ...urge(records), ...spoken, ...bookkeeping(before, after, records)];
    return [after, effects];
  };
}

/** When a `tick` next changes something, or null while only an input can. */
export function panicDeadline(rules: PanicRules, state: PanicState): BootMs | null {
  const times = [
    ...Object.values(state.contacts).map((contact) => contactDeadline(rules, contact)),
    callDeadline(rules, state),
    outputDeadline(rules, state),
    state.test?.untilMs ?? null,
    state.siren?.untilMs ?? null,
  ].filter((time) => time !== null);
  return times.length === 0 ? null : Math.min(...times);
}

function turn(rules: PanicRules, state: PanicState, input: PanicInput, nowMs: BootMs): Turn {
  switch (input.kind) {
    case 'level':
      return level(rules, state, input, nowMs);
    case 'edge':
      return edge(rules, state, input, nowMs);
    case 'tick':
      return then(lapse(rules, state, nowMs), (next) => only(lapseRest(rules, next, nowMs)));
    case 'closing':
      return lapse(rules, state, nowMs, 'all');
    default:
      return only(quietly(state, input, nowMs));
  }
}

type QuietInput = Exclude<PanicInput, { kind: 'level' | 'edge' | 'tick' | 'closing' }>;

/** Inputs that record nothing. */
function quietly(state: PanicState, input: QuietInput, nowMs: BootMs): PanicState {
  switch (input.kind) {
    case 'started':
      return state;
    case 'lost':
      return unread(state, input.input);
    case 'recorded':
      return recorded(state, input, nowMs);
    case 'unrecorded':
      return unrecorded(state, input, nowMs);
    case 'delivery':
      return delivered(state, input.id, input.stage, nowMs);
    case 'notice':
      return noticed(state, input.notice, nowMs);
    case 'link':
      return { ...state, linkUp: input.state === 'up' };
    case 'test':
      return { ...state, test: testOf(input.inputs, input.forMs, nowMs) };
    case 'bypassed':
      return { ...state, bypassed: input.inputs };
    case 'siren':
      return { ...state, siren: input.order === 'on' ? { untilMs: nowMs + input.forMs } : null };
  }
}

/** What it last was stays known, for what it is when it is read again; that it is stuck will be told anew. */
function unread(state: PanicState, input: string): PanicState {
  const contact = state.contacts[input];
  return contact === undefined ? state : put(state, input, { ...contact, fresh: false, stuck: false }).state;
}

function testOf(inputs: readonly string[], forMs: number, nowMs: BootMs): PanicState['test'] {
  return inputs.length === 0 || forMs <= 0 ? null : { inputs, untilMs: nowMs + forMs };
}

function edge(
  rules: PanicRules,
  state: PanicState,
  { input, edge: { active, edges, atMonoMs } }: Extract<PanicInput, { kind: 'edge' }>,
  nowMs: BootMs,
): Turn {
  if (state.contacts[input]?.active === active && state.contacts[input]?.fresh) return only(state);
  const atMs = Math.min(atMonoMs, nowMs);
  // What was due before this edge comes first: after a freeze the kernel's buffered edges arrive all at once.
  const due = lapse(rules, state, atMs);
  const moved = then(due, (next) =>
    active
      ? down(rules, next, { input, edges, atMs, cause: 'edge' })
      : up(rules, next, { input, atMs, cause: 'edge' }),
  );
  return then(moved, (next) => lapse(rules, next, nowMs));
}

/**
 * The level found at start. A button or pedal found closed that was open before is a press; one never seen before is
 * not (a wrong wiring would call for help at each installation), but it will be found stuck. A case found open is
 * told unless that is known already.
 */
function level(
  rules: PanicRules,
  state: PanicState,
  { input, active }: Extract<PanicInput, { kind: 'level' }>,
  nowMs: BootMs,
): Turn {
  const contact = state.contacts[input];
  if (contact === undefined || contact.fresh) return only(state);
  const news = contact.active !== active;
  const unknown = contact.active === null;
  if (active && news && !(unknown && contact.kind !== 'tamper')) {
    return down(rules, state, { input, edges: 1, atMs: nowMs, cause: 'start' });
  }
  if (!active && news && !unknown) return up(rules, state, { input, atMs: nowMs, cause: 'start' });
  return put(state, input, {
    ...contact,
    active,
    fresh: true,
    sinceMs: unknown ? nowMs : contact.sinceMs,
  });
}

function lapseRest(rules: PanicRules, state: PanicState, nowMs: BootMs): PanicState {
  const next = expire(rules, state, nowMs);
  const over = next.test !== null && nowMs >= next.test.untilMs;
  return over ? { ...next, test: null } : next;
}

/**
 * The siren sounds from a press until its maximum, or until somebody has taken the call. Further presses sound it
 * again only after it was silent for as long as it may sound, so that a broken contact cannot keep it going.
 */
function sirens(
  rules: PanicRules,
  before: PanicState,
  state: PanicState,
  { records, nowMs }: { records: readonly RecordEffect[]; nowMs: BootMs },
): PanicState {
  let { siren } = state;
  if (records.some(isOwnPress) && maySound(rules, state, nowMs))
    siren = { untilMs: nowMs + rules.pressSirenMs };
  if (siren !== null && siren.untilMs > nowMs + rules.sirenMaxMs)
    siren = { untilMs: nowMs + rules.sirenMaxMs };
  if (siren !== null && (nowMs >= siren.untilMs || isTaken(before, state))) siren = null;
  if (siren === before.siren && siren === state.siren) return state;
  const off = siren === null && before.siren !== null;
  return { ...state, siren, sirenOffMs: off ? nowMs : state.sirenOffMs };
}

const maySound = (rules: PanicRules, state: PanicState, nowMs: BootMs): boolean =>
  rules.pressSirenMs > 0 &&
  state.siren === null &&
  (state.sirenOffMs === null || nowMs - state.sirenOffMs >= rules.sirenMaxMs);

function isOwnPress(record: RecordEffect): boolean {
  if (record.kind !== 'recordAlarm') return false;
  const { alarm } = record;
  return alarm.type.startsWith('wp.panic.') && !('folded' in alarm && alarm.folded);
}

function isTaken(before: PanicState, state: PanicState): boolean {
  const taken = ['acknowledged', 'attending', 'closed'];
  return taken.includes(phaseOf(state)) && !taken.includes(phaseOf(before));
}

/** What is said beside the alarm's own prompt. */
function asides(before: PanicState, after: PanicState, records: readonly RecordEffect[]): PanicEffect[] {
  const effects: PanicEffect[] = [];
  const aside = (key: string, priority: 'hazard' | 'guidance') =>
    effects.push({ kind: 'say', key, priority, repeatEveryMs: null });
  if (before.test === null && after.test !== null) aside('test.begin', 'guidance');
  if (before.test !== null && after.test === null) aside('test.end', 'guidance');
  const stuck = records.some((record) => record.kind === 'recordEvent' && isStuck(record));
  if (stuck) aside('alarm.stuck', 'hazard');
  return effects;
}

const isStuck = ({ event }: Extract<RecordEffect, { kind: 'recordEvent' }>): boolean =>
  event.type === 'wp.health.changed.v1' && event.state === 'degraded';

function urge(records: readonly RecordEffect[]): PanicEffect[] {
  return records.some(({ kind }) => kind === 'recordAlarm') ? [{ kind: 'urgeLink' }] : [];
}

function bookkeeping(before: PanicState, after: PanicState, records: readonly RecordEffect[]): PanicEffect[] {
  const effects: PanicEffect[] = [];
  const told = phaseOf(before) !== phaseOf(after) || before.shown !== after.shown;
  if (told) effects.push({ kind: 'stateChanged' });
  const alarmed = records.some(({ kind }) => kind === 'recordAlarm');
  const isNews = before.call !== after.call && !isMerelySent(before, after);
  if (isNews || alarmed || isLetGo(before, after)) effects.push({ kind: 'remember', when: 'at-once' });
  else if (before.call !== after.call || before.contacts !== after.contacts)
    effects.push({ kind: 'remember', when: 'soon' });
  return effects;
}

/** Killed before this is written, the next start would take a press that it finds held for the one that was let go. */
const isLetGo = (before: PanicState, after: PanicState): boolean =>
  before.contacts !== after.contacts &&
  Object.entries(after.contacts).some(([name, contact]) => {
    const was = before.contacts[name];
    return isOpen(contact) && was !== undefined && was.active !== null && !isOpen(was);
  });

const isOpen = ({ active, releaseDueMs }: Contact): boolean => active === false && releaseDueMs === null;

/** Writing it down at once would hold up the receipt behind it; after a restart it is sent, and confirmed, again. */
const isMerelySent = (before: PanicState, after: PanicState): boolean =>
  before.call?.delivery === 'stored' && after.call?.delivery === 'sent';

const only = (state: PanicState): Turn => ({ state, records: [] });

const sameShown = (a: PanicState['shown'], b: PanicState['shown']): boolean =>
  a.lamp === b.lamp &&
  a.siren === b.siren &&
  a.prompt?.key === b.prompt?.key &&
  a.prompt?.about === b.prompt?.about;
