import { once } from 'node:events';
import t from 'tap';
import { DeviceState } from '#contract/messages.ts';
import { freePort } from '#test/support/free-port.ts';
import { linkParts, reaches } from './support/link-parts.ts';
import { TestBroker } from './support/test-broker.ts';

const STATE = 'wp/1/demo/pillar-001/up/state';
const DOWN = 'wp/1/demo/pillar-001/down';
type Tap = Pick<typeof t, 'teardown'>;
const turn = () => new Promise((resolve) => setImmediate(resolve));

async function begin(test: Tap) {
  const broker = await new TestBroker().start();
  const parts = linkParts([broker.url]);
  test.teardown(async () => {
    await parts.link.close();
    await broker.close();
  });
  return { broker, ...parts };
}

t.test('the state comes first, then the subscription, then the traffic', async (t) => {
  const { broker, link, traffic } = await begin(t);
  link.start();
  await reaches(link, 'up');
  traffic.session?.publish('wp/1/demo/pillar-001/up/alarm', '{}', () => undefined);
  await broker.hears(({ topic }) => topic.endsWith('/alarm'));
  t.same(broker.steps, [`publish ${STATE}`, `subscribe ${DOWN}/#`, 'publish wp/1/demo/pillar-001/up/alarm']);
  const state = broker.heard[0];
  t.equal(state?.retain, true);
  t.match(DeviceState.parse(JSON.parse(state?.body ?? '')), {
    online: true,
    boot: 1,
    conn: 1,
    supervisionS: 60,
    lanes: { alarm: { epoch: 'epoch-1' } },
  });
});

t.test('the last will says offline with the same boot and connection', async (t) => {
  const { broker, link } = await begin(t);
  link.start();
  await reaches(link, 'up');
  broker.cut();
  await reaches(link, 'waiting');
  const will = await broker.hears(({ body }) => body.includes('"online":false'));
  t.same(JSON.parse(will.body), { online: false, boot: 1, conn: 1 });
  t.equal(will.topic, STATE);
  t.equal(will.retain, true);
});

t.test('who leaves says so, and no will follows', async (t) => {
  const { broker, link } = await begin(t);
  link.start();
  await reaches(link, 'up');
  await link.close();
  await link.close();
  const goodbyes = broker.heard.filter(({ body }) => body.includes('"online":false'));
  t.equal(goodbyes.length, 1);
  t.match(JSON.parse(goodbyes[0]?.body ?? ''), { online: false, supervisionS: 60 });
  t.equal(link.state, 'closed');
});

t.test('starts and connections are counted over restarts', async (t) => {
  const { broker, link, clock, memory } = await begin(t);
  link.start();
  await reaches(link, 'up');
  broker.cut();
  await reaches(link, 'waiting');
  const up = reaches(link, 'up');
  await clock.advance(5_000);
  await up;
  await broker.hears(({ body }) => body.includes('"boot":1,"conn":2') && body.includes('"online":true'));
  await link.close();
  const next = linkParts([broker.url], { memory });
  t.teardown(() => next.link.close());
  next.link.start();
  await reaches(next.link, 'up');
  await broker.hears(({ body }) => body.includes('"boot":2,"conn":1'));
  t.pass('both were seen at the broker');
});

t.test('a press ends the wait at once', async (t) => {
  const { broker, link, clock } = await begin(t);
  link.start();
  await reaches(link, 'up');
  broker.cut();
  await reaches(link, 'waiting');
  const before = clock.monoMs();
  link.urge();
  await reaches(link, 'up');
  t.equal(clock.monoMs(), before, 'no time has passed');
  t.equal(broker.connections, 2);
});

t.test('no PUBACK for five seconds makes the connection anew', async (t) => {
  const { broker, link, clock, log, traffic } = await begin(t);
  link.start();
  await reaches(link, 'up');
  await clock.advance(4_000);
  broker.confirms = false;
  const failed = new Promise<Error | null>((resolve) => {
    traffic.session?.publish('wp/1/demo/pillar-001/up/alarm', '{}', resolve);
  });
  await broker.hears(({ topic }) => topic.endsWith('/alarm'));
  await clock.advance(4_900);
  t.equal(link.state, 'up');
  await clock.advance(200);
  t.match(await failed, { code: 'WP2202' });
  t.ok(log.codes().includes('WP2202'));
  broker.confirms = true;
  const up = reaches(link, 'up');
  link.urge();
  await up;
  t.ok(traffic.session !== null);
});

t.test('several addresses are tried in their order', async (t) => {
  const broker = await new TestBroker().start();
  const dead = `mqtt://127.0.0.1:${await freePort()}`;
  const opened: string[] = [];
  const { link, clock } = linkParts([dead, broker.url]);
  t.teardown(async () => {
    await link.close();
    await broker.close();
  });
  link.onState((state) => opened.push(state));
  link.start();
  await reaches(link, 'waiting');
  const up = reaches(link, 'up');
  await clock.advance(2_500);
  await up;
  t.same(opened, ['connecting', 'waiting', 'connecting', 'up']);
  t.equal(link.counters.attempts, 2);
});

t.test('messages that cannot be read are counted and skipped', async (t) => {
  const { broker, link, log, traffic } = await begin(t);
  link.start();
  await reaches(link, 'up');
  const commands: string[] = [];
  link.onCommand(({ id }) => {
    commands.push(id);
    throw new RangeError('a listener of bad manners');
  });
  await broker.send(`${DOWN}/receipt`, 'not json');
  await broker.send(`${DOWN}/receipt`, '{"ledgerId":1}');
  await broker.send(`${DOWN}/nonsense`, '{}');
  await broker.send(`${DOWN}/command`, JSON.stringify({ id: 'c1', name: 'siren' }));
  await broker.send(`${DOWN}/blob/abc/0`, 'xyz');
  const command = { id: 'c2', name: 'selftest', args: {}, issuedAt: '2026-11-20T00:00:00Z' };
  await broker.send(`${DOWN}/command`, JSON.stringify({ ...command, expiresAt: '2026-11-20T00:01:00Z' }));
  const received = new Promise<void>((resolve) => {
    traffic.onReceipt = resolve;
  });
  const receipt = { ledgerId: 'l', epoch: 'e', lane: 'alarm', upTo: 0, atId: null, siteTime: 'x' };
  await broker.send(`${DOWN}/receipt`, JSON.stringify(receipt));
  await received;
  t.same(commands, ['c2']);
  t.equal(link.counters.unreadable, 4);
  t.equal(link.state, 'up');
  t.ok(log.codes().includes('WP2208'), 'the listener that threw is reported');
});

t.test('incidents are passed on', async (t) => {
  const { broker, link } = await begin(t);
  link.start();
  await reaches(link, 'up');
  const heard = new Promise((resolve) => link.onIncident(resolve));
  const notice = { incidentId: 'i1', alarmIds: ['a'], state: 'acknowledged', rev: 2 };
  await broker.send(`${DOWN}/incident`, JSON.stringify(notice));
  t.same(await heard, notice);
});

t.test('a refused subscription is a failed connection', async (t) => {
  const { broker, link, log, traffic } = await begin(t);
  broker.allowsSubscriptions = false;
  link.start();
  await reaches(link, 'waiting');
  t.ok(log.codes().includes('WP2203'));
  t.equal(traffic.session, null, 'nothing was sent into the void');
});

t.test('a broker that never answers a SUBSCRIBE is given up', async (t) => {
  const { broker, link, clock, log, traffic } = await begin(t);
  broker.answersSubscriptions = false;
  link.start();
  while (!broker.steps.some((step) => step.startsWith('subscribe'))) await turn();
  await clock.advance(10_000);
  t.ok(log.codes().includes('WP2207'));
  t.equal(link.state, 'waiting');
  t.equal(traffic.session, null);
});

t.test('a broker that never answers is given up', async (t) => {
  const { createServer } = await import('node:net');
  const mute = createServer();
  mute.listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const address = mute.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const { link, clock, log } = linkParts([`mqtt://127.0.0.1:${port}`]);
  t.teardown(async () => {
    await link.close();
    mute.close();
  });
  link.start();
  await once(mute, 'connection');
  await clock.advance(10_000);
  t.ok(log.codes().includes('WP2207'));
  t.equal(link.state, 'waiting');
});

t.test('replies wait for the link', async (t) => {
  const { broker, link } = await begin(t);
  link.reply({ id: 'c1', name: 'speak', ok: true, at: '2026-11-20T00:00:00.000Z' });
  link.start();
  const heard = await broker.hears(({ topic }) => topic.endsWith('/reply'));
  t.match(JSON.parse(heard.body), { id: 'c1', ok: true });
  t.equal(heard.retain, false);
});

t.test('many changes of state are one message', async (t) => {
  const { broker, link, clock } = await begin(t);
  link.start();
  await reaches(link, 'up');
  for (let n = 0; n < 10; n += 1) link.stateChanged();
  await clock.advance(100);
  link.reply({ id: 'last', name: 'speak', ok: true, at: '2026-11-20T00:00:00.000Z' });
  await broker.hears(({ topic }) => topic.endsWith('/reply'));
  t.equal(broker.heard.filter(({ topic }) => topic === STATE).length, 2);
});

t.test('nothing is left behind after close', async (t) => {
  const { broker, link, clock } = await begin(t);
  link.start();
  await reaches(link, 'up');
  await link.close();
  t.equal(clock.pending, 0);
  t.equal(broker.connections, 1);
});
