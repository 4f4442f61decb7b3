import t from 'tap';
import type { Answer } from '#broker/console/api/answer.ts';
import type { Credentials } from '#broker/console/api/client.ts';
import { DetailFollower } from '#broker/console/control/detail-follower.ts';
import { IncidentDesk } from '#broker/console/control/incident-desk.ts';
import { Session, tokenOfHash } from '#broker/console/control/session.ts';
import type { ConsoleEvent } from '#broker/console/state/events.ts';
import { type ConsoleState, initialState } from '#broker/console/state/model.ts';
import { reduce } from '#broker/console/state/reduce.ts';
import { Store } from '#broker/console/state/store.ts';
import type { IncidentDetail, IncidentItem } from '#contract/http.ts';
import { sampleIncident } from './samples.ts';

const openStore = (incident: IncidentDetail) => {
  const store = new Store<ConsoleState, ConsoleEvent>(initialState('en', 0), reduce);
  store.dispatch({ type: 'session-opened' });
  store.dispatch({ type: 'incident', incident });
  return store;
};
const conflict = { kind: 'conflict', code: 'WP3201', detail: null } as const;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function setUp(incident: IncidentDetail, answer: (item: IncidentDetail) => Answer<IncidentItem>) {
  const sent: unknown[] = [];
  let refreshed = 0;
  const store = openStore(incident);
  const client = {
    act: async (id: string, action: string, body: object) => {
      sent.push([id, action, body]);
      return answer(incident);
    },
  };
  const refresh = async () => {
    refreshed += 1;
  };
  return { store, sent, desk: new IncidentDesk({ client, store, refresh }), refreshed: () => refreshed };
}

const taken = (item: IncidentDetail): Answer<IncidentItem> => ({
  ok: true,
  value: { ...item, rev: item.rev + 1, state: 'acknowledged' },
  dateMs: null,
});

t.test('acknowledging is sent at once, once, with the note', async (t) => {
  const { store, sent, desk, refreshed } = setUp(sampleIncident({ id: 'a' }), taken);
  store.dispatch({ type: 'note-typed', note: ' on my way ' });
  desk.begin('acknowledge');
  desk.begin('acknowledge');
  await turn();
  t.same(sent, [['a', 'acknowledge', { note: 'on my way' }]]);
  t.match(store.state, { busy: false, note: '' });
  t.equal(store.state.incidents.get('a')?.state, 'acknowledged');
  t.equal(store.state.ringing.size, 0);
  t.equal(refreshed(), 1);
});

t.test('assigning and resolving ask for a word first', async (t) => {
  const { store, sent, desk } = setUp(sampleIncident({ id: 'a' }), taken);
  desk.begin('assign');
  t.equal(store.state.form, 'assign');
  t.same(sent, []);
  await desk.send('assign', { assignee: 'Guard 2' });
  t.same(sent, [['a', 'assign', { assignee: 'Guard 2' }]]);
  t.equal(store.state.form, null);
});

t.test('a step that the state does not allow is not sent', async (t) => {
  const { sent, desk, store } = setUp(sampleIncident({ state: 'resolved' }), taken);
  desk.begin('acknowledge');
  desk.begin('assign');
  await turn();
  t.same(sent, []);
  t.equal(store.state.form, null);
});

t.test('when a colleague was faster the page says so and shows what is', async (t) => {
  const { store, desk, refreshed } = setUp(sampleIncident(), () => ({ ok: false, trouble: conflict }));
  await desk.send('acknowledge', {});
  t.match(store.state, { busy: false, trouble: conflict });
  t.equal(refreshed(), 1);
});

t.test('details are fetched when the selection or its incident changes, and at no other time', async (t) => {
  const asked: string[] = [];
  const a = sampleIncident({ id: 'a' });
  const store = openStore(a);
  const client = {
    incident: async (id: string): Promise<Answer<IncidentDetail>> => {
      asked.push(id);
      return { ok: true, value: a, dateMs: null };
    },
  };
  const follower = new DetailFollower({ client, store });
  follower.start();
  store.dispatch({ type: 'incident', incident: { ...a, rev: 2 } });
  await turn();
  store.dispatch({ type: 'incident', incident: sampleIncident({ id: 'b' }) });
  store.dispatch({ type: 'help-toggled' });
  await turn();
  t.same(asked, ['a']);
  store.dispatch({ type: 'selected', id: 'b' });
  await turn();
  t.same(asked, ['a', 'b']);
  follower.close();
  store.dispatch({ type: 'selected', id: 'a' });
  t.equal(asked.length, 2);
});

t.test('a session opens by the token of the address, or by the cookie of an earlier visit', async (t) => {
  t.equal(tokenOfHash('#token=wpt_abc'), 'wpt_abc');
  t.equal(tokenOfHash('#token='), null);
  t.equal(tokenOfHash(''), null);
  const calls: string[] = [];
  const refused: Answer<never> = {
    ok: false,
    trouble: { kind: 'unauthorised', code: 'WP3350', detail: null },
  };
  const fine: Answer<never[]> = { ok: true, value: [], dateMs: null };
  let cookie = refused;
  const client = {
    openSession: async (credentials: Credentials) => {
      const shown =
        'token' in credentials ? credentials.token : `${credentials.name}/${credentials.password}`;
      calls.push(shown);
      return shown === 'desk-1/right' ? fine : refused;
    },
    closeSession: async () => fine,
    devices: async () => (cookie === refused ? refused : fine),
  };
  const store = new Store<ConsoleState, ConsoleEvent>(initialState('en', 0), reduce);
  const onOpened = () => void calls.push('opened');
  const session = new Session({ client, store, onOpened, onClosed: () => void calls.push('closed') });
  await session.start(null);
  t.match(store.state, { session: 'needed', trouble: null }, 'no token, no reproach');
  await session.start('wrong');
  t.match(store.state, { session: 'needed', trouble: { kind: 'unauthorised' } });
  await session.open({ name: 'desk-1', password: 'right' });
  t.equal(store.state.session, 'open');
  await session.close();
  t.equal(store.state.session, 'needed');
  cookie = { ok: false, trouble: { kind: 'unreachable', code: null, detail: null } };
  await session.start(null);
  t.equal(store.state.session, 'open', 'a site that is away is no reason to ask for a token');
  t.same(calls, ['wrong', 'desk-1/right', 'opened', 'closed', 'opened']);
});
