import t from 'tap';
import { openSite, publish, receive, subscribe, textOf } from './open-site.ts';

t.test(
  '[MQTT-3.3.1-5] [MQTT-3.3.1-6] [MQTT-3.3.1-8] a new subscription gets the last retained message of each topic, with RETAIN and the lower QoS',
  async (t) => {
    const site = await openSite(t);
    const sender = await site.connect('sender');
    for (const qos of [0, 1, 2] as const) {
      await publish(sender, `kept/${qos}`, { qos, retain: true, payload: 'old' });
      await publish(sender, `kept/${qos}`, { qos, retain: true, payload: `${qos}` });
    }
    for (const granted of [0, 1, 2] as const) {
      const reader = await site.connect(`reader-${granted}`);
      await subscribe(reader, { 'kept/+': granted });
      const got = [await receive(reader), await receive(reader), await receive(reader)];
      got.sort((a, b) => a.topic.localeCompare(b.topic));
      t.same(got.map(textOf), ['0', '1', '2']);
      t.same(
        got.map(({ qos }) => qos),
        [0, 1, 2].map((qos) => Math.min(qos, granted)),
        `granted ${granted}`,
      );
      t.same(
        got.map(({ retain }) => retain),
        [true, true, true],
      );
    }
  },
);

t.test('[MQTT-3.3.1-7] a retained QoS 0 message takes the place of the one before', async (t) => {
  const site = await openSite(t);
  const sender = await site.connect('sender');
  await publish(sender, 'kept', { qos: 1, retain: true, payload: 'before' });
  await publish(sender, 'kept', { qos: 0, retain: true, payload: 'after' });
  const reader = await site.connect('reader');
  await subscribe(reader, { kept: 1 });
  const got = await receive(reader);
  t.same([textOf(got), got.qos], ['after', 0]);
});

t.test('[MQTT-3.3.1-9] subscribers that are there get a retained message without RETAIN', async (t) => {
  const site = await openSite(t);
  const sender = await site.connect('sender');
  for (const granted of [0, 1, 2] as const) {
    for (const clean of [true, false]) {
      const reader = await site.connect(`reader-${granted}-${clean}`, { clean });
      await subscribe(reader, { [`live/${granted}/${clean}`]: granted });
      await publish(sender, `live/${granted}/${clean}`, { qos: 2, retain: true });
      const got = await receive(reader);
      t.same([got.retain, got.qos], [false, granted], got.topic);
    }
  }
});

t.test(
  '[MQTT-3.3.1-10] [MQTT-3.3.1-11] an empty retained message is delivered, and clears what was retained',
  async (t) => {
    const site = await openSite(t);
    const sender = await site.connect('sender');
    const there = await site.connect('there');
    await publish(sender, 'kept', { qos: 1, retain: true, payload: 'something' });
    await subscribe(there, { kept: 1 });
    t.equal(textOf(await receive(there)), 'something');
    for (const qos of [0, 1, 2] as const) {
      await publish(sender, 'kept', { qos, retain: true, payload: '' });
      const got = await receive(there);
      t.same([textOf(got), got.retain], ['', false], `QoS ${qos}, like other messages`);
      const late = await site.connect('late');
      await subscribe(late, { kept: 1 });
      await publish(sender, 'kept', { qos: 1, payload: 'sentinel' });
      t.equal(textOf(await receive(late)), 'sentinel', 'nothing is retained');
      t.equal(textOf(await receive(there)), 'sentinel');
      await publish(sender, 'kept', { qos: 1, retain: true, payload: 'something' });
      await receive(there);
      await late.disconnect();
    }
  },
);

t.test('[MQTT-3.3.1-12] a message without RETAIN is not retained and leaves what is', async (t) => {
  const site = await openSite(t);
  const sender = await site.connect('sender');
  await publish(sender, 'kept', { qos: 1, retain: true, payload: 'stays' });
  for (const payload of ['passes', '']) await publish(sender, 'kept', { qos: 1, payload });
  await publish(sender, 'never', { qos: 1, payload: 'passes' });
  const reader = await site.connect('reader');
  await subscribe(reader, { kept: 1, never: 1 });
  t.equal(textOf(await receive(reader)), 'stays');
  await publish(sender, 'never', { qos: 1, payload: 'sentinel' });
  t.equal(textOf(await receive(reader)), 'sentinel');
});

t.test('retained messages of a resumed session are not sent again; only SUBSCRIBE brings them', async (t) => {
  const site = await openSite(t);
  const sender = await site.connect('sender');
  await publish(sender, 'kept', { qos: 1, retain: true, payload: 'retained' });
  const before = await site.connect('reader', { clean: false });
  await subscribe(before, { kept: 1 });
  t.equal(textOf(await receive(before)), 'retained');
  await before.disconnect();
  const back = await site.connect('reader', { clean: false });
  await publish(sender, 'kept', { qos: 1, payload: 'sentinel' });
  t.equal(textOf(await receive(back)), 'sentinel');
});
