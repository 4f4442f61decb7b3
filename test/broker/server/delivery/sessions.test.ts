import t from 'tap';
import { DEFAULT_SESSION_LIMITS, type SessionLimits } from '#broker/persistence/sessions/session-limits.ts';
import { DEFAULT_CONNECTION_LIMITS } from '#broker/server/limits/connection-limits.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { RawMqtt } from '#test/support/raw-mqtt.ts';
import { startSite, type TestSite } from '../test-site.ts';

const HOUR_MS = 3_600_000;
const TEN_YEARS_MS = 10 * 365 * 24 * HOUR_MS;
type Tap = Parameters<typeof startSite>[0];

const withLimits = (t: Tap, sessions: Partial<SessionLimits>, more: Parameters<typeof startSite>[1] = {}) =>
  startSite(t, {
    access: 'open',
    limits: { sessions: { ...DEFAULT_SESSION_LIMITS, ...sessions }, connections: DEFAULT_CONNECTION_LIMITS },
    ...more,
  });

/** A kept session that subscribes once. */
async function kept(t: Tap, { port }: TestSite, topic: string, qos: 0 | 1 | 2, clientId = 'kept') {
  const raw = await RawMqtt.connect(t, port, { clientId, clean: false });
  raw.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos }] });
  await raw.until('suback');
  return raw;
}

async function back(t: Tap, { port }: TestSite, clientId = 'kept') {
  const raw = await RawMqtt.open(t, port);
  raw.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId, clean: false, keepalive: 0 });
  const { sessionPresent } = await raw.next('connack');
  return { raw, sessionPresent };
}

async function say(site: TestSite, topics: readonly string[], qos: 1 | 2 = 1): Promise<void> {
  const talker = await site.client('talker');
  for (const topic of topics) await talker.publishAsync(topic, topic, { qos });
  await talker.endAsync();
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `t/${index + 1}`);

t.test('a session is present also without a subscription, and over a restart', async (t) => {
  const first = await withLimits(t, {});
  t.equal((await back(t, first)).sessionPresent, false, 'a new one');
  const again = await back(t, first);
  t.equal(again.sessionPresent, true);
  await again.raw.disconnect();
  await first.close();
  const second = await withLimits(t, {}, { dataDir: first.dataDir });
  t.equal((await back(t, second)).sessionPresent, true);
  const clean = await RawMqtt.connect(t, second.port, { clientId: 'kept', clean: true });
  await clean.disconnect();
  t.equal((await back(t, second)).sessionPresent, false, 'a clean one has ended it');
});

t.test('no more than the window is on its way, and what was is sent again as it was, with DUP', async (t) => {
  const site = await withLimits(t, { inFlight: 3 });
  const first = await kept(t, site, 't/#', 1);
  await say(site, numbered(6));
  const sent = [await first.until('publish'), await first.until('publish'), await first.until('publish')];
  t.same(
    sent.map(({ dup }) => dup),
    [false, false, false],
  );
  await site.site.store.commit(() => undefined);
  t.equal(first.waiting().length, 0, 'the fourth waits');
  await first.drop();
  const { raw } = await back(t, site);
  const again = [await raw.until('publish'), await raw.until('publish'), await raw.until('publish')];
  t.same(
    again.map(({ topic, messageId, dup }) => ({ topic, messageId, dup })),
    sent.map(({ topic, messageId }) => ({ topic, messageId, dup: true })),
    'same order, same packet ids',
  );
  for (const { messageId = 0 } of again) raw.send({ cmd: 'puback', messageId });
  const rest = [await raw.until('publish'), await raw.until('publish'), await raw.until('publish')];
  t.same(
    rest.map(({ topic, dup }) => [topic, dup]),
    [
      ['t/4', false],
      ['t/5', false],
      ['t/6', false],
    ],
  );
});

t.test('QoS 2 goes on in its second half after a restart: PUBREL, not PUBLISH', async (t) => {
  const first = await withLimits(t, {});
  const receiver = await kept(t, first, 't/#', 2);
  await say(first, ['t/1'], 2);
  const { messageId = 0, qos } = await receiver.until('publish');
  t.equal(qos, 2);
  receiver.send({ cmd: 'pubrec', messageId });
  await receiver.until('pubrel');
  await receiver.drop();
  await first.close();
  const second = await withLimits(t, {}, { dataDir: first.dataDir });
  const { raw } = await back(t, second);
  t.equal((await raw.next('pubrel')).messageId, messageId);
  raw.send({ cmd: 'pubcomp', messageId });
  await until(() => second.site.sessions.get('kept')?.account.statement.inFlight === 0);
  t.match(second.site.sessions.get('kept')?.account.statement, { enqueued: 1, acknowledged: 1, queued: 0 });
});

t.test('after 65,535 messages packet ids begin again, and never meet one that is on its way', async (t) => {
  const site = await withLimits(t, { inFlight: 4 });
  const first = await kept(t, site, 't/#', 1);
  await first.disconnect();
  await site.site.store.commit((sql) => sql.exec('UPDATE mqtt_session SET next_number = 65534'));
  await site.close();
  const second = await withLimits(t, { inFlight: 4 }, { dataDir: site.dataDir });
  const { raw } = await back(t, second);
  await say(second, numbered(6));
  const ids: number[] = [];
  for (let count = 0; count < 4; count += 1) ids.push((await raw.until('publish')).messageId ?? 0);
  t.same(ids, [65_534, 65_535, 1, 2]);
});

t.test('overlapping subscriptions bring one copy with the highest QoS that fits', async (t) => {
  const site = await withLimits(t, {});
  const raw = await RawMqtt.connect(t, site.port, { clientId: 'overlap', clean: true });
  const subscriptions = [
    { topic: 't/#', qos: 0 } as const,
    { topic: 't/+', qos: 1 } as const,
    { topic: 't/1', qos: 0 } as const,
  ];
  raw.send({ cmd: 'subscribe', messageId: 1, subscriptions });
  await raw.until('suback');
  await say(site, ['t/1'], 2);
  t.match(await raw.until('publish'), { topic: 't/1', qos: 1, retain: false });
  await say(site, ['t/2'], 1);
  t.match(await raw.until('publish'), { topic: 't/2', qos: 1 }, 'and nothing between them');
});

t.test('a wildcard with QoS 1 gets retained and live messages of QoS 2 as QoS 1, by one path', async (t) => {
  const site = await withLimits(t, {});
  const talker = await site.client('talker');
  await talker.publishAsync('t/state', 'kept', { qos: 2, retain: true });
  const raw = await kept(t, site, 't/#', 1);
  t.match(await raw.until('publish'), { qos: 1, retain: true, payload: Buffer.from('kept') });
  await talker.publishAsync('t/state', 'live', { qos: 2, retain: true });
  t.match(await raw.until('publish'), { qos: 1, retain: false, payload: Buffer.from('live') });
  await raw.drop();
  const { raw: again } = await back(t, site);
  const [first, second] = [await again.until('publish'), await again.until('publish')];
  t.same([first.retain, first.dup, second.retain, second.dup], [true, true, false, true]);
});

t.test('over its limit a session loses telemetry first, then other messages, then itself', async (t) => {
  const site = await withLimits(t, { messages: 4 });
  const { sessions } = site.site;
  const away = await kept(t, site, 'wp/1/#', 1);
  await away.disconnect();
  const enqueue = (lane: string, count: number) =>
    site.site.store.commit(() => {
      for (let each = 0; each < count; each += 1) {
        const topic = `wp/1/north/p-1/up/${lane}`;
        sessions.enqueue(new Map([['kept', 1]]), { topic, payload: Buffer.from(lane), qos: 1 });
      }
    });
  const lanes = () =>
    site.site.store.sql.prepare('SELECT lane FROM mqtt_outgoing ORDER BY number').pluck().all();
  await enqueue('event', 1);
  await enqueue('telemetry', 3);
  await enqueue('alarm', 2);
  await until(() => sessions.get('kept')?.account.waiting === 4);
  t.same(lanes(), [1, 2, 0, 0], 'the oldest telemetry went');
  await enqueue('alarm', 2);
  await until(() => sessions.get('kept')?.account.waiting === 4);
  t.same(lanes(), [0, 0, 0, 0], 'then what is no alarm');
  t.match(sessions.get('kept')?.account.statement, { enqueued: 8, dropped: 4, queued: 4 });
  await enqueue('alarm', 1);
  await until(() => sessions.get('kept') === undefined);
  await until(() => lanes().length === 0);
  t.equal(sessions.ends.limit, 1);
  t.match(sessions.kept.statement, { enqueued: 9, queued: 0, dropped: 9 });
  t.equal(site.site.store.sql.prepare('SELECT count(*) FROM mqtt_subscription').pluck().get(), 0);
  t.equal((await back(t, site)).sessionPresent, false);
});

t.test(
  'where all together are over, the session with most telemetry pays, and others lose nothing',
  async (t) => {
    const site = await withLimits(t, { messagesInAll: 20 });
    const { sessions } = site.site;
    for (const clientId of ['heavy', 'light'])
      await (await kept(t, site, `${clientId}/#`, 1, clientId)).disconnect();
    const enqueue = (client: string, lane: string, count: number) =>
      site.site.store.commit(() => {
        for (let each = 0; each < count; each += 1) {
          const topic = `wp/1/north/p-1/up/${lane}`;
          sessions.enqueue(new Map([[client, 1]]), { topic, payload: Buffer.from('x'), qos: 1 });
        }
      });
    await enqueue('light', 'telemetry', 3);
    await enqueue('heavy', 'telemetry', 15);
    await enqueue('light', 'alarm', 6);
    await until(() => sessions.kept.waiting <= 20);
    t.match(sessions.get('light')?.account.statement, { queued: 9, dropped: 0 });
    t.ok((sessions.get('heavy')?.account.statement.dropped ?? 0) >= 4);
  },
);

t.test('a session whose telemetry cannot be dropped does not end for another that is heavy', async (t) => {
  const site = await withLimits(t, { messagesInAll: 20 });
  const { sessions } = site.site;
  const light = await kept(t, site, 'light/#', 2, 'light');
  await (await kept(t, site, 'heavy/#', 1, 'heavy')).disconnect();
  const enqueue = (client: string, lane: string, { count = 1, qos = 1 } = {}) =>
    site.site.store.commit(() => {
      for (let each = 0; each < count; each += 1) {
        const topic = `wp/1/north/p-1/up/${lane}`;
        sessions.enqueue(new Map([[client, qos]]), { topic, payload: Buffer.from('x'), qos });
      }
    });
  await enqueue('light', 'telemetry', { qos: 2 });
  await light.until('publish');
  await light.drop();
  await until(() => sessions.get('light')?.account.waiting === 1);
  await enqueue('light', 'alarm', { count: 3 });
  await enqueue('heavy', 'event', { count: 30 });
  await until(() => sessions.kept.waiting <= 20);
  t.match(sessions.get('light')?.account.statement, { queued: 4, dropped: 0 });
  t.ok((sessions.get('heavy')?.account.statement.dropped ?? 0) >= 14);
});

t.test('messages age and sessions expire by time that passes, not by a wall clock that jumps', async (t) => {
  const site = await withLimits(t, { ageH: 0.1, expiryH: 0.5 });
  const { sessions } = site.site;
  const away = await kept(t, site, 't/#', 1);
  const session = sessions.get('kept');
  t.equal(session && sessions.expiresAt(session), null, 'its client is there');
  await away.disconnect();
  await say(site, ['t/1']);
  const expiry = new Date(site.clock.wallMs() + 0.5 * HOUR_MS).toISOString();
  t.equal(session && sessions.expiresAt(session), expiry);
  site.clock.setWall(site.clock.wallMs() + TEN_YEARS_MS);
  await site.clock.advance(0.08 * HOUR_MS);
  t.equal(sessions.get('kept')?.account.waiting, 1, 'ten years ahead, and nothing is lost');
  await site.clock.advance(0.05 * HOUR_MS);
  await until(() => sessions.get('kept')?.account.waiting === 0);
  t.equal(sessions.get('kept')?.account.dropped('age'), 1);
  await site.clock.advance(0.4 * HOUR_MS);
  await until(() => sessions.get('kept') === undefined);
  t.equal(sessions.ends.expired, 1);
});

t.test(
  'a machine that starts with its clock years ahead makes queues older by half their age at most',
  async (t) => {
    const hours = { ageH: 0.2, expiryH: 1 };
    const first = await withLimits(t, hours);
    const away = await kept(t, first, 't/#', 1);
    await away.disconnect();
    await say(first, ['t/1']);
    await first.close();
    const clock = new ManualClock(first.clock.wallMs() + TEN_YEARS_MS);
    const second = await withLimits(t, hours, { dataDir: first.dataDir, clock });
    const { sessions } = second.site;
    await clock.advance(0.08 * HOUR_MS);
    t.equal(sessions.get('kept')?.account.waiting, 1, 'half of its time is left');
    await clock.advance(0.05 * HOUR_MS);
    await until(() => sessions.get('kept')?.account.waiting === 0);
    t.equal(sessions.get('kept')?.account.dropped('age'), 1, 'and counted');
  },
);

t.test('one session too many is refused with return code 3, and those that are kept stay', async (t) => {
  const site = await withLimits(t, { sessions: 1 });
  await (await kept(t, site, 't/#', 1)).disconnect();
  const other = await RawMqtt.open(t, site.port);
  other.send({
    ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: 'other' },
    ...{ clean: false, keepalive: 0 },
  });
  t.equal((await other.next('connack')).returnCode, 3);
  t.equal((await back(t, site)).sessionPresent, true);
  t.match(await site.registry.metrics(), 'watchpost_mqtt_refused_total{reason="WP3112"} 1');
});

t.test('with a full disk a client that comes back still gets what waits for it', async (t) => {
  const site = await withLimits(t, {});
  const first = await kept(t, site, 't/#', 1);
  await first.disconnect();
  await say(site, numbered(3));
  const { sql } = site.site.store;
  await site.site.store.commit(() =>
    sql.exec(`CREATE TABLE filler (a);
      CREATE TRIGGER full BEFORE UPDATE ON mqtt_session BEGIN INSERT INTO filler VALUES (zeroblob(1000000)); END`),
  );
  sql.pragma(`max_page_count = ${Number(sql.pragma('page_count', { simple: true }))}`);
  const { raw, sessionPresent } = await back(t, site);
  t.equal(sessionPresent, true);
  const topics: string[] = [];
  for (let count = 0; count < 3; count += 1) {
    const { topic, messageId = 0 } = await raw.until('publish');
    topics.push(topic);
    raw.send({ cmd: 'puback', messageId });
  }
  t.same(topics, numbered(3));
  sql.pragma('max_page_count = 1000000');
  await raw.disconnect();
  await until(() => sql.prepare('SELECT count(*) FROM mqtt_outgoing').pluck().get() === 0);
  t.match(site.site.sessions.get('kept')?.account.statement, { acknowledged: 3, queued: 0, inFlight: 0 });
});
