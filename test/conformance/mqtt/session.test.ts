import t from 'tap';
import type { RawMqtt } from '#test/support/raw-mqtt.ts';
import { RawMqtt as Raw } from '#test/support/raw-mqtt.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { type OpenSite, openSite, ping, publish, receive, subscribe, textOf } from './open-site.ts';

/** Connects and answers what CONNACK said of an earlier session, too. */
async function connectAs(
  t: Parameters<typeof openSite>[0],
  site: OpenSite,
  clientId: string,
  clean: boolean,
) {
  const client = await Raw.open(t, site.port);
  client.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId, clean, keepalive: 0 });
  const { returnCode, sessionPresent } = await client.next('connack');
  if (returnCode !== 0) throw new RangeError(`CONNACK ${returnCode}`);
  return { client, sessionPresent };
}

/** Nothing more waits for this client: a message sent now is the next it gets. */
async function nothingBefore(site: OpenSite, client: RawMqtt, topic: string): Promise<string> {
  await publish(await site.connect('sentinel'), topic, { qos: 1, payload: 'sentinel' });
  return textOf(await receive(client));
}

t.test(
  '[MQTT-3.2.2-1] [MQTT-3.2.2-3] session present is 0 for a clean session and for one that is new',
  async (t) => {
    const site = await openSite(t);
    const first = await connectAs(t, site, 'me', false);
    t.equal(first.sessionPresent, false, 'new');
    await subscribe(first.client, { a: 1 });
    await first.client.disconnect();
    const clean = await connectAs(t, site, 'me', true);
    t.equal(clean.sessionPresent, false, 'clean, though there was one');
    await clean.client.disconnect();
    t.equal((await connectAs(t, site, 'me', false)).sessionPresent, false, 'the clean one has ended it');
  },
);

t.test(
  '[MQTT-3.2.2-2] [MQTT-3.1.2-4] session present is 1 where one is kept, with or without subscriptions',
  async (t) => {
    const site = await openSite(t);
    for (const filters of [{ 'a/b': 1 }, {}] as const) {
      const id = `kept-${Object.keys(filters).length}`;
      const first = await connectAs(t, site, id, false);
      if (Object.keys(filters).length > 0) await subscribe(first.client, filters);
      await first.client.disconnect();
      const second = await connectAs(t, site, id, false);
      t.equal(second.sessionPresent, true, id);
      await second.client.drop();
      t.equal((await connectAs(t, site, id, false)).sessionPresent, true, `${id}, after a cut`);
    }
  },
);

t.test(
  '[MQTT-3.1.2-5] [MQTT-4.5.0-1] what comes with QoS 1 and 2 while a session is away is kept for it',
  async (t) => {
    const site = await openSite(t);
    const before = await connectAs(t, site, 'away', false);
    await subscribe(before.client, { 'kept/#': 2 });
    await before.client.drop();
    const sender = await site.connect('sender');
    await publish(sender, 'kept/1', { qos: 1, payload: 'one' });
    await publish(sender, 'kept/2', { qos: 2, payload: 'two' });
    const { client } = await connectAs(t, site, 'away', false);
    const got = [await receive(client), await receive(client)];
    t.same(got.map((message) => [message.topic, textOf(message), message.qos]).sort(), [
      ['kept/1', 'one', 1],
      ['kept/2', 'two', 2],
    ]);
  },
);

t.test(
  '[MQTT-3.1.2-6] [MQTT-3.1.4-3] a clean session begins with nothing of an earlier one, and leaves nothing',
  async (t) => {
    const site = await openSite(t);
    const kept = await connectAs(t, site, 'me', false);
    await subscribe(kept.client, { 'old/#': 1 });
    kept.client.send({
      cmd: 'publish',
      topic: 'half',
      payload: '1',
      qos: 2,
      dup: false,
      retain: false,
      messageId: 9,
    });
    await kept.client.until('pubrec');
    await kept.client.drop();
    await publish(await site.connect('sender'), 'old/1', { qos: 1 });

    const watcher = await site.connect('watcher');
    await subscribe(watcher, { half: 2 });
    const clean = await connectAs(t, site, 'me', true);
    await subscribe(clean.client, { 'new/#': 1 });
    t.equal(await nothingBefore(site, clean.client, 'new/1'), 'sentinel', 'no queue');
    await publish(await site.connect('sender'), 'old/2', { qos: 1 });
    t.equal(await nothingBefore(site, clean.client, 'new/1'), 'sentinel', 'no subscription');
    await publish(clean.client, 'half', { qos: 2, messageId: 9, payload: 'fresh' });
    t.equal(
      textOf(await receive(watcher)),
      'fresh',
      'no QoS 2 handshake: the same packet id is a new message',
    );
    await clean.client.drop();

    const after = await connectAs(t, site, 'me', false);
    t.equal(after.sessionPresent, false);
    await subscribe(after.client, { 'third/#': 1 });
    await publish(await site.connect('sender'), 'new/2', { qos: 1 });
    t.equal(
      await nothingBefore(site, after.client, 'third/1'),
      'sentinel',
      'no subscription of the clean one',
    );
  },
);

t.test('[MQTT-3.1.2-7] retained messages outlive the session that has sent them', async (t) => {
  const site = await openSite(t);
  const { client } = await connectAs(t, site, 'me', true);
  await publish(client, 'lasting', { qos: 1, retain: true, payload: 'still here' });
  await client.disconnect();
  await (await connectAs(t, site, 'me', true)).client.disconnect();
  const reader = await site.connect('reader');
  await subscribe(reader, { lasting: 1 });
  t.equal(textOf(await receive(reader)), 'still here');
});

t.test('[MQTT-3.1.3-2] state belongs to the client id, and to no other', async (t) => {
  const site = await openSite(t);
  const mine = await connectAs(t, site, 'mine', false);
  await subscribe(mine.client, { 'for/me': 1 });
  await mine.client.disconnect();
  await publish(await site.connect('sender'), 'for/me', { qos: 1 });
  for (const id of ['Mine', 'mine ', 'min']) {
    const { client, sessionPresent } = await connectAs(t, site, id, false);
    t.equal(sessionPresent, false, id);
    await ping(client);
    t.same(client.waiting(), [], id);
  }
  const back = await connectAs(t, site, 'mine', false);
  t.equal((await receive(back.client)).topic, 'for/me');
});

t.test('[MQTT-4.1.0-1] [MQTT-4.1.0-2] a session lasts over a restart of the broker', async (t) => {
  const dataDir = temporaryFolder(t);
  const before = await openSite(t, { dataDir });
  const first = await connectAs(t, before, 'me', false);
  await subscribe(first.client, { 'kept/#': 2 });
  first.client.send({
    cmd: 'publish',
    topic: 'half',
    payload: '1',
    qos: 2,
    dup: false,
    retain: false,
    messageId: 9,
  });
  await first.client.until('pubrec');
  await first.client.drop();
  await publish(await before.connect('sender'), 'kept/1', { qos: 1, payload: 'queued' });
  await before.close();

  const after = await openSite(t, { dataDir });
  const watcher = await after.connect('watcher');
  await subscribe(watcher, { half: 2, 'sentinel/#': 2 });
  const { client, sessionPresent } = await connectAs(t, after, 'me', false);
  t.equal(sessionPresent, true);
  t.equal(textOf(await receive(client)), 'queued');
  client.send({
    cmd: 'publish',
    topic: 'half',
    payload: '1',
    qos: 2,
    dup: true,
    retain: false,
    messageId: 9,
  });
  await client.until('pubrec');
  client.send({ cmd: 'pubrel', messageId: 9 });
  await client.until('pubcomp');
  await publish(client, 'sentinel/1', { qos: 2 });
  t.equal((await receive(watcher)).topic, 'sentinel/1', 'the half QoS 2 handshake was remembered');
  await publish(await after.connect('sender'), 'kept/2', { qos: 1, payload: 'live' });
  t.equal(textOf(await receive(client)), 'live', 'the subscription as well');
});

t.test(
  '[MQTT-4.4.0-1] [MQTT-3.3.1-1] [MQTT-2.3.1-4] [MQTT-4.6.0-1] what was not acknowledged comes again after a reconnect: same packet ids, DUP, the order of before',
  async (t) => {
    const site = await openSite(t);
    const first = await connectAs(t, site, 'me', false);
    await subscribe(first.client, { 'topic/#': 2 });
    const sender = await site.connect('sender');
    for (const n of [1, 2, 3, 4]) await publish(sender, 'topic/a', { qos: 1, payload: `${n}`, messageId: n });
    const sent = [];
    for (let n = 0; n < 4; n++) sent.push(await first.client.until('publish'));
    t.same(sent.map(textOf), ['1', '2', '3', '4']);
    t.same(
      sent.map(({ dup }) => dup),
      [false, false, false, false],
      'the first time without DUP',
    );
    t.equal(new Set(sent.map(({ messageId }) => messageId)).size, 4, 'each with an id of its own');
    const [acknowledged, ...open] = sent;
    first.client.send({ cmd: 'puback', messageId: acknowledged?.messageId ?? 0 });
    await ping(first.client);
    await first.client.drop();

    const second = await connectAs(t, site, 'me', false);
    const again = [];
    for (const _ of open) again.push(await second.client.until('publish'));
    t.same(again.map(textOf), ['2', '3', '4']);
    t.same(
      again.map(({ messageId }) => messageId),
      open.map(({ messageId }) => messageId),
      'the same packet ids',
    );
    t.same(
      again.map(({ dup }) => dup),
      [true, true, true],
      'DUP',
    );
  },
);

t.test(
  '[MQTT-4.3.3-1] after PUBREC a QoS 2 message goes on with PUBREL, also after a reconnect, and never as PUBLISH again',
  async (t) => {
    const site = await openSite(t);
    const first = await connectAs(t, site, 'me', false);
    await subscribe(first.client, { 'topic/#': 2 });
    await publish(await site.connect('sender'), 'topic/a', { qos: 2, payload: 'once' });
    const { messageId = 0, qos, dup } = await first.client.until('publish');
    t.same([qos, dup], [2, false]);
    first.client.send({ cmd: 'pubrec', messageId });
    t.equal((await first.client.until('pubrel')).messageId, messageId, 'PUBREL with the same id');
    await first.client.drop();

    const second = await connectAs(t, site, 'me', false);
    t.equal((await second.client.next('pubrel')).messageId, messageId, 'PUBREL again');
    second.client.send({ cmd: 'pubcomp', messageId });
    t.equal(await nothingBefore(site, second.client, 'topic/b'), 'sentinel', 'and no PUBLISH');
    await second.client.drop();
    const third = await connectAs(t, site, 'me', false);
    await publish(await site.connect('sender'), 'topic/c', { qos: 1 });
    t.equal((await third.client.next('publish')).topic, 'topic/c', 'after PUBCOMP it is done');
  },
);
