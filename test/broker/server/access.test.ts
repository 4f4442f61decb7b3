import { once } from 'node:events';
import { connect } from 'node:net';
import mqtt from 'mqtt';
import t from 'tap';
import { DEFAULT_SESSION_LIMITS } from '#broker/persistence/sessions/session-limits.ts';
import { DEFAULT_CONNECTION_LIMITS } from '#broker/server/limits/connection-limits.ts';
import { upTopic } from '#contract/topics.ts';
import { pillar, seen, startSite } from './test-site.ts';

const REFUSED: readonly [string, string, string, boolean, string][] = [
  ['as another device', 'north.pillar-1', 'wp/1/north/pillar-2/up/alarm', false, 'WP1010'],
  ['as a device of another site', 'north.pillar-1', 'wp/1/south/pillar-1/up/alarm', false, 'WP1010'],
  ['as a device, being a service', 'svc.tool', 'wp/1/north/pillar-1/up/alarm', false, 'WP1010'],
  ['downward', 'north.pillar-1', 'wp/1/north/pillar-1/down/command', false, 'WP1011'],
  ['outside of the wire', 'north.pillar-1', 'anything', false, 'WP1011'],
  ['under $SYS', 'north.pillar-1', '$SYS/uptime', false, 'WP1011'],
  ['a retained alarm', 'north.pillar-1', 'wp/1/north/pillar-1/up/alarm', true, 'WP1011'],
];
for (const [what, clientId, topic, retain, code] of REFUSED) {
  t.test(`a client that publishes ${what} is filed with ${code} and disconnected`, async (t) => {
    const { site, witness, client } = await startSite(t);
    const impostor = await client(clientId);
    const closed = seen(impostor, 'close');
    impostor.publish(topic, '{}', { qos: 1, retain });
    await closed;
    t.match(site.quarantine.list(5), [{ client: clientId, topic, code, source: null }]);
    t.same(witness.poisoned, [], 'nothing of it is believed');
  });
}

const VDA = 'uagv/v2/watchpost/north.robot-1';
const WILLS: readonly [string, string, boolean, 'connected' | 5][] = [
  ['north.pillar-1', 'wp/1/north/pillar-1/up/state', true, 'connected'],
  ['north.pillar-1', 'wp/1/north/pillar-1/up/event', false, 'connected'],
  ['north.pillar-1', 'wp/1/north/pillar-1/up/event', true, 5],
  ['north.pillar-1', 'wp/1/north/pillar-2/up/state', true, 5],
  ['north.pillar-1', 'wp/1/north/pillar-1/down/receipt', false, 5],
  ['north.pillar-1', '$SYS/uptime', false, 5],
  ['north.robot-1.vda', `${VDA}/connection`, true, 'connected'],
  ['north.robot-1.vda', `${VDA}/order`, true, 5],
  ['north.robot-1', `${VDA}/connection`, true, 5],
  ['north.robot-2.vda', `${VDA}/connection`, true, 5],
  ['svc.tool', 'wp/1/north/pillar-1/up/state', true, 5],
];
for (const [clientId, topic, retain, answer] of WILLS) {
  const what = `${retain ? 'retained ' : ''}on ${topic}`;
  t.test(
    `a last will of ${clientId} ${what} is ${answer === 5 ? 'refused' : 'taken'} at CONNECT`,
    async (t) => {
      const { site, port } = await startSite(t);
      const will = { topic, payload: Buffer.from('{}'), qos: 1, retain } as const;
      const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { clientId, reconnectPeriod: 0, will });
      t.teardown(() => void client.end(true));
      const ended = await new Promise((resolve) => {
        client.once('connect', () => resolve('connected'));
        client.once('error', (error) => resolve('code' in error ? error.code : error));
      });
      t.equal(ended, answer);
      const { sql } = site.store;
      const kept = sql.prepare('SELECT count(*) FROM mqtt_will').pluck().get();
      t.equal(kept, answer === 5 ? 0 : 1, 'nothing of a refused one is kept');
    },
  );
}

t.test('a client subscribes only to what is its own', async (t) => {
  const { client } = await startSite(t);
  const device = await client('north.pillar-1');
  const service = await client('svc.tool');
  const granted = async (who: typeof device, topic: string) => {
    const answer = await who.subscribeAsync(topic, { qos: 1 }).catch(() => []);
    return answer.some(({ qos }) => qos < 128);
  };
  for (const filter of ['#', 'wp/1/#', 'wp/1/north/pillar-2/down/#', 'wp/1/north/pillar-1/#', '$SYS/#']) {
    t.notOk(await granted(device, filter), `device: ${filter}`);
  }
  t.ok(await granted(device, 'wp/1/north/pillar-1/down/#'));
  t.notOk(await granted(service, '#'));
  t.notOk(await granted(service, '$SYS/#'));
  t.ok(await granted(service, 'wp/1/#'));
});

t.test('a refused filter beside a granted one leaves nothing in the session', async (t) => {
  const { site, client, device } = await startSite(t);
  const greedy = await client('svc.greedy', { clean: false });
  await greedy.subscribeAsync(['wp/1/south/#', '#'], { qos: 1 }).catch(() => undefined);
  await greedy.endAsync();
  const other = await device();
  await other.send(other.press());
  const { sql } = site.store;
  t.same(sql.prepare('SELECT topic FROM mqtt_subscription').pluck().all(), ['wp/1/south/#']);
  t.equal(sql.prepare('SELECT count(*) FROM mqtt_outgoing').pluck().get(), 0);
});

t.test('nothing waits for a device that is away, whatever session it asks for', async (t) => {
  const { site, client, device } = await startSite(t);
  const keeping = await client('north.pillar-1', { clean: false });
  await keeping.subscribeAsync('wp/1/north/pillar-1/down/#', { qos: 1 });
  await keeping.endAsync();
  await site.messenger.publish('wp/1/north/pillar-1/down/command', { id: 'c1', name: 'siren' });
  t.equal(site.store.sql.prepare('SELECT count(*) FROM mqtt_outgoing').pluck().get(), 0);
  const back = await device(pillar, { clean: false });
  const topics: string[] = [];
  back.client.on('message', (topic) => topics.push(topic));
  await back.send(back.press());
  await back.receipt(({ upTo }) => upTo === 1);
  t.notOk(topics.includes('wp/1/north/pillar-1/down/command'));
});

t.test('an empty client id gets a name with a clean session, and is refused without', async (t) => {
  const { client, port } = await startSite(t, { access: 'open' });
  const nameless = await client('', { clean: true });
  await nameless.subscribeAsync('any/#', { qos: 1 });
  t.ok(nameless.connected);
  const socket = connect(port, '127.0.0.1');
  // CONNECT, level 4, flags without clean session, keep-alive 60, client id of length 0
  socket.write(Buffer.from([0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0, 0, 60, 0, 0]));
  const [answer] = await once(socket, 'data');
  t.same([...answer], [0x20, 2, 0, 2], 'identifier rejected');
  socket.destroy();
});

t.test('a client id that is too long is refused', async (t) => {
  const { port } = await startSite(t);
  const refused = mqtt.connect(`mqtt://127.0.0.1:${port}`, { clientId: 'x'.repeat(129), reconnectPeriod: 0 });
  const error = await new Promise((resolve) => refused.once('error', resolve));
  t.match(error, { code: 2 });
  refused.end(true);
});

t.test('a packet beyond the limit is cut off by its length, before it is read, and filed', async (t) => {
  const { site, port, device } = await startSite(t);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  // PUBLISH that announces 256 MiB
  socket.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]));
  await once(socket, 'close');
  await site.store.commit(() => undefined);
  t.match(site.quarantine.list(5), [{ code: 'WP3101' }]);
  const other = await device();
  await other.send(other.press());
  t.equal(site.ledger.list({ limit: 5 }).length, 1, 'others are served');
});

t.test('a connection that does not speak MQTT is ended and counted', async (t) => {
  const { port, registry } = await startSite(t);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\n\r\n');
  await once(socket, 'close');
  t.match(await registry.metrics(), /watchpost_mqtt_refused_total\{reason="WP31(0[12]|40)"\} 1/);
});

t.test('one connection too many is not taken', async (t) => {
  const { client, port } = await startSite(t, {
    limits: {
      sessions: DEFAULT_SESSION_LIMITS,
      connections: { ...DEFAULT_CONNECTION_LIMITS, inAll: 1 },
    },
  });
  await client('north.pillar-1');
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'close');
  t.pass('closed');
});

t.test('plain MQTT is refused on any address but loopback, and a port in use is named', async (t) => {
  const { createSite } = await import('#broker/server/site.ts');
  const { Registry } = await import('prom-client');
  const { silentLog, temporaryFolder } = await import('#test/support/site-database.ts');
  const { site: running, port, clock, witness: listener } = await startSite(t);
  t.ok(running.ledgerId);
  for (const [mqtt, code] of [
    [{ host: '0.0.0.0', port: 0 }, 'WP3106'],
    [{ host: '127.0.0.1', port }, 'WP3105'],
  ] as const) {
    const site = createSite({ dataDir: temporaryFolder(t), clock, log: silentLog, registry: new Registry() });
    site.open();
    await t.rejects(site.start({ listener, judge: () => false, mqtt }), { code });
    await site.close();
  }
});

t.test('a second connection of a device takes over, and the old one ending changes nothing', async (t) => {
  const { site, device } = await startSite(t);
  const first = await device();
  const closed = seen(first.client, 'close');
  const second = await device();
  await closed;
  t.ok(site.presence.isConnected(pillar));
  await second.client.publishAsync(
    upTopic(pillar, 'state'),
    JSON.stringify({ online: true, boot: 1, conn: 2 }),
    {
      qos: 1,
      retain: true,
    },
  );
  t.match(site.device(pillar), { online: true, state: { conn: 2 } });
});

t.test('a service that hears pictures is written down, once in a day however often it comes', async (t) => {
  const { site, client } = await startSite(t);
  const heard: string[] = [];
  site.feed.on('listening', ({ who, filter }) => void heard.push(`${who} ${filter}`));
  const recorder = await client('svc.recorder');
  await recorder.subscribeAsync('wp/1/+/+/up/alarm', { qos: 1 });
  t.same(heard, []);
  for (let round = 0; round < 3; round++) await recorder.subscribeAsync('wp/1/#', { qos: 1 });
  t.same(heard, ['svc.recorder wp/1/#']);
  await (await client('svc.recorder')).subscribeAsync('wp/1/#', { qos: 1 });
  t.equal(heard.length, 1, 'a link that comes and goes fills no audit');
  await (await client('svc.recorder')).subscribeAsync('wp/1/north/#', { qos: 1 });
  t.equal(heard.length, 2);
});
