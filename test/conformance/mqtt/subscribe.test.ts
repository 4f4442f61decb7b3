import t from 'tap';
import { BAD_STRINGS, field, frame, number16 } from './bytes.ts';
import {
  endsSilently,
  openSite,
  ping,
  publish,
  publishPacket,
  receive,
  subscribe,
  textOf,
} from './open-site.ts';

t.test('[MQTT-3.8.1-1] flags of SUBSCRIBE other than 2 end the connection', async (t) => {
  const site = await openSite(t);
  for (const flags of [0, 1, 3, 6, 10]) {
    const client = await site.connect('raw');
    client.send(frame(0x80 | flags, number16(1), field('a'), [0]));
    await endsSilently(t, client, `${flags}`);
  }
});

t.test('[MQTT-3.8.3-1] [MQTT-3.10.3-1] filters must be UTF-8, in SUBSCRIBE and UNSUBSCRIBE', async (t) => {
  const site = await openSite(t);
  for (const [what, bytes] of BAD_STRINGS) {
    const subscriber = await site.connect('raw');
    subscriber.send(frame(0x82, number16(1), field('good'), [0], field(bytes), [0]));
    await endsSilently(t, subscriber, `SUBSCRIBE: ${what}`);
    const other = await site.connect('raw');
    other.send(frame(0xa2, number16(1), field(bytes)));
    await endsSilently(t, other, `UNSUBSCRIBE: ${what}`);
  }
});

t.test('[MQTT-3.8.3-2] wildcards are served', async (t) => {
  const site = await openSite(t);
  const client = await site.connect('raw');
  t.same(await subscribe(client, { '#': 1, '+/+': 2, 'a/+/#': 0 }), [1, 2, 0]);
});

t.test(
  '[MQTT-3.8.3-3] [MQTT-3.10.3-2] SUBSCRIBE and UNSUBSCRIBE without a filter end the connection',
  async (t) => {
    const site = await openSite(t);
    const wrong: [string, Buffer][] = [
      ['SUBSCRIBE', frame(0x82, number16(1))],
      ['SUBSCRIBE without a QoS', frame(0x82, number16(1), field('a'))],
      ['SUBSCRIBE with half a filter', frame(0x82, number16(1), number16(5), [0x61])],
      ['UNSUBSCRIBE', frame(0xa2, number16(1))],
      ['UNSUBSCRIBE with half a filter', frame(0xa2, number16(1), number16(5), [0x61])],
    ];
    for (const [what, bytes] of wrong) {
      const client = await site.connect('raw');
      client.send(bytes);
      await endsSilently(t, client, what);
    }
  },
);

t.test('[MQTT-3-8.3-4] a requested QoS above 2 and reserved bits beside it end the connection', async (t) => {
  const site = await openSite(t);
  for (const options of [3, 4, 8, 0x80, 0x81, 255]) {
    const client = await site.connect('raw');
    client.send(frame(0x82, number16(1), field('a'), [options]));
    await endsSilently(t, client, `${options}`);
  }
});

t.test(
  '[MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-2.3.1-7] SUBSCRIBE is answered with SUBACK, UNSUBSCRIBE with UNSUBACK, with the same packet id',
  async (t) => {
    const site = await openSite(t);
    const client = await site.connect('raw', { clean: false });
    for (const messageId of [1, 256, 65_535]) {
      client.send({ cmd: 'subscribe', messageId, subscriptions: [{ topic: 'a', qos: 1 }] });
      t.equal((await client.next('suback')).messageId, messageId);
      client.send({ cmd: 'unsubscribe', messageId, unsubscriptions: ['a'] });
      t.equal((await client.next('unsuback')).messageId, messageId);
    }
  },
);

t.test(
  '[MQTT-3.8.4-3] the same filter again replaces the subscription: another QoS, retained messages again, one copy',
  async (t) => {
    const site = await openSite(t);
    const sender = await site.connect('sender');
    await publish(sender, 'same/kept', { qos: 2, retain: true, payload: 'kept' });
    for (const clean of [true, false]) {
      const reader = await site.connect(`reader-${clean}`, { clean });
      for (const qos of [0, 1, 2, 2, 1, 0] as const) {
        t.same(await subscribe(reader, { 'same/#': qos }), [qos]);
        const retained = await receive(reader);
        t.same([textOf(retained), retained.retain, retained.qos], ['kept', true, qos], 'retained again');
        await publish(sender, 'same/live', { qos: 2, payload: `live ${qos}` });
        const live = await receive(reader);
        t.same([textOf(live), live.qos], [`live ${qos}`, qos], 'one copy, with the new QoS');
      }
    }
  },
);

t.test(
  '[MQTT-3.8.4-4] [MQTT-3.8.4-5] [MQTT-3.9.3-1] [MQTT-3.9.3-2] one SUBACK has a code for each filter, in their order, 0x80 for those refused',
  async (t) => {
    const site = await openSite(t);
    const client = await site.connect('raw');
    const filters = [
      { topic: 'a', qos: 2 },
      { topic: '$SYS/#', qos: 1 },
      { topic: 'b', qos: 0 },
      { topic: '$SYS/x', qos: 0 },
      { topic: 'c/#', qos: 1 },
    ] as const;
    client.send({ cmd: 'subscribe', messageId: 3, subscriptions: [...filters] });
    t.same((await client.next('suback')).granted, [2, 128, 0, 128, 1]);
    await publish(await site.connect('sender'), 'c/d', { qos: 1 });
    t.equal((await receive(client)).topic, 'c/d', 'those granted are in force');
  },
);

t.test('a filter that stands twice in one SUBSCRIBE has a code for each, and the last counts', async (t) => {
  const site = await openSite(t);
  for (const clean of [true, false]) {
    const client = await site.connect(`raw-${clean}`, { clean });
    const filters = [
      { topic: 'twice', qos: 2 },
      { topic: 'once', qos: 0 },
      { topic: 'twice', qos: 1 },
    ] as const;
    client.send({ cmd: 'subscribe', messageId: 3, subscriptions: [...filters] });
    t.same((await client.next('suback')).granted, [2, 0, 1]);
    const sender = await site.connect('sender');
    await publish(sender, 'twice', { qos: 2, payload: 'first' });
    const first = await receive(client);
    t.same([textOf(first), first.qos], ['first', 1]);
    await publish(sender, 'twice', { qos: 2, payload: 'second' });
    t.equal(textOf(await receive(client)), 'second', 'one copy');
  }
});

t.test('[MQTT-3.8.4-6] a message goes out with the lower of its own QoS and the one granted', async (t) => {
  const site = await openSite(t);
  const sender = await site.connect('sender');
  for (const filter of ['min/x', 'min/+', 'min/#']) {
    for (const granted of [0, 1, 2] as const) {
      const reader = await site.connect(`${filter} ${granted}`, { clean: granted !== 1 });
      await subscribe(reader, { [filter]: granted });
      for (const qos of [0, 1, 2] as const) {
        await publish(sender, 'min/x', { qos, payload: `${qos}` });
        const got = await receive(reader);
        t.same([textOf(got), got.qos], [`${qos}`, Math.min(qos, granted)], `${filter} granted ${granted}`);
      }
      await reader.disconnect();
    }
  }
});

t.test('[MQTT-3.10.1-1] flags of UNSUBSCRIBE other than 2 end the connection', async (t) => {
  const site = await openSite(t);
  for (const flags of [0, 1, 3, 6, 10]) {
    const client = await site.connect('raw');
    client.send(frame(0xa0 | flags, number16(1), field('a')));
    await endsSilently(t, client, `${flags}`);
  }
});

t.test(
  '[MQTT-3.10.4-1] UNSUBSCRIBE ends the subscription with exactly that filter, and no other',
  async (t) => {
    const site = await openSite(t);
    const sender = await site.connect('sender');
    for (const clean of [true, false]) {
      const reader = await site.connect(`reader-${clean}`, { clean });
      await subscribe(reader, { 'a/+': 1, 'A/b': 1 });
      reader.send({
        cmd: 'unsubscribe',
        messageId: 2,
        unsubscriptions: ['a/b', 'a/#', 'a/+/', 'A/B', '+/b'],
      });
      await reader.next('unsuback');
      await publish(sender, 'a/b', { qos: 1, payload: 'still' });
      t.equal(textOf(await receive(reader)), 'still', 'a/+ is in force');
      await publish(sender, 'A/b', { qos: 1, payload: 'this, too' });
      t.equal(textOf(await receive(reader)), 'this, too');
    }
  },
);

t.test('[MQTT-3.10.4-2] after UNSUBACK nothing new is delivered, at once or after a reconnect', async (t) => {
  const site = await openSite(t);
  const sender = await site.connect('sender');
  for (const clean of [true, false]) {
    const reader = await site.connect(`reader-${clean}`, { clean });
    await subscribe(reader, { 'un/#': 2, sentinel: 2 });
    reader.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['un/#'] });
    await reader.next('unsuback');
    await publish(sender, 'un/1', { qos: 2 });
    await publish(sender, 'sentinel', { qos: 2 });
    t.equal((await receive(reader)).topic, 'sentinel');
    await reader.drop();
    if (clean) continue;
    await publish(sender, 'un/2', { qos: 2 });
    await publish(sender, 'sentinel', { qos: 2 });
    const back = await site.connect(`reader-${clean}`, { clean });
    t.equal((await receive(back)).topic, 'sentinel');
  }
});

t.test(
  '[MQTT-3.10.4-3] what has begun to be delivered is brought to its end after UNSUBSCRIBE',
  async (t) => {
    const site = await openSite(t);
    const reader = await site.connect('reader', { clean: false });
    await subscribe(reader, { 'begun/#': 2 });
    const sender = await site.connect('sender');
    await publish(sender, 'begun/1', { qos: 1 });
    await publish(sender, 'begun/2', { qos: 2 });
    const first = await reader.until('publish', ({ topic }) => topic === 'begun/1');
    const second = await reader.until('publish', ({ topic }) => topic === 'begun/2');
    reader.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['begun/#'] });
    await reader.next('unsuback');
    reader.send({ cmd: 'pubrec', messageId: second.messageId ?? 0 });
    t.equal((await reader.next('pubrel')).messageId, second.messageId);
    reader.send({ cmd: 'pubcomp', messageId: second.messageId ?? 0 });
    await ping(reader);
    await reader.drop();
    const back = await site.connect('reader', { clean: false });
    const again = await back.until('publish');
    t.same(
      [again.topic, again.messageId, again.dup],
      ['begun/1', first.messageId, true],
      'QoS 1 comes again',
    );
  },
);

t.test(
  '[MQTT-3.10.4-4] [MQTT-3.10.4-5] [MQTT-3.10.4-6] UNSUBSCRIBE of several filters, known or not, is answered with one UNSUBACK',
  async (t) => {
    const site = await openSite(t);
    const client = await site.connect('raw');
    await subscribe(client, { a: 0, b: 0 });
    client.send(
      { cmd: 'unsubscribe', messageId: 77, unsubscriptions: ['nothing', 'a', 'b', 'a'] },
      { cmd: 'pingreq' },
    );
    t.equal((await client.until('unsuback')).messageId, 77);
    await client.until('pingresp');
    client.send({ cmd: 'unsubscribe', messageId: 78, unsubscriptions: ['never/there'] });
    t.equal((await client.next('unsuback')).messageId, 78);
    t.same(client.waiting(), []);
    client.send(publishPacket('a'), publishPacket('b'));
    await ping(client);
    t.same(client.waiting(), []);
  },
);
