import type { DeviceItem, IncidentDetail, IncidentItem } from '#contract/http.ts';
import type { ConsoleEvent, SentAction, Snapshot } from './events.ts';
import { type ConsoleState, type FocusRequest, initialState, type Trouble } from './model.ts';
import { listedIncidents, nextActions } from './ranking.ts';
import { ringingAfter } from './ringing.ts';

/** The page's one state machine: pure, so that every rule of it is tested without a browser. */
export function reduce(state: ConsoleState, event: ConsoleEvent): ConsoleState {
  switch (event.type) {
    case 'session-needed':
      return signedOut(state, event.trouble);
    case 'session-opened':
      return { ...state, session: 'open', trouble: null };
    case 'snapshot':
      return state.session !== 'open' ? state : withSnapshot(state, event.snapshot);
    case 'incident':
      return state.session !== 'open' ? state : settleSelection(withIncident(state, event.incident));
    case 'device':
      return { ...state, devices: withDevice(state.devices, event.device) };
    case 'detail':
      return withDetail(state, event.detail);
    case 'connection':
      return withConnection(state, event);
    case 'selected':
      return select(state, event.id);
    case 'moved':
      return moveSelection(state, event.by);
    case 'opened':
      return state.selectedId === null ? state : { ...state, pane: 'detail', focus: ask(state, 'detail') };
    case 'backed':
      return back(state);
    case 'form-opened':
      return state.selectedId === null ? state : { ...state, form: event.form, pane: 'detail' };
    case 'note-typed':
      return { ...state, note: event.note };
    case 'action-sent':
      return { ...state, busy: true, trouble: null };
    case 'action-done':
      return withDone(state, event.sent);
    case 'action-failed':
      return { ...state, busy: false, trouble: event.trouble };
    case 'order':
      return { ...state, orders: new Map(state.orders).set(event.device, event.outcome) };
    case 'trouble-closed':
      return { ...state, trouble: null };
    case 'silenced':
      return { ...state, ringing: new Set() };
    case 'sound-unlocked':
      return { ...state, sound: 'on' };
    case 'help-toggled':
      return { ...state, help: !state.help };
    case 'screen-chosen':
      return { ...state, screen: event.screen, help: false };
    case 'language':
      return { ...state, language: event.language };
  }
}

/** Whoever is not signed in is shown nothing and called by nothing. */
function signedOut(state: ConsoleState, trouble: Trouble | null): ConsoleState {
  const { language, sound, connection } = state;
  const fresh = initialState(language, connection.sinceMs);
  return { ...fresh, sound, session: 'needed', trouble };
}

function withSnapshot(state: ConsoleState, snapshot: Snapshot): ConsoleState {
  const listed = new Set(snapshot.incidents.map((item) => item.id));
  const gone = (id: string) => snapshot.knownBefore.has(id) && !listed.has(id);
  // What was just reviewed is listed no more, but stays on show until it is left.
  const shown = ({ id, state: now }: IncidentItem) => id === state.selectedId && now === 'reviewed';
  const kept = new Map([...state.incidents].filter(([id, item]) => !gone(id) || shown(item)));
  const ringing = new Set([...state.ringing].filter((id) => kept.has(id)));
  const base = { ...state, incidents: kept, ringing, syncedAtMs: snapshot.atMs, skewMs: snapshot.skewMs };
  const merged = snapshot.incidents.reduce<ConsoleState>(withIncident, base);
  const devices = snapshot.devices.reduce(withDevice, new Map<string, DeviceItem>());
  return settleSelection({ ...merged, devices });
}

/** The newest `rev` wins, by whichever way it came. */
function withIncident(state: ConsoleState, item: IncidentItem): ConsoleState {
  const before = state.incidents.get(item.id);
  if (before !== undefined && before.rev > item.rev) return state;
  const incidents = new Map(state.incidents).set(item.id, item);
  const ringing = ringingAfter(state.ringing, before, item);
  const next = { ...state, incidents, ringing };
  return item.id === state.selectedId && before?.state !== item.state ? withStep(next, item) : next;
}

/** The selected incident has moved on: what was sent has arrived, and a form for a step already taken closes. */
function withStep(state: ConsoleState, item: IncidentItem): ConsoleState {
  const isVoid = state.form !== null && !nextActions(item).includes(state.form);
  return { ...state, busy: false, form: isVoid ? null : state.form };
}

function withDevice(devices: ReadonlyMap<string, DeviceItem>, device: DeviceItem) {
  return new Map(devices).set(device.id, device);
}

function withDetail(state: ConsoleState, detail: IncidentDetail): ConsoleState {
  const known = state.incidents.get(detail.id);
  const next = known !== undefined && known.rev >= detail.rev ? state : withIncident(state, detail);
  if (detail.id !== state.selectedId) return next;
  if (state.detail?.id === detail.id && state.detail.rev > detail.rev) return next;
  return { ...next, detail };
}

function withConnection(
  state: ConsoleState,
  { state: now, atMs }: Extract<ConsoleEvent, { type: 'connection' }>,
): ConsoleState {
  // `since` is when it went down, not when the last attempt to come back failed.
  return now === state.connection.state ? state : { ...state, connection: { state: now, sinceMs: atMs } };
}

/**
 * The stream may tell of a step before its own answer comes, and the dispatcher may be a step further by then: only
 * what was sent is cleared away.
 */
function withDone(state: ConsoleState, sent: SentAction): ConsoleState {
  if (state.selectedId !== sent.id) return { ...state, busy: false };
  const form = state.form === sent.form ? null : state.form;
  const note = state.note === sent.note ? '' : state.note;
  return { ...state, busy: false, form, note };
}

function select(state: ConsoleState, id: string): ConsoleState {
  if (!state.incidents.has(id)) return state;
  return { ...selectOnly(state, id), screen: 'desk', pane: 'detail', focus: ask(state, 'detail') };
}

function selectOnly(state: ConsoleState, id: string): ConsoleState {
  if (state.selectedId === id) return state;
  return { ...state, selectedId: id, detail: null, form: null, note: '', trouble: null };
}

function moveSelection(state: ConsoleState, by: 1 | -1): ConsoleState {
  const ids = listedIncidents(state).map((item) => item.id);
  const at = state.selectedId === null ? -1 : ids.indexOf(state.selectedId);
  const target = ids[at === -1 ? 0 : Math.min(Math.max(at + by, 0), ids.length - 1)];
  if (target === undefined) return state;
  return { ...selectOnly(state, target), focus: ask(state, 'row') };
}

function back(state: ConsoleState): ConsoleState {
  if (state.help) return { ...state, help: false };
  if (state.screen !== 'desk') return { ...state, screen: 'desk', focus: ask(state, 'row') };
  if (state.form !== null) return { ...state, form: null, focus: ask(state, 'detail') };
  return { ...state, pane: 'list', trouble: null, focus: ask(state, 'row') };
}

/**
 * Something is always selected while there is something to select; but a selection never jumps by itself, so
 * that a key pressed for one incident cannot hit another that has just come in. What was reviewed stays until left.
 */
function settleSelection(state: ConsoleState): ConsoleState {
  if (state.selectedId !== null && state.incidents.has(state.selectedId)) return state;
  const first = listedIncidents(state)[0];
  if (first !== undefined) return selectOnly({ ...state, pane: 'list' }, first.id);
  return { ...state, selectedId: null, detail: null, form: null, pane: 'list' };
}

const ask = (state: ConsoleState, target: FocusRequest['target']): FocusRequest => ({
  target,
  n: state.focus.n + 1,
});
