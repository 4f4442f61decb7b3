import t from 'tap';
import { BAD_STRINGS, connectBytes, field, frame, number16 } from './bytes.ts';
import {
  endsSilently,
  endsWith,
  openSite,
  ping,
  publish,
  publishPacket,
  receive,
  subscribe,
  textOf,
} from './open-site.ts';

t.test('[MQTT-3.1.0-1] whatever comes before CONNECT ends the connection', async (t) => {
  const site = await openSite(t);
  const early: [string, Buffer][] = [
    ['PUBLISH', frame(0x30, field('a'), [1])],
    ['PUBACK', frame(0x40, number16(1))],
    ['PUBREL', frame(0x62, number16(1))],
    ['SUBSCRIBE', frame(0x82, number16(1), field('a'), [0])],
    ['UNSUBSCRIBE', frame(0xa2, number16(1), field('a'))],
    ['PINGREQ', frame(0xc0)],
    ['DISCONNECT', frame(0xe0)],
    ['a greeting of TLS', Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3])],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ];
  for (const [what, bytes] of early) {
    const client = await site.open();
    client.send(bytes);
    await endsSilently(t, client, what);
  }
});

t.test('[MQTT-3.1.0-2] a second CONNECT ends the connection', async (t) => {
  const site = await openSite(t);
  const client = await site.connect('twice');
  client.send(connectBytes({ fields: [field('twice')] }));
  await endsSilently(t, client, 'no second CONNACK');
});

t.test('[MQTT-3.1.2-1] another protocol name ends the connection', async (t) => {
  const site = await openSite(t);
  for (const name of ['MQTX', 'mqtt', 'MQTTT', 'MQ', '']) {
    const client = await site.open();
    client.send(connectBytes({ name }));
    await endsSilently(t, client, name);
  }
});

t.test(
  '[MQTT-3.1.2-2] [MQTT-3.2.2-4] [MQTT-3.2.2-5] another protocol level gets return code 1, session present 0, and the end',
  async (t) => {
    const site = await openSite(t);
    for (const level of [0, 1, 2, 3, 5, 6, 0x84, 255]) {
      const client = await site.open();
      client.send(connectBytes({ level }));
      await endsWith(t, client, [0x20, 2, 0, 1], `MQTT level ${level}`);
    }
    const old = await site.open();
    old.send(connectBytes({ name: 'MQIsdp', level: 4 }));
    await endsWith(t, old, [0x20, 2, 0, 1], 'MQIsdp level 4');
  },
);

t.test('MQTT 3.1 (MQIsdp, level 3) is served as 3.1.1 is', async (t) => {
  const site = await openSite(t);
  const client = await site.connect('old', { protocolId: 'MQIsdp', protocolVersion: 3 });
  await subscribe(client, { 'old/topic': 1 });
  await publish(client, 'old/topic', { qos: 1 });
  t.equal((await client.next('publish')).topic, 'old/topic');
});

t.test('[MQTT-3.1.2-3] the reserved flag of CONNECT ends the connection', async (t) => {
  const site = await openSite(t);
  const client = await site.open();
  client.send(connectBytes({ flags: 3 }));
  await endsSilently(t, client, 'no CONNACK');
});

t.test(
  '[MQTT-3.1.2-9] [MQTT-3.1.2-11] [MQTT-3.1.2-13] [MQTT-3.1.2-14] [MQTT-3.1.2-15] flags and fields of the will that do not go together end the connection',
  async (t) => {
    const site = await openSite(t);
    const id = field('raw');
    const wrong: [string, number, Uint8Array[]][] = [
      ['a will without its topic', 0x06, [id]],
      ['a will without its message', 0x06, [id, field('topic')]],
      ['a topic and message without the will', 0x02, [id, field('topic'), field('gone')]],
      ['a QoS without the will', 0x0a, [id]],
      ['retain without the will', 0x22, [id]],
      ['a will with QoS 3', 0x1e, [id, field('topic'), field('gone')]],
    ];
    for (const [what, flags, fields] of wrong) {
      const client = await site.open();
      client.send(connectBytes({ flags, fields }));
      await endsSilently(t, client, what);
    }
  },
);

t.test(
  '[MQTT-3.1.2-18] [MQTT-3.1.2-19] [MQTT-3.1.2-20] [MQTT-3.1.2-21] [MQTT-3.1.2-22] flags and fields of user name and password that do not go together end the connection',
  async (t) => {
    const site = await openSite(t);
    const id = field('raw');
    const wrong: [string, number, Uint8Array[]][] = [
      ['a user name that no flag announces', 0x02, [id, field('name')]],
      ['a flag without the user name', 0x82, [id]],
      ['a password that no flag announces', 0x82, [id, field('name'), field('secret')]],
      ['a flag without the password', 0xc2, [id, field('name')]],
      ['a password flag without the user name flag', 0x42, [id, field('secret')]],
    ];
    for (const [what, flags, fields] of wrong) {
      const client = await site.open();
      client.send(connectBytes({ flags, fields }));
      await endsSilently(t, client, what);
    }
  },
);

t.test('[MQTT-3.1.3-1] [MQTT-3.1.3-3] all fields of the payload are taken in their order', async (t) => {
  const site = await openSite(t);
  const watcher = await site.connect('watcher');
  await subscribe(watcher, { 'last/words': 1 });
  const client = await site.open();
  const fields = [field('full'), field('last/words'), field('gone'), field('name'), field('secret')];
  client.send(connectBytes({ flags: 0xce, fields }));
  t.equal((await client.next('connack')).returnCode, 0);
  await client.drop();
  const will = await receive(watcher);
  t.same([will.topic, textOf(will), will.qos], ['last/words', 'gone', 1]);
  const without = await site.open();
  without.send(connectBytes({ fields: [] }));
  await endsSilently(t, without, 'no client id at all');
});

t.test(
  '[MQTT-3.1.3-4] [MQTT-3.1.3-10] [MQTT-3.1.3-11] client id, will topic and user name must be UTF-8',
  async (t) => {
    const site = await openSite(t);
    for (const [what, bytes] of BAD_STRINGS) {
      const places: [string, number, Uint8Array[]][] = [
        ['client id', 0x02, [field(bytes)]],
        ['will topic', 0x06, [field('raw'), field(bytes), field('gone')]],
        ['user name', 0x82, [field('raw'), field(bytes)]],
      ];
      for (const [place, flags, fields] of places) {
        const client = await site.open();
        client.send(connectBytes({ flags, fields }));
        await endsSilently(t, client, `${place}: ${what}`);
      }
    }
  },
);

t.test('[MQTT-3.1.3-5] client ids of 1 to 23 letters and digits are taken, and longer ones', async (t) => {
  const site = await openSite(t);
  const letters = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const ids = ['0', 'Z', letters.slice(0, 23), letters.slice(23, 46), letters.slice(-23), letters + letters];
  for (const id of ids) await ping(await site.connect(id));
  t.pass(ids.join(' '));
});

t.test(
  '[MQTT-3.1.3-6] an empty client id with a clean session gets an id that nobody else has',
  async (t) => {
    const site = await openSite(t);
    const first = await site.connect('');
    const second = await site.connect('');
    await subscribe(first, { 'to/both': 0 });
    await subscribe(second, { 'to/both': 0 });
    await publish(await site.connect('sender'), 'to/both');
    t.equal((await receive(first)).topic, 'to/both', 'the second did not push the first out');
    t.equal((await receive(second)).topic, 'to/both');
  },
);

t.test(
  '[MQTT-3.1.3-7] [MQTT-3.1.3-8] an empty client id with a session to keep gets return code 2 and the end',
  async (t) => {
    const site = await openSite(t);
    const client = await site.open();
    client.send(connectBytes({ flags: 0, fields: [field('')] }));
    await endsWith(t, client, [0x20, 2, 0, 2], 'return code 2');
  },
);

t.test('[MQTT-3.1.3-9] a client id that is not taken gets return code 2 and the end', async (t) => {
  const site = await openSite(t);
  const client = await site.open();
  client.send(connectBytes({ fields: [field('x'.repeat(129))] }));
  await endsWith(t, client, [0x20, 2, 0, 2], 'return code 2');
});

t.test(
  '[MQTT-3.1.4-1] [MQTT-3.2.2-6] a CONNECT that is not whole or has too much ends the connection without CONNACK',
  async (t) => {
    const site = await openSite(t);
    const wrong: [string, Buffer][] = [
      ['nothing', frame(0x10)],
      ['a name only', frame(0x10, field('MQTT'))],
      ['no keep-alive', frame(0x10, field('MQTT'), [4, 2])],
      ['half a keep-alive', frame(0x10, field('MQTT'), [4, 2, 0])],
      ['a client id longer than the packet', frame(0x10, field('MQTT'), [4, 2, 0, 0, 0, 9, 0x61])],
      ['bytes after the last field', connectBytes({ fields: [field('raw'), Buffer.from([1])] })],
      ['flags in the fixed header', Buffer.from([0x11, ...connectBytes().subarray(1)])],
    ];
    for (const [what, bytes] of wrong) {
      const client = await site.open();
      client.send(bytes);
      await endsSilently(t, client, what);
    }
  },
);

t.test('[MQTT-3.1.4-2] a second connection with the same client id ends the first', async (t) => {
  const site = await openSite(t);
  const first = await site.connect('same');
  const second = await site.connect('same');
  await endsSilently(t, first, 'the first has ended');
  await ping(second);
});

t.test(
  '[MQTT-3.1.4-4] [MQTT-3.2.0-1] CONNACK with code 0 is the first packet, ahead of what waits for the session',
  async (t) => {
    const site = await openSite(t);
    const before = await site.connect('away', { clean: false });
    await subscribe(before, { 'news/#': 1 });
    await before.disconnect();
    await publish(await site.connect('sender'), 'news/1', { qos: 1 });
    const back = await site.open();
    back.send(connectBytes({ flags: 0, fields: [field('away')] }));
    t.equal((await back.next('connack')).returnCode, 0);
    t.equal((await receive(back)).topic, 'news/1');
  },
);

t.test('[MQTT-3.1.4-5] nothing that follows a rejected CONNECT is acted upon', async (t) => {
  const site = await openSite(t);
  const watcher = await site.connect('watcher');
  await subscribe(watcher, { 'rejected/#': 0 });
  const smuggled = frame(0x30, field('rejected/smuggled'), [1]);
  const rejected = [
    connectBytes({ flags: 0, fields: [field('')] }),
    connectBytes({ level: 5 }),
    connectBytes({ flags: 3 }),
    connectBytes({ fields: [field('x'.repeat(200))] }),
  ];
  for (const bytes of rejected) {
    const client = await site.open();
    client.send(bytes, smuggled);
    await client.closed;
  }
  await publish(watcher, 'rejected/not');
  t.equal((await receive(watcher)).topic, 'rejected/not');
});

t.test('packets right behind CONNECT are served, without waiting for CONNACK', async (t) => {
  const site = await openSite(t);
  const client = await site.open();
  const many = Array.from({ length: 100 }, (_, n) => publishPacket('eager/all', { payload: `${n}` }));
  client.send(
    connectBytes(),
    { cmd: 'subscribe', messageId: 7, subscriptions: [{ topic: 'eager/none', qos: 0 }] },
    ...many,
    { cmd: 'pingreq' },
  );
  t.equal((await client.next('connack')).returnCode, 0);
  t.equal((await client.until('suback')).messageId, 7);
  await client.until('pingresp');
});
