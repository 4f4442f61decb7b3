import { connect, type Socket } from 'node:net';
import { generate } from 'mqtt-packet';
import type { Registry } from 'prom-client';
import t from 'tap';
import { DEFAULT_SESSION_LIMITS } from '#broker/persistence/sessions/session-limits.ts';
import { type ConnectionLimits, DEFAULT_CONNECTION_LIMITS } from '#broker/server/limits/connection-limits.ts';
import { systemClock } from '#contract/clock.ts';
import { connectPacket, RawMqtt } from '#test/support/raw-mqtt.ts';
import { pillar, startSite, type TestSite } from '../test-site.ts';

const limited = (limits: Partial<ConnectionLimits>) => ({
  limits: {
    sessions: DEFAULT_SESSION_LIMITS,
    connections: { ...DEFAULT_CONNECTION_LIMITS, messageBurst: 100_000, ...limits },
  },
});

/** How often something was refused with this code. */
async function refused(registry: Registry, code: string): Promise<number> {
  const text = await registry.metrics();
  return Number(new RegExp(`watchpost_mqtt_refused_total\\{reason="${code}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
}

/** A well-behaved device beside the abuser gets PUBACK and receipt. */
async function isServed({ device, clock }: TestSite): Promise<boolean> {
  const well = await device({ site: 'north', device: `well-${clock.monoMs()}` });
  await well.send(well.press());
  const { upTo } = await well.receipt(() => true);
  await well.client.endAsync();
  return upTo === 1;
}

function dangling(
  t: { teardown(handler: () => void): void },
  port: number,
): { socket: Socket; closed: Promise<void> } {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  socket.on('error', () => socket.destroy());
  socket.resume();
  t.teardown(() => socket.destroy());
  return { socket, closed: new Promise((resolve) => socket.once('close', () => resolve())) };
}

const opened = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.once('connect', () => resolve()));
const publish = (topic: string, qos: 0 | 1 | 2, messageId: number, payload = '{}') =>
  generate({ cmd: 'publish', topic, payload, qos, messageId, retain: false, dup: false });
const EVENT = 'wp/1/north/pillar-1/up/event';

t.test('a CONNECT that drips in is cut off at its deadline, however often a byte comes', async (t) => {
  const test = await startSite(t, limited({ connectTimeoutS: 10 }));
  const { socket, closed } = dangling(t, test.port);
  await opened(socket);
  for (const byte of generate(connectPacket({ clientId: 'north.slow' })).subarray(0, 12)) {
    socket.write(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
    await test.clock.advance(500);
  }
  t.ok(await isServed(test));
  await test.clock.advance(10_000);
  await closed;
  t.equal(await refused(test.registry, 'WP3124'), 1);
});

t.test('a flood of sockets that say nothing is bounded, and devices connect all the while', async (t) => {
  const test = await startSite(t, limited({ halfOpen: 20 }));
  const flood = Array.from({ length: 200 }, () => dangling(t, test.port));
  await Promise.all(flood.slice(0, 180).map(({ closed }) => closed));
  t.ok(await isServed(test));
  t.ok((await refused(test.registry, 'WP3123')) >= 180);
  const gauge = /watchpost_mqtt_connections\{transport="tcp"\} (\d+)/.exec(await test.registry.metrics());
  t.ok(Number(gauge?.[1]) <= 21, `${gauge?.[1]} connections are held`);
});

t.test('an address that connects in a storm waits; one that has connected stays', async (t) => {
  const test = await startSite(t, limited({ connectBurst: 30, connectsPerSecond: 10 }));
  const early = await test.device();
  const storm = Array.from({ length: 100 }, () => dangling(t, test.port));
  await Promise.all(storm.slice(40).map(({ closed }) => closed));
  t.ok((await refused(test.registry, 'WP3122')) >= 60);
  await early.send(early.press());
  await test.clock.advance(5_000);
  t.ok(await isServed(test), 'and after a few seconds others come in again');
});

t.test('one device that reconnects again and again leaves one connection', async (t) => {
  const test = await startSite(t);
  const all: RawMqtt[] = [];
  for (let count = 0; count < 60; count++) {
    all.push(await RawMqtt.connect(t, test.port, { clientId: 'north.pillar-1' }));
  }
  await Promise.all(all.slice(0, -1).map(({ closed }) => closed));
  t.ok(all.at(-1)?.isOpen);
  t.ok(test.site.presence.isConnected(pillar));
  t.match(await test.registry.metrics(), /watchpost_mqtt_connections\{transport="tcp"\} 1\n/);
});

t.test('a client id of 65,535 bytes, and a will that is a bomb, are not even read', async (t) => {
  const test = await startSite(t);
  const vast = await RawMqtt.open(t, test.port);
  vast.send(connectPacket({ clientId: 'x'.repeat(65_535) }));
  await vast.closed;
  const will = {
    topic: 'wp/1/north/pillar-1/up/state',
    payload: Buffer.alloc(60_000),
    qos: 1 as const,
    retain: true,
  };
  const bomb = await RawMqtt.open(t, test.port);
  bomb.send(connectPacket({ clientId: 'north.pillar-1', will }));
  await bomb.closed;
  t.equal(await refused(test.registry, 'WP3101'), 2);
  const long = await RawMqtt.open(t, test.port);
  long.send(connectPacket({ clientId: 'x'.repeat(1000) }));
  t.equal((await long.next('connack')).returnCode, 2);
  await long.closed;
  t.ok(await isServed(test));
});

t.test('a second CONNECT ends the connection', async (t) => {
  const test = await startSite(t);
  const twice = await RawMqtt.connect(t, test.port, { clientId: 'north.pillar-1' });
  twice.send(connectPacket({ clientId: 'north.pillar-1' }));
  await twice.closed;
  t.equal(await refused(test.registry, 'WP3140'), 1);
});

t.test('packets behind CONNECT wait for CONNACK and are then worked off, however many', async (t) => {
  const test = await startSite(t);
  const eager = await RawMqtt.open(t, test.port);
  const pings = Array.from({ length: 2000 }, () => ({ cmd: 'pingreq' }) as const);
  eager.send(connectPacket({ clientId: 'north.pillar-1' }), ...pings);
  for (let answers = 0; answers < 2000; answers++) {
    await eager.until('pingresp', () => true);
  }
  t.equal(eager.received[0]?.cmd, 'connack');
});

t.test(
  'too many subscriptions, wildcards and filters are refused one by one, and the rest is granted',
  async (t) => {
    const test = await startSite(
      t,
      limited({ subscriptions: 10, wildcards: 3, filtersAtOnce: 50, topicLevels: 8 }),
    );
    const greedy = await RawMqtt.connect(t, test.port, { clientId: 'svc.greedy', clean: false });
    const ask = async (filters: readonly string[]) => {
      greedy.send({
        cmd: 'subscribe',
        messageId: 7,
        subscriptions: filters.map((topic) => ({ topic, qos: 1 as const })),
      });
      return (await greedy.until('suback', () => true)).granted;
    };
    const root = 'wp/1/north';
    t.same(await ask([`${root}/a/#`, `${root}/b/#`, `${root}/+/up`, `${root}/c/#`]), [1, 1, 1, 128]);
    const plain = Array.from({ length: 9 }, (_, index) => `${root}/p${index}/up/event`);
    t.same(await ask(plain), [1, 1, 1, 1, 1, 1, 1, 128, 128]);
    t.same(await ask([`${root}/1/2/3/4/5/6`]), [128], 'too deep');
    const stored = test.site.store.sql.prepare('SELECT count(*) FROM mqtt_subscription').pluck().get();
    t.equal(stored, 10, 'no more is kept for its session');
    greedy.send({ cmd: 'unsubscribe', messageId: 8, unsubscriptions: [plain[0] ?? '', `${root}/a/#`] });
    await greedy.until('unsuback', () => true);
    t.same(await ask([`${root}/c/#`]), [1], 'what is given back can be used again');
    t.equal(await refused(test.registry, 'WP3127'), 3);
    t.equal(await refused(test.registry, 'WP3126'), 1);
    greedy.send({
      cmd: 'subscribe',
      messageId: 9,
      subscriptions: Array.from({ length: 51 }, (_, index) => ({
        topic: `${root}/${index}`,
        qos: 0 as const,
      })),
    });
    await greedy.closed;
    t.equal(await refused(test.registry, 'WP3128'), 1);
    t.ok(await isServed(test));
  },
);

t.test('topics that are too long or too deep end the connection, in a will too', async (t) => {
  const test = await startSite(t, limited({ topicLevels: 8, topicBytes: 128 }));
  const deep = `${EVENT}/1/2/3`;
  const long = `${EVENT}/${'x'.repeat(128)}`;
  for (const topic of [deep, long]) {
    const client = await RawMqtt.connect(t, test.port, { clientId: 'north.pillar-1' });
    client.send(publish(topic, 1, 1));
    await client.closed;
    const dying = await RawMqtt.open(t, test.port);
    const will = { topic, payload: Buffer.from('{}'), qos: 0 as const, retain: false };
    dying.send(connectPacket({ clientId: 'north.pillar-1', will }));
    await dying.closed;
  }
  t.equal(await refused(test.registry, 'WP3125'), 4);
  t.equal(test.site.quarantine.list(5).length, 0);
});

t.test('QoS 2 without PUBREL is ended at its limit', async (t) => {
  const test = await startSite(t, limited({ qos2Unreleased: 20 }));
  const client = await RawMqtt.connect(t, test.port, { clientId: 'north.pillar-1' });
  client.send(...Array.from({ length: 40 }, (_, index) => publish(EVENT, 2, index + 1)));
  await client.closed;
  t.equal(await refused(test.registry, 'WP3129'), 1);
  const held = test.site.store.sql.prepare('SELECT count(*) FROM mqtt_incoming').pluck().get();
  t.equal(held, 0, 'and nothing of its clean session is kept');
  t.ok(await isServed(test));
});

t.test('who floods is read at the rate and loses nothing; others are served at once', async (t) => {
  const test = await startSite(t, limited({ messagesPerSecond: 50, messageBurst: 60 }));
  const flood = await RawMqtt.connect(t, test.port, { clientId: 'north.pillar-1' });
  const messages = 200;
  flood.send(...Array.from({ length: messages }, (_, index) => publish(EVENT, 1, index + 1)));
  await flood.until('puback', ({ messageId }) => messageId === 50);
  t.ok(await isServed(test));
  t.notOk(flood.waiting().some((packet) => packet.cmd === 'puback' && packet.messageId === 100));
  const all = flood.until('puback', ({ messageId }) => messageId === messages);
  const isDone = all.then(() => true);
  while (!(await Promise.race([isDone, test.clock.advance(100).then(() => false)])));
  const answers = flood.received.flatMap((packet) => (packet.cmd === 'puback' ? [packet.messageId] : []));
  t.same(
    answers,
    Array.from({ length: messages }, (_, index) => index + 1),
    'all, in order',
  );
  t.match(await test.registry.metrics(), /watchpost_mqtt_slowed_total\{by="messages"\} [1-9]/);
});

t.test('who is read slowly is not taken for silent', async (t) => {
  // The keep-alive of aedes runs by the machine's clock: 1.5 seconds, while a message is read every two.
  const test = await startSite(t, {
    ...limited({ messagesPerSecond: 0.5, messageBurst: 2 }),
    clock: systemClock,
  });
  const patient = await RawMqtt.connect(t, test.port, { clientId: 'north.pillar-1', keepalive: 1 });
  patient.send(...Array.from({ length: 3 }, (_, index) => publish(EVENT, 1, index + 1)));
  await patient.until('puback', ({ messageId }) => messageId === 3);
  t.equal(await refused(test.registry, 'WP3130'), 0);
  await patient.closed;
  t.equal(await refused(test.registry, 'WP3130'), 1, 'and once it is silent, it is');
});

t.test('a packet that drips in keeps nobody alive', async (t) => {
  const test = await startSite(t);
  const dripping = await RawMqtt.connect(t, test.port, { clientId: 'north.pillar-1', keepalive: 1 });
  const packet = publish(EVENT, 1, 1, 'x'.repeat(5000));
  let at = 0;
  const drip = setInterval(() => {
    if (dripping.isOpen) dripping.send(packet.subarray(at, at + 1));
    at += 1;
  }, 50);
  await dripping.closed;
  clearInterval(drip);
  t.ok(at > 5, 'bytes came to the last');
  t.equal(await refused(test.registry, 'WP3130'), 1);
});
