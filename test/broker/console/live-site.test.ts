import t from 'tap';
import type { Answer } from '#broker/console/api/answer.ts';
import { LiveSite, POLL_MS } from '#broker/console/control/live-site.ts';
import type { ConsoleEvent } from '#broker/console/state/events.ts';
import { type ConsoleState, initialState, type Trouble } from '#broker/console/state/model.ts';
import { reduce } from '#broker/console/state/reduce.ts';
import { Store } from '#broker/console/state/store.ts';
import type { DeviceItem, IncidentDetail } from '#contract/http.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { sampleDevice, sampleIncident } from './samples.ts';

/** A client that answers from memory. */
class MemoryClient {
  readonly items: IncidentDetail[] = [];
  trouble: Trouble['kind'] | null = null;
  dateMs: number | null = null;
  lists = 0;

  async incidents(states: readonly string[]): Promise<Answer<IncidentDetail[]>> {
    return this.#answer(this.items.filter(({ state }) => states.includes(state)));
  }

  async devices(): Promise<Answer<DeviceItem[]>> {
    this.lists += 1;
    return this.#answer([sampleDevice()]);
  }

  #answer<T>(value: T): Answer<T> {
    if (this.trouble !== null)
      return { ok: false, trouble: { kind: this.trouble, code: null, detail: null } };
    return { ok: true, value, dateMs: this.dateMs };
  }
}

function setUp() {
  const clock = new ManualClock();
  const client = new MemoryClient();
  const store = new Store<ConsoleState, ConsoleEvent>(initialState('en', clock.wallMs()), reduce);
  store.dispatch({ type: 'session-opened' });
  const site = new LiveSite({ client, store, clock });
  site.start({ start: () => undefined, close: () => undefined });
  return { clock, client, store, site };
}

t.test('the page is live only once the stream is open and the list has come', async (t) => {
  const { client, store, site, clock } = setUp();
  client.items.push(sampleIncident({ id: 'a' }), sampleIncident({ id: 'r', state: 'resolved' }));
  client.trouble = 'unreachable';
  await site.onOpen();
  t.equal(store.state.connection.state, 'connecting');
  client.trouble = null;
  await clock.advance(POLL_MS);
  t.equal(store.state.connection.state, 'live');
  t.same([...store.state.incidents.keys()], ['a', 'r']);
  t.equal(clock.pending, 0, 'a live page does not poll');
});

t.test('while the stream is down the site is asked every five seconds, and the page says down', async (t) => {
  const { client, store, site, clock } = setUp();
  await site.onOpen();
  site.onDown();
  site.onDown();
  await clock.advance(0);
  const before = client.lists;
  client.items.push(sampleIncident({ id: 'meanwhile' }));
  await clock.advance(3 * POLL_MS);
  t.equal(client.lists - before, 3);
  t.ok(store.state.incidents.has('meanwhile'));
  t.equal(store.state.connection.state, 'down', 'a list does not make a stream');
  await site.onOpen();
  t.equal(store.state.connection.state, 'live');
  t.equal(clock.pending, 0);
});

t.test('what the stream says is taken over, and what it says unreadably is asked for', async (t) => {
  const { client, store, site, clock } = setUp();
  await site.onOpen();
  site.onEvent({ event: 'incident', data: JSON.stringify(sampleIncident({ id: 'a' })), id: null });
  site.onEvent({ event: 'device', data: JSON.stringify(sampleDevice({ online: false })), id: null });
  t.ok(store.state.incidents.has('a'));
  t.equal(store.state.devices.get('dev.pillar-001')?.online, false);
  client.items.push(sampleIncident({ id: 'a' }), sampleIncident({ id: 'b' }));
  const before = client.lists;
  site.onEvent({ event: 'incident', data: '{"id":', id: null });
  site.onEvent({ event: 'weather', data: 'sun', id: null });
  await clock.advance(0);
  t.equal(client.lists - before, 1);
  t.ok(store.state.incidents.has('b'));
});

t.test('a session that has ended asks for a token and stops asking the site', async (t) => {
  const { client, store, site, clock } = setUp();
  site.onDown();
  client.trouble = 'unauthorised';
  await clock.advance(POLL_MS);
  t.equal(store.state.session, 'needed');
  t.equal(clock.pending, 0);
});

t.test('a wrong clock of this machine does not bend the timers, a rounded Date header neither', async (t) => {
  const { client, store, site, clock } = setUp();
  client.dateMs = clock.wallMs() - 999;
  await site.onOpen();
  t.equal(store.state.skewMs, 0);
  client.dateMs = clock.wallMs() + 3_600_000;
  await site.sync();
  t.equal(store.state.skewMs, 3_600_000);
});
