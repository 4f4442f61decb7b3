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

t.test('[MQTT-3.3.1-2] DUP with QoS 0 ends the connection; the broker itself never sends it', async (t) => {
  const site = await openSite(t);
  const client = await site.connect('raw');
  client.send(frame(0x38, field('a'), [1]));
  await endsSilently(t, client, 'DUP, QoS 0');
});

t.test('[MQTT-3.3.1-3] [MQTT-4.3.1-1] DUP of a publisher is not handed on to subscribers', async (t) => {
  const site = await openSite(t);
  const reader = await site.connect('reader');
  const sender = await site.connect('sender');
  for (const granted of [0, 1, 2] as const) {
    await subscribe(reader, { 'dup/#': granted });
    for (const qos of [1, 2] as const) {
      await publish(sender, `dup/${granted}/${qos}`, { qos, dup: true });
      const message = await receive(reader);
      t.same([message.dup, message.qos], [false, Math.min(qos, granted)], message.topic);
    }
  }
});

t.test('[MQTT-3.3.1-4] QoS 3 ends the connection', async (t) => {
  const site = await openSite(t);
  const client = await site.connect('raw');
  client.send(frame(0x36, field('a'), number16(1), [1]));
  await endsSilently(t, client, 'QoS 3');
});

t.test('[MQTT-3.3.2-1] a topic must be there and be UTF-8', async (t) => {
  const site = await openSite(t);
  const wrong: (readonly [string, Buffer])[] = [
    ['nothing', frame(0x30)],
    ['half a length', frame(0x30, [0])],
    ['a topic longer than the packet', frame(0x30, number16(10), [0x61])],
    ...BAD_STRINGS.map(([what, bytes]) => [what, frame(0x30, field(bytes), [1])] as const),
  ];
  for (const [what, bytes] of wrong) {
    const client = await site.connect('raw');
    client.send(bytes);
    await endsSilently(t, client, what);
  }
});

t.test('[MQTT-3.3.2-2] [MQTT-4.7.1-1] a topic with a wildcard ends the connection', async (t) => {
  const site = await openSite(t);
  for (const topic of ['#', '+', 'a/#', 'a/+/b', 'a#', '+a', 'a+']) {
    const client = await site.connect('raw');
    client.send(frame(0x30, field(topic), [1]));
    await endsSilently(t, client, topic);
  }
});

t.test(
  '[MQTT-3.3.2-3] a subscriber gets only topics that its filter matches, under their own name',
  async (t) => {
    const site = await openSite(t);
    const reader = await site.connect('reader');
    await subscribe(reader, { 'want/+/this': 1 });
    const sender = await site.connect('sender');
    for (const topic of ['want/this', 'want/a/that', 'want/a/this/too', 'want/a/this']) {
      await publish(sender, topic, { qos: 1 });
    }
    t.equal((await receive(reader)).topic, 'want/a/this');
  },
);

t.test(
  '[MQTT-3.3.4-1] [MQTT-2.3.1-6] QoS 0 is not answered, QoS 1 with PUBACK, QoS 2 with PUBREC, each with the same packet id',
  async (t) => {
    const site = await openSite(t);
    const client = await site.connect('raw');
    client.send(publishPacket('a'), { cmd: 'pingreq' });
    await client.next('pingresp');
    client.send(publishPacket('a', { qos: 1, messageId: 65_535 }));
    t.equal((await client.next('puback')).messageId, 65_535);
    client.send(publishPacket('a', { qos: 2, messageId: 1 }));
    t.equal((await client.next('pubrec')).messageId, 1);
    client.send({ cmd: 'pubrel', messageId: 1 });
    t.equal((await client.next('pubcomp')).messageId, 1);
  },
);

t.test(
  '[MQTT-3.3.5-1] overlapping subscriptions get one copy, with the highest QoS among them',
  async (t) => {
    const site = await openSite(t);
    const sets: readonly Record<string, 0 | 1 | 2>[] = [
      { 'over/#': 0, 'over/lap': 1 },
      { 'over/#': 1, 'over/lap': 0 },
      { 'over/+': 2, 'over/#': 1, '#': 0 },
      { '+/lap': 2, 'over/lap': 1 },
    ];
    const sender = await site.connect('sender');
    for (const [at, filters] of sets.entries()) {
      for (const clean of [true, false]) {
        const reader = await site.connect(`reader-${at}-${clean}`, { clean });
        await subscribe(reader, filters);
        await publish(sender, 'over/lap', { qos: 2, payload: 'once' });
        const first = await receive(reader);
        t.same(
          [textOf(first), first.qos],
          ['once', Math.max(...Object.values(filters))],
          JSON.stringify(filters),
        );
        await publish(sender, 'over/lap', { qos: 2, payload: 'sentinel' });
        t.equal(textOf(await receive(reader)), 'sentinel', 'one copy');
        await reader.disconnect();
      }
    }
  },
);

t.test(
  '[MQTT-3.3.5-2] a message that may not be published is not confirmed, and ends the connection',
  async (t) => {
    const site = await openSite(t);
    for (const topic of ['$SYS/broker/x', '$SYS', '$SYS/']) {
      const client = await site.connect('raw');
      client.send(publishPacket(topic, { qos: 1, messageId: 5 }));
      await client.closed;
      t.same(
        client.received.map(({ cmd }) => cmd),
        ['connack'],
        topic,
      );
    }
  },
);

t.test(
  '[MQTT-2.3.1-1] packet id 0 or none ends the connection, in PUBLISH, SUBSCRIBE and UNSUBSCRIBE',
  async (t) => {
    const site = await openSite(t);
    const wrong: [string, Buffer][] = [
      ['PUBLISH with 0', frame(0x32, field('a'), number16(0), [1])],
      ['PUBLISH QoS 2 with 0', frame(0x34, field('a'), number16(0), [1])],
      ['PUBLISH without', frame(0x32, field('a'))],
      ['PUBLISH with half of one', frame(0x32, field('a'), [1])],
      ['SUBSCRIBE with 0', frame(0x82, number16(0), field('a'), [0])],
      ['UNSUBSCRIBE with 0', frame(0xa2, number16(0), field('a'))],
      ['SUBSCRIBE without', frame(0x82)],
      ['UNSUBSCRIBE without', frame(0xa2)],
    ];
    for (const [what, bytes] of wrong) {
      const client = await site.connect('raw');
      client.send(bytes);
      await endsSilently(t, client, what);
    }
  },
);

t.test('[MQTT-2.3.1-5] QoS 0 goes out without a packet id: the payload follows the topic', async (t) => {
  const site = await openSite(t);
  const reader = await site.connect('reader');
  await subscribe(reader, { 'plain/#': 0 });
  const before = reader.bytes.length;
  await publish(await site.connect('sender'), 'plain/x', { qos: 1, payload: 'PAY' });
  await reader.until('publish');
  t.same(reader.bytes.subarray(before), frame(0x30, field('plain/x'), Buffer.from('PAY')));
});

t.test(
  '[MQTT-4.3.2-1] QoS 1 goes out with an id that is not in use, and stays unacknowledged until PUBACK',
  async (t) => {
    const site = await openSite(t);
    const reader = await site.connect('reader', { clean: false });
    await subscribe(reader, { 'out/#': 1 });
    const sender = await site.connect('sender');
    const ids = new Set<number>();
    for (let n = 0; n < 10; n++) {
      await publish(sender, 'out/x', { qos: 1, payload: `${n}` });
      const { messageId = 0, dup, qos } = await reader.until('publish');
      t.same([dup, qos], [false, 1]);
      t.ok(messageId > 0 && !ids.has(messageId), `${messageId} is new`);
      ids.add(messageId);
    }
    await reader.drop();
    const back = await site.connect('reader', { clean: false });
    for (let n = 0; n < 10; n++) t.equal(textOf(await back.until('publish')), `${n}`, 'still unacknowledged');
  },
);

t.test('[MQTT-4.3.2-2] after PUBACK the same packet id is a new message, whatever DUP says', async (t) => {
  const site = await openSite(t);
  const reader = await site.connect('reader');
  await subscribe(reader, { 'again/#': 1 });
  const sender = await site.connect('sender');
  for (const dup of [false, true, true]) {
    await publish(sender, 'again/x', { qos: 1, dup, messageId: 7, payload: `${dup}` });
    t.equal(textOf(await receive(reader)), `${dup}`);
  }
});

t.test(
  '[MQTT-4.3.3-2] a QoS 2 message is delivered once, however often PUBLISH and PUBREL come, and its id is free after PUBCOMP',
  async (t) => {
    const site = await openSite(t);
    const reader = await site.connect('reader');
    await subscribe(reader, { 'exact/#': 2 });
    const sender = await site.connect('sender', { clean: false });
    const message = publishPacket('exact/1', { qos: 2, messageId: 7, payload: 'once' });
    const again = { ...message, dup: true };
    sender.send(message, again, again);
    for (let n = 0; n < 3; n++) t.equal((await sender.next('pubrec')).messageId, 7, 'PUBREC for each');
    sender.send(again);
    t.equal((await sender.next('pubrec')).messageId, 7, 'later, too');
    await sender.drop();

    const back = await site.connect('sender', { clean: false });
    back.send(again);
    t.equal((await back.next('pubrec')).messageId, 7, 'and after a reconnect');
    back.send({ cmd: 'pubrel', messageId: 7 }, { cmd: 'pubrel', messageId: 7 });
    t.equal((await back.next('pubcomp')).messageId, 7);
    t.equal((await back.next('pubcomp')).messageId, 7, 'PUBCOMP for each PUBREL');
    await publish(back, 'exact/1', { qos: 2, messageId: 7, payload: 'new' });
    t.equal(textOf(await receive(reader)), 'once');
    t.equal(textOf(await receive(reader)), 'new', 'once only; the id is a new message now');
  },
);

t.test('PUBREL of a message that nobody knows is answered with PUBCOMP', async (t) => {
  const site = await openSite(t);
  const client = await site.connect('raw');
  client.send({ cmd: 'pubrel', messageId: 321 });
  t.equal((await client.next('pubcomp')).messageId, 321);
});

t.test('acknowledgements of messages that were never sent do no harm', async (t) => {
  const site = await openSite(t);
  for (const clean of [true, false]) {
    const client = await site.connect(`raw-${clean}`, { clean });
    client.send(
      { cmd: 'puback', messageId: 9 },
      { cmd: 'pubcomp', messageId: 10 },
      { cmd: 'pubrec', messageId: 11 },
    );
    await client.until('pubrel', ({ messageId }) => messageId === 11);
    await ping(client);
    t.ok(client.isOpen);
  }
});

t.test(
  '[MQTT-3.6.1-1] [MQTT-2.2.2-1] [MQTT-2.2.2-2] reserved flags of the fixed header end the connection, in each packet',
  async (t) => {
    const site = await openSite(t);
    const packets: [string, Buffer][] = [
      ['PUBACK', frame(0x40, number16(1))],
      ['PUBREC', frame(0x50, number16(1))],
      ['PUBREL', frame(0x62, number16(1))],
      ['PUBCOMP', frame(0x70, number16(1))],
      ['SUBSCRIBE', frame(0x82, number16(1), field('a'), [0])],
      ['UNSUBSCRIBE', frame(0xa2, number16(1), field('a'))],
      ['PINGREQ', frame(0xc0)],
      ['DISCONNECT', frame(0xe0)],
    ];
    for (const [what, bytes] of packets) {
      for (const bit of [1, 2, 4, 8]) {
        const client = await site.connect('raw');
        client.send(Buffer.from([(bytes[0] ?? 0) ^ bit, ...bytes.subarray(1)]));
        await endsSilently(t, client, `${what}, bit ${bit}`);
      }
    }
  },
);

t.test('[MQTT-4.8.0-1] whatever else breaks the protocol ends the connection', async (t) => {
  const site = await openSite(t);
  const wrong: [string, Buffer][] = [
    ['a remaining length of five bytes', Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01])],
    ['packet type 0', frame(0x00)],
    ['packet type 15', frame(0xf0)],
    ['CONNACK from a client', frame(0x20, [0, 0])],
    ['SUBACK from a client', frame(0x90, number16(1), [0])],
    ['UNSUBACK from a client', frame(0xb0, number16(1))],
    ['PINGRESP from a client', frame(0xd0)],
    ['PINGREQ with a body', frame(0xc0, [0])],
    ['DISCONNECT with a body', frame(0xe0, [0])],
    ['PUBACK without an id', frame(0x40)],
    ['PUBACK with an id of 0', frame(0x40, number16(0))],
    ['PUBREL with more than an id', frame(0x62, number16(1), [0])],
  ];
  for (const [what, bytes] of wrong) {
    const client = await site.connect('raw');
    client.send(bytes);
    await endsSilently(t, client, what);
  }
});

t.test('what was sent before a packet that breaks the protocol is still worked off', async (t) => {
  const site = await openSite(t);
  const reader = await site.connect('reader');
  await subscribe(reader, { 'before/#': 1 });
  const client = await site.connect('raw');
  client.send(
    publishPacket('before/the-end', { qos: 1, messageId: 3 }),
    frame(0x36, field('a'), [0, 1]),
    publishPacket('before/after', { qos: 1, messageId: 4 }),
  );
  await client.closed;
  t.same(client.received.map(({ cmd, messageId }) => [cmd, messageId]).slice(1), [['puback', 3]]);
  t.equal((await receive(reader)).topic, 'before/the-end');
});
