import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import mqtt from 'mqtt';
import { generate } from 'mqtt-packet';
import t from 'tap';
import { DEFAULT_SESSION_LIMITS } from '#broker/persistence/sessions/session-limits.ts';
import { DEFAULT_CONNECTION_LIMITS } from '#broker/server/limits/connection-limits.ts';
import { upTopic } from '#contract/topics.ts';
import { pillar, place, seen, startSite } from '../test-site.ts';

t.test(
  'a subscriber that does not read keeps nobody waiting, and what waits for it is bounded',
  async (t) => {
    const sessions = { ...DEFAULT_SESSION_LIMITS, cleanMessages: 20, inFlight: 5 };
    const limits = { sessions, connections: DEFAULT_CONNECTION_LIMITS };
    const { site, client, device, port } = await startSite(t, { limits });
    const stalled = await stalledSubscriber(port, { clientId: 'svc.stalled', clean: true });
    const live = await client('svc.live');
    await live.subscribeAsync('wp/1/+/+/up/event', { qos: 1 });
    let heard = 0;
    live.on('message', () => {
      heard += 1;
    });
    const sending = await device();
    const reason = 'x'.repeat(60_000);
    const total = 60;
    for (let sent = 0; sent < total; sent += 1) {
      await sending.send(sending.envelope('wp.sensor.crossed.v1', { ...crossed, reason }), 'event');
    }
    while (heard < total) await seen(live, 'message');
    t.equal(heard, total, 'the live subscriber missed nothing');
    const account = site.sessions.get('svc.stalled')?.account;
    while (account?.waiting !== 20) await new Promise((resolve) => setImmediate(resolve));
    const statement = { enqueued: total, acknowledged: 0, queued: 20, inFlight: 5, dropped: total - 25 };
    t.same(account.statement, statement);
    stalled.destroy();
  },
);

t.test('a session whose client did not read gets everything when it returns', async (t) => {
  const { device, port } = await startSite(t);
  const stalled = await stalledSubscriber(port, { clientId: 'svc.bridge', clean: false });
  const sending = await device();
  const reason = 'x'.repeat(60_000);
  const sent: string[] = [];
  const sendOne = async () => {
    const event = sending.envelope('wp.sensor.crossed.v1', { ...crossed, reason });
    await sending.send(event, 'event');
    sent.push(event.id);
  };
  for (let count = 0; count < 100; count += 1) await sendOne();
  stalled.destroy();
  await sendOne();
  const got: string[] = [];
  const back = mqtt.connect(`mqtt://127.0.0.1:${port}`, { clientId: 'svc.bridge', clean: false });
  t.teardown(() => back.end(true));
  back.on('message', (_topic, payload) => got.push(JSON.parse(payload.toString()).id));
  while (got.length < sent.length) await seen(back, 'message');
  t.same(got, sent, 'each once, in order');
});

t.test('a long queue reaches its session whole and in order, and is empty after that', async (t) => {
  const { site, client, device } = await startSite(t);
  const away = await client('svc.away', { clean: false });
  await away.subscribeAsync('wp/1/+/+/up/alarm', { qos: 1 });
  await away.endAsync();
  const sending = await device();
  const total = 2500;
  await Promise.all(Array.from({ length: total }, () => sending.send(sending.press())));
  const numbers: number[] = [];
  const all = Promise.withResolvers<void>();
  const back = await client('svc.away', { clean: false, connectTimeout: 5000 });
  const onMessage = (_: string, payload: Buffer) => {
    numbers.push(JSON.parse(payload.toString()).wpseq);
    if (numbers.length === total) all.resolve();
  };
  back.on('message', onMessage);
  await all.promise;
  t.same(
    numbers,
    Array.from({ length: total }, (_, index) => index + 1),
  );
  await back.endAsync();
  await site.store.commit(() => undefined);
  t.equal(site.store.sql.prepare('SELECT count(*) FROM mqtt_outgoing').pluck().get(), 0);
});

t.test('QoS 2 is taken once, also when it is sent again before PUBREL', async (t) => {
  const { site, port } = await startSite(t);
  const socket = connect(port, '127.0.0.1');
  const say = async (packet: Parameters<typeof generate>[0]): Promise<number> => {
    socket.write(generate(packet));
    const [answer] = await once(socket, 'data');
    return answer[0] >> 4;
  };
  await say({
    cmd: 'connect',
    clientId: 'north.pillar-1',
    clean: true,
    keepalive: 0,
    protocolId: 'MQTT',
    protocolVersion: 4,
  });
  const payload = JSON.stringify({ id: 'r-1', name: 'siren', ok: true, at: '2026-01-01T00:00:00.000Z' });
  const replies: unknown[] = [];
  site.feed.on('reply', (reply) => replies.push(reply));
  const publish = {
    cmd: 'publish',
    topic: upTopic(pillar, 'reply'),
    payload,
    qos: 2,
    messageId: 7,
    retain: false,
  } as const;
  t.equal(await say({ ...publish, dup: false }), 5, 'PUBREC');
  t.equal(await say({ ...publish, dup: true }), 5, 'PUBREC');
  t.equal(await say({ cmd: 'pubrel', messageId: 7 }), 7, 'PUBCOMP');
  t.equal(replies.length, 1);
  socket.destroy();
});

t.test('with a full disk nobody is confirmed, and with room again the site goes on', async (t) => {
  const { site, device } = await startSite(t);
  const sending = await device();
  const pages = Number(site.store.sql.pragma('page_count', { simple: true }));
  site.store.sql.pragma(`max_page_count = ${pages}`);
  const large = (wpseq: number) =>
    sending.envelope('wp.sensor.crossed.v1', { ...crossed, reason: 'x'.repeat(60_000) }, { wpseq });
  const closed = seen(sending.client, 'close');
  let confirmed = 0;
  sending.send(large(1), 'event').then(
    () => {
      confirmed += 1;
    },
    () => undefined,
  );
  await closed;
  t.equal(confirmed, 0);
  site.store.sql.pragma('max_page_count = 1000000');
  const again = await device();
  await again.send(large(1), 'event');
  t.equal(site.ledger.list({ limit: 5 }).length, 1);
});

const crossed = { place, sensor: 'water', value: 3, unit: 'cm', threshold: 2, direction: 'above' };

/** Subscribes to all events and never reads again. */
async function stalledSubscriber(
  port: number,
  who: { readonly clientId: string; readonly clean: boolean },
): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(generate({ cmd: 'connect', ...who, keepalive: 0, protocolId: 'MQTT', protocolVersion: 4 }));
  await once(socket, 'data');
  const subscriptions = [{ topic: 'wp/1/+/+/up/event', qos: 1 } as const];
  socket.write(generate({ cmd: 'subscribe', messageId: 1, subscriptions }));
  await once(socket, 'data');
  socket.pause();
  return socket;
}
