import t from 'tap';
import { DEFAULT_INTAKE_LIMITS } from '#broker/server/ingest/intake.ts';
import { connectPacket, RawMqtt } from '#test/support/raw-mqtt.ts';
import { startSite, UNHURRIED } from '../test-site.ts';

type Tap = Parameters<typeof startSite>[0];

/** So many messages at a time are let in; where it is one, `hold` keeps the place taken until it is let go. */
async function narrowSite(t: Tap, messages = 1) {
  const site = await startSite(t, {
    access: 'open',
    limits: { ...UNHURRIED, intake: { ...DEFAULT_INTAKE_LIMITS, messages } },
  });
  const { store } = site.site;
  const watcher = await RawMqtt.connect(t, site.port, { clientId: 'watcher', clean: false });
  watcher.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 't/#', qos: 2 }] });
  await watcher.until('suback');
  await watcher.disconnect();
  const queued = () =>
    store.sql
      .prepare<[], Buffer>("SELECT payload FROM mqtt_outgoing WHERE topic LIKE 't/%' ORDER BY number")
      .pluck()
      .all()
      .map(String);
  const hold = async () => {
    const busy = await RawMqtt.connect(t, site.port, { clientId: 'busy' });
    const commit = store.commit.bind(store);
    const held = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    store.commit = (work) => {
      store.commit = commit;
      begun.resolve();
      return commit(work).then((answer) => held.promise.then(() => answer));
    };
    busy.send(publish({ messageId: 9, topic: 'busy', qos: 1 }));
    await begun.promise;
    return () => held.resolve();
  };
  return { ...site, queued, hold };
}

const publish = ({ messageId = 1, payload = 'a', topic = 't/1', dup = false, qos = 2 as 1 | 2 } = {}) =>
  ({ cmd: 'publish', messageId, topic, payload: Buffer.from(payload), qos, dup, retain: false }) as const;

/** What the broker has read by now has come as far as it can. */
const ping = async (raw: RawMqtt) => {
  raw.send({ cmd: 'pingreq' });
  await raw.until('pingresp');
};

/** What has ended on this side is noticed on the other. */
const noticed = async () => {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

t.test('a message of QoS 2 that waits at the door is not doubled when its sender comes again', async (t) => {
  const site = await narrowSite(t);
  const letGo = await site.hold();
  const first = await RawMqtt.connect(t, site.port, { clientId: 'sender', clean: false });
  first.send(publish());
  await ping(first);
  await first.drop();
  const second = await RawMqtt.connect(t, site.port, { clientId: 'sender', clean: false });
  second.send(publish({ dup: true }));
  await ping(second);
  letGo();
  await second.until('pubrec');
  t.same(site.queued(), ['a']);
  second.send({ cmd: 'pubrel', messageId: 1 });
  await second.until('pubcomp');
  second.send(publish({ payload: 'b' }));
  await second.until('pubrec');
  t.same(site.queued(), ['a', 'b'], 'the id is free again');
});

t.test('what a clean session left at the door takes no packet id from the next one', async (t) => {
  const site = await narrowSite(t);
  const letGo = await site.hold();
  const first = await RawMqtt.connect(t, site.port, { clientId: 'sender', clean: true });
  first.send(publish());
  await ping(first);
  await first.drop();
  const second = await RawMqtt.connect(t, site.port, { clientId: 'sender', clean: true });
  await noticed();
  letGo();
  await ping(second);
  second.send(publish({ payload: 'b' }));
  await second.until('pubrec');
  t.same(site.queued(), ['a', 'b']);
  await second.disconnect();
  await noticed();
  t.equal(site.site.store.sql.prepare('SELECT count(*) FROM mqtt_incoming').pluck().get(), 0);
});

t.test('PUBLISH again and its PUBREL in one go bring one message', async (t) => {
  const site = await narrowSite(t);
  const sender = await RawMqtt.connect(t, site.port, { clientId: 'sender', clean: false });
  sender.send(publish());
  await sender.until('pubrec');
  sender.send(publish({ dup: true }), { cmd: 'pubrel', messageId: 1 });
  await sender.until('pubrec');
  await sender.until('pubcomp');
  t.same(site.queued(), ['a']);
});

t.test('a session that expired takes no packet id from the next one of its client', async (t) => {
  const site = await narrowSite(t);
  const { sessions } = site.site;
  const first = await RawMqtt.connect(t, site.port, { clientId: 'sender', clean: false });
  first.send(publish());
  await first.until('pubrec');
  await first.drop();
  const session = sessions.get('sender');
  if (session !== undefined) await sessions.end(session, 'expired');
  const second = await RawMqtt.connect(t, site.port, { clientId: 'sender', clean: false });
  second.send(publish({ payload: 'b' }));
  await second.until('pubrec');
  t.same(site.queued(), ['a', 'b']);
});

t.test('what is retained last stays, whatever the QoS it came with', async (t) => {
  const site = await narrowSite(t, 100);
  const sender = await RawMqtt.connect(t, site.port, { clientId: 'sender', clean: false });
  sender.send(
    { ...publish({ payload: 'a', qos: 1, messageId: 1 }), retain: true },
    { ...publish({ payload: 'b', qos: 2, messageId: 2 }), retain: true },
  );
  await sender.until('puback');
  await sender.until('pubrec');
  t.same(site.queued(), ['a', 'b']);
  const kept = site.site.store.sql.prepare('SELECT payload FROM mqtt_retained').pluck().get();
  t.equal(String(kept), 'b');
});

const will = (payload: string) =>
  ({ topic: 't/will', payload: Buffer.from(payload), qos: 2, retain: false }) as const;

t.test('the will of a connection is kept when that of the one before it is published', async (t) => {
  const site = await narrowSite(t);
  const first = await RawMqtt.open(t, site.port);
  first.send({ ...connectPacket({ clientId: 'sender' }), will: will('first') });
  await first.until('connack');
  const second = await RawMqtt.open(t, site.port);
  second.send({ ...connectPacket({ clientId: 'sender' }), will: will('second') });
  await second.until('connack');
  await first.closed;
  await noticed();
  const kept = () => site.site.store.sql.prepare('SELECT payload FROM mqtt_will').pluck().all().map(String);
  t.same(site.queued(), ['first']);
  t.same(kept(), ['second'], 'a crash would bring this one');
  await second.disconnect();
  await noticed();
  t.same(kept(), []);
  t.same(site.queued(), ['first']);
});

t.test('a will and that it is done with are one commit', async (t) => {
  const site = await narrowSite(t);
  const { store } = site.site;
  const leaving = await RawMqtt.open(t, site.port);
  leaving.send({ ...connectPacket({ clientId: 'sender' }), will: will('first') });
  await leaving.until('connack');
  const commit = store.commit.bind(store);
  const seen: unknown[] = [];
  store.commit = async (work) => {
    const answer = await commit(work);
    seen.push([site.queued(), store.sql.prepare('SELECT count(*) FROM mqtt_will').pluck().get()]);
    return answer;
  };
  await leaving.drop();
  await noticed();
  t.match(seen, [[['first'], 0]]);
});
