import t from 'tap';
import type { ConsoleEvent } from '#broker/console/state/events.ts';
import { type ConsoleState, initialState } from '#broker/console/state/model.ts';
import { listedIncidents } from '#broker/console/state/ranking.ts';
import { reduce } from '#broker/console/state/reduce.ts';
import type { DeviceItem, IncidentDetail } from '#contract/http.ts';
import { sampleDevice, sampleIncident } from './samples.ts';

const NOW = Date.UTC(2026, 0, 1);
const at = (secondsAgo: number) => new Date(NOW - secondsAgo * 1000).toISOString();

function after(...events: ConsoleEvent[]): ConsoleState {
  const opened = reduce(initialState('en', NOW), { type: 'session-opened' });
  return events.reduce(reduce, opened);
}

function snapshot(
  incidents: IncidentDetail[],
  knownBefore: string[] = [],
  devices: DeviceItem[] = [],
): ConsoleEvent {
  const known = new Set(knownBefore);
  return { type: 'snapshot', snapshot: { incidents, devices, knownBefore: known, atMs: NOW, skewMs: 0 } };
}

const incident = (item: IncidentDetail): ConsoleEvent => ({ type: 'incident', incident: item });

t.test('the first list selects the most urgent incident', async (t) => {
  const old = sampleIncident({ id: 'old', openedAt: at(100) });
  const test = sampleIncident({ id: 'test', openedAt: at(1), test: true });
  const left = sampleIncident({ id: 'left', openedAt: at(2), type: 'wp.object.left.v1' });
  const state = after(snapshot([test, left, old]));
  t.equal(state.selectedId, 'old');
  t.same(
    listedIncidents(state).map(({ id }) => id),
    ['old', 'left', 'test'],
  );
});

t.test('a new alarm never takes the selection away from what the dispatcher works on', async (t) => {
  const first = sampleIncident({ id: 'first', type: 'wp.object.left.v1' });
  const state = after(snapshot([first]), incident(sampleIncident({ id: 'second' })));
  t.equal(state.selectedId, 'first');
  t.equal(listedIncidents(state)[0]?.id, 'second');
});

t.test('the newest revision wins, by whichever way it came', async (t) => {
  const newer = sampleIncident({ id: 'one', rev: 3, state: 'assigned' });
  const older = sampleIncident({ id: 'one', rev: 2, state: 'acknowledged' });
  t.equal(after(incident(newer), incident(older)).incidents.get('one')?.state, 'assigned');
  t.equal(after(incident(newer), snapshot([older], ['one'])).incidents.get('one')?.state, 'assigned');
});

t.test('what a list no longer names is gone, unless it came while the list was on its way', async (t) => {
  const gone = sampleIncident({ id: 'gone' });
  const fresh = sampleIncident({ id: 'fresh' });
  const state = after(incident(gone), incident(fresh), snapshot([], ['gone']));
  t.same([...state.incidents.keys()], ['fresh']);
  t.equal(state.selectedId, 'fresh', 'the selection goes to what is there');
  t.same([...state.ringing], ['fresh']);
});

t.test('what was just reviewed is listed no more but stays on show until it is left', async (t) => {
  const items = [sampleIncident({ id: 'a' }), sampleIncident({ id: 'b' })];
  const reviewed = sampleIncident({ id: 'a', rev: 2, state: 'reviewed' });
  const list = snapshot(items.slice(1), ['a', 'b']);
  const state = after(snapshot(items), { type: 'selected', id: 'a' }, incident(reviewed), list);
  t.equal(state.selectedId, 'a');
  t.same(
    listedIncidents(state).map(({ id }) => id),
    ['b'],
  );
  t.notOk([{ type: 'moved', by: 1 } as const, list].reduce<ConsoleState>(reduce, state).incidents.has('a'));
});

t.test('j and k move within the list and stop at its ends', async (t) => {
  const items = ['a', 'b', 'c'].map((id, index) => sampleIncident({ id, openedAt: at(index) }));
  const down: ConsoleEvent = { type: 'moved', by: 1 };
  const state = after(snapshot(items), down, down, down);
  t.equal(state.selectedId, 'c');
  t.same(state.focus, { target: 'row', n: 3 });
  t.equal(reduce(state, { type: 'moved', by: -1 }).selectedId, 'b');
  t.equal(after(down).selectedId, null, 'an empty list has nowhere to go');
});

t.test('Escape leaves help, then the form, then the incident', async (t) => {
  const back: ConsoleEvent = { type: 'backed' };
  const deep = after(
    snapshot([sampleIncident()]),
    { type: 'form-opened', form: 'assign' },
    { type: 'help-toggled' },
  );
  const noHelp = reduce(deep, back);
  t.match(noHelp, { help: false, form: 'assign' });
  const noForm = reduce(noHelp, back);
  t.match(noForm, { form: null, pane: 'detail' });
  t.match(reduce(noForm, back), { pane: 'list', focus: { target: 'row' } });
});

t.test('another selection drops what was typed and said for the one before', async (t) => {
  const items = [sampleIncident({ id: 'a', openedAt: at(1) }), sampleIncident({ id: 'b', openedAt: at(2) })];
  const state = after(
    snapshot(items),
    { type: 'note-typed', note: 'for a' },
    { type: 'form-opened', form: 'resolve' },
    { type: 'selected', id: 'b' },
  );
  t.match(state, { selectedId: 'b', note: '', form: null, trouble: null, pane: 'detail' });
  t.equal(reduce(state, { type: 'selected', id: 'unknown' }), state);
});

t.test('details belong to the selected incident and never go back in time', async (t) => {
  const item = sampleIncident({ id: 'a', rev: 2 });
  const state = after(incident(item), { type: 'detail', detail: item });
  t.equal(state.detail, item);
  t.equal(reduce(state, { type: 'detail', detail: { ...item, rev: 1 } }).detail, item);
  t.equal(reduce(state, { type: 'detail', detail: sampleIncident({ id: 'b' }) }).detail, item);
  t.equal(
    reduce(state, { type: 'detail', detail: { ...item } }).incidents,
    state.incidents,
    'the same revision changes no list, or it would be fetched again for ever',
  );
});

t.test('"down since" is when the stream was lost, not when the last attempt failed', async (t) => {
  const state = after(
    { type: 'connection', state: 'live', atMs: 1 },
    { type: 'connection', state: 'down', atMs: 2 },
    { type: 'connection', state: 'down', atMs: 3 },
  );
  t.same(state.connection, { state: 'down', sinceMs: 2 });
});

t.test('a refused step says why and stays busy no longer', async (t) => {
  const trouble = { kind: 'conflict', code: 'WP3201', detail: null } as const;
  const state = after({ type: 'action-sent' }, { type: 'action-failed', trouble });
  t.match(state, { busy: false, trouble });
  t.equal(reduce(state, { type: 'trouble-closed' }).trouble, null);
});

t.test('the late answer to one step does not take away what was begun for the next', async (t) => {
  const sent = { id: 'a', form: null, note: 'first' };
  const begun = after(
    incident(sampleIncident({ id: 'a' })),
    { type: 'note-typed', note: 'first' },
    { type: 'action-sent' },
    incident(sampleIncident({ id: 'a', rev: 2, state: 'on-scene', nextEscalationAt: null })),
    { type: 'form-opened', form: 'resolve' },
  );
  t.equal(begun.busy, false, 'the next step may be sent at once');
  t.match(reduce(begun, { type: 'action-done', sent }), { busy: false, form: 'resolve', note: '' });
  const typed = reduce(begun, { type: 'note-typed', note: 'second' });
  t.equal(reduce(typed, { type: 'action-done', sent }).note, 'second');
  t.equal(reduce(begun, { type: 'action-done', sent: { ...sent, form: 'resolve' } }).form, null);
});

t.test('a form closes when a colleague has taken that very step', async (t) => {
  const state = after(
    incident(sampleIncident({ id: 'a' })),
    { type: 'form-opened', form: 'assign' },
    incident(sampleIncident({ id: 'a', rev: 2, state: 'on-scene', nextEscalationAt: null })),
  );
  t.equal(state.form, null);
});

t.test('whoever is signed out sees nothing, hears nothing, and is told nothing late', async (t) => {
  const out = reduce(after(snapshot([sampleIncident()], [], [sampleDevice()])), {
    type: 'session-needed',
    trouble: null,
  });
  t.match(out, { session: 'needed', selectedId: null });
  const late = [incident(sampleIncident()), snapshot([sampleIncident()])].reduce(reduce, out);
  t.same([late.incidents.size, late.devices.size, late.ringing.size], [0, 0, 0]);
});

t.test('a list replaces the devices, an event one of them', async (t) => {
  const state = after(snapshot([], [], [sampleDevice(), sampleDevice({ device: 'robot-001' })]), {
    type: 'device',
    device: sampleDevice({ online: false }),
  });
  t.equal(state.devices.get('dev.pillar-001')?.online, false);
  t.equal(state.devices.size, 2);
  t.equal(reduce(state, snapshot([])).devices.size, 0);
});
