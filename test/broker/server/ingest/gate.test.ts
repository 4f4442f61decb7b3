import t from 'tap';
import { WatchpostError } from '#contract/errors.ts';
import { upTopic } from '#contract/topics.ts';
import { pillar, seen, startSite } from '../test-site.ts';

t.test('an alarm is in the ledger, told to the listener and receipted', async (t) => {
  const { site, witness, device } = await startSite(t);
  const pressing = await device();
  const press = pressing.press();
  await pressing.send(press);
  t.match(site.ledger.list({ limit: 10 }), [{ row: 1, lane: 'alarm', envelope: press }]);
  t.equal(witness.events.length, 1);
  const receipt = await pressing.receipt(({ upTo }) => upTo === 1);
  t.match(receipt, { ledgerId: site.ledgerId, epoch: 'epoch-1', lane: 'alarm', upTo: 1, atId: press.id });
});

t.test('PUBACK comes only after COMMIT', async (t) => {
  const { site, device } = await startSite(t);
  const pressing = await device();
  const order: string[] = [];
  const { store } = site;
  const commit = store.commit.bind(store);
  const held = Promise.withResolvers<void>();
  store.commit = (work) => {
    const done = commit(work);
    return done.then(async (answer) => {
      await held.promise;
      order.push('committed');
      return answer;
    });
  };
  const sent = pressing.send(pressing.press()).then(() => order.push('acknowledged'));
  await pressing.client.publishAsync('wp/1/north/pillar-1/up/unknown', 'x').catch(() => undefined);
  t.same(order, []);
  held.resolve();
  await sent;
  t.equal(order.at(-1), 'acknowledged');
  t.ok(order.includes('committed'));
});

t.test('a COMMIT that fails leaves no ledger row, no queue row and no PUBACK', async (t) => {
  const { site, client, device } = await startSite(t);
  const service = await client('svc.console', { clean: false });
  await service.subscribeAsync('wp/1/#', { qos: 1 });
  await service.endAsync();
  const pressing = await device();
  site.store.sql.pragma('foreign_keys = ON');
  await site.store.commit((sql) =>
    sql.exec(`CREATE TABLE parent (a PRIMARY KEY); CREATE TABLE child (a REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
      CREATE TRIGGER spoil AFTER INSERT ON ledger_event BEGIN INSERT INTO child VALUES (1); END`),
  );
  const closed = seen(pressing.client, 'close');
  let acknowledged = false;
  pressing.client.on('packetreceive', ({ cmd }) => {
    if (cmd === 'puback') acknowledged = true;
  });
  const press = pressing.press();
  pressing.send(press).catch(() => undefined);
  await closed;
  t.equal(acknowledged, false);
  t.same(site.ledger.list({ limit: 10 }), []);
  t.equal(site.store.sql.prepare('SELECT count(*) FROM mqtt_outgoing').pluck().get(), 0);
  await site.store.commit((sql) => sql.exec('DROP TRIGGER spoil'));
  const again = await device();
  await again.send(press);
  t.equal(site.ledger.list({ limit: 10 }).length, 1);
});

t.test(
  'a listener that throws takes back the message and costs only that client its connection',
  async (t) => {
    const { site, witness, device } = await startSite(t);
    const other = await device({ site: 'north', device: 'pillar-2' });
    const pressing = await device();
    witness.refusal = new RangeError('listener is broken');
    const closed = seen(pressing.client, 'close');
    const press = pressing.press();
    pressing.send(press).catch(() => undefined);
    await closed;
    t.same(site.ledger.list({ limit: 10 }), []);
    witness.refusal = null;
    await other.send(other.press());
    t.equal(site.ledger.list({ limit: 10 }).length, 1);
  },
);

t.test(
  'a message that fails a second time by a fault of ours is quarantined and blocks nothing',
  async (t) => {
    const { site, witness, device } = await startSite(t);
    const pressing = await device();
    const press = pressing.press();
    witness.refusal = new RangeError('listener is broken');
    const closed = seen(pressing.client, 'close');
    pressing.send(press).catch(() => undefined);
    await closed;
    const back = await device();
    await back.send(press);
    witness.refusal = null;
    await back.send(pressing.press());
    t.match(await back.receipt(({ upTo }) => upTo === 2), { rejected: [{ seq: 1, code: 'WP1013' }] });
    t.match(site.quarantine.list(5), [{ code: 'WP1013', eventId: press.id, detail: 'listener is broken' }]);
    t.match(witness.poisoned, [{ eventId: press.id }], 'it calls for help all the same');
  },
);

t.test('a reply is confirmed only when what the site makes of it is committed with it', async (t) => {
  const state = { isBroken: true };
  const onReply = () => {
    if (state.isBroken) throw new WatchpostError('WP3001');
    return true;
  };
  const { site, device } = await startSite(t, { onReply });
  const told: unknown[] = [];
  site.feed.on('reply', ({ reply }) => told.push(reply.id));
  const reply = JSON.stringify({ id: 'c1', name: 'speak', ok: true, at: '2026-11-22T10:00:00.000Z' });
  const answering = await device();
  const closed = seen(answering.client, 'close');
  answering.client.publish(upTopic(pillar, 'reply'), reply, { qos: 1 });
  await closed;
  t.same(told, []);
  state.isBroken = false;
  const back = await device();
  await back.client.publishAsync(upTopic(pillar, 'reply'), reply, { qos: 1 });
  t.same(told, ['c1']);
});

t.test('a persistent session that is away gets the message once when it returns', async (t) => {
  const { site, client, device } = await startSite(t);
  const away = await client('svc.bridge', { clean: false });
  await away.subscribeAsync(['wp/1/#', 'wp/1/+/+/up/alarm'], { qos: 1 });
  await away.endAsync();
  const pressing = await device();
  const press = pressing.press();
  await pressing.send(press);
  t.equal(
    site.store.sql
      .prepare('SELECT count(*) FROM mqtt_outgoing WHERE topic = ?')
      .pluck()
      .get(upTopic(pillar, 'alarm')),
    1,
  );
  const back = await client('svc.bridge', { clean: false });
  const got: string[] = [];
  back.on('message', (topic, payload) => {
    if (topic.endsWith('/up/alarm')) got.push(JSON.parse(payload.toString()).id);
  });
  await pressing.send(pressing.press());
  while (got.length < 2) await seen(back, 'message');
  t.equal(got.filter((id) => id === press.id).length, 1);
});

t.test(
  '500 of 500 acknowledged messages of many publishers reach a live subscriber, each publisher in order',
  async (t) => {
    const { client, device } = await startSite(t);
    const live = await client('svc.live', { clean: false });
    await live.subscribeAsync('wp/1/#', { qos: 1 });
    const got = new Map<string, number[]>();
    let count = 0;
    const all = Promise.withResolvers<void>();
    live.on('message', (topic, payload) => {
      if (!topic.endsWith('/up/alarm')) return;
      const { source, wpseq } = JSON.parse(payload.toString());
      got.set(source, [...(got.get(source) ?? []), wpseq]);
      count += 1;
      if (count === 500) all.resolve();
    });
    const devices = await Promise.all(
      Array.from({ length: 5 }, (_, index) => device({ site: 'north', device: `pillar-${index}` })),
    );
    await Promise.all(devices.flatMap((each) => Array.from({ length: 100 }, () => each.send(each.press()))));
    await all.promise;
    for (const numbers of got.values())
      t.same(
        numbers,
        Array.from({ length: 100 }, (_, index) => index + 1),
      );
  },
);

t.test('50 of 50 reach a live subscriber when retained and plain messages share a chunk', async (t) => {
  const { client } = await startSite(t, { access: 'open' });
  const live = await client('listener');
  await live.subscribeAsync('mixed/#', { qos: 1 });
  const got: string[] = [];
  const all = Promise.withResolvers<void>();
  live.on('message', (_topic, payload) => {
    got.push(payload.toString());
    if (got.length === 50) all.resolve();
  });
  const talker = await client('talker');
  const sent = Array.from({ length: 50 }, (_, index) => {
    const options = { qos: 1, retain: index % 2 === 0 } as const;
    return talker.publishAsync(`mixed/${index}`, String(index), options);
  });
  await Promise.all(sent);
  await all.promise;
  t.equal(new Set(got).size, 50);
});
