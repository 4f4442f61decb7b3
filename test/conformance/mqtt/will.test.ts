import t from 'tap';
import type { RawMqtt } from '#test/support/raw-mqtt.ts';
import { field, frame } from './bytes.ts';
import {
  endsSilently,
  type OpenSite,
  openSite,
  ping,
  publish,
  receive,
  subscribe,
  textOf,
} from './open-site.ts';

const WILL = { topic: 'will/of', payload: 'gone', qos: 1, retain: false } as const;

/** Each way a connection can end without DISCONNECT. */
const ENDS: readonly (readonly [string, (site: OpenSite, client: RawMqtt) => unknown])[] = [
  ['the socket is closed', (_site, client) => client.drop()],
  ['the client half-closes', (_site, client) => client.halfClose()],
  ['a protocol error', (_site, client) => client.send(frame(0x36, field('a'), [0, 1]))],
  ['a packet that no client sends', (_site, client) => client.send(frame(0x20, [0, 0]))],
  ['another connection takes over', (site) => site.connect('mortal')],
];

t.test(
  '[MQTT-3.1.2-8] [MQTT-3.1.2-10] the will is published once, whichever way the connection ends without DISCONNECT',
  async (t) => {
    const site = await openSite(t);
    const watcher = await site.connect('watcher');
    await subscribe(watcher, { 'will/#': 1 });
    for (const [what, end] of ENDS) {
      const client = await site.connect('mortal', { will: WILL });
      await end(site, client);
      const will = await receive(watcher);
      t.same([will.topic, textOf(will), will.qos], ['will/of', 'gone', 1], what);
      await (await site.connect('mortal')).disconnect();
      await publish(watcher, 'will/sentinel', { qos: 1 });
      t.equal((await receive(watcher)).topic, 'will/sentinel', `${what}: once`);
    }
  },
);

t.test(
  '[MQTT-3.1.2-24] a client that is silent for one and a half keep-alives is ended, and its will published',
  async (t) => {
    const site = await openSite(t);
    const watcher = await site.connect('watcher');
    await subscribe(watcher, { 'will/#': 1 });
    const silent = await site.connect('silent', { keepalive: 1, will: WILL });
    const chatty = await site.connect('chatty', { keepalive: 1 });
    const never = await site.connect('never', { keepalive: 0 });
    const beat = setInterval(() => chatty.send({ cmd: 'pingreq' }), 200);
    t.teardown(() => clearInterval(beat));
    t.equal((await receive(watcher)).topic, 'will/of');
    await silent.closed;
    await ping(chatty);
    await ping(never);
    t.ok(chatty.isOpen && never.isOpen, 'those who speak, or have no keep-alive, stay');
  },
);

t.test('[MQTT-3.14.4-3] DISCONNECT takes the will with it', async (t) => {
  const site = await openSite(t);
  const watcher = await site.connect('watcher');
  await subscribe(watcher, { 'will/#': 1 });
  await (await site.connect('mortal', { will: WILL })).disconnect();
  await (await site.connect('mortal')).drop();
  await publish(watcher, 'will/sentinel', { qos: 1 });
  t.equal((await receive(watcher)).topic, 'will/sentinel');
});

t.test('[MQTT-3.1.2-12] without the will flag nothing is published in the name of a client', async (t) => {
  const site = await openSite(t);
  const watcher = await site.connect('watcher');
  await subscribe(watcher, { '#': 1 });
  const first = await site.connect('mortal', { will: WILL });
  await first.disconnect();
  await (await site.connect('mortal')).drop();
  await publish(watcher, 'sentinel', { qos: 1 });
  t.equal((await receive(watcher)).topic, 'sentinel');
});

t.test(
  '[MQTT-3.1.2-16] [MQTT-3.1.2-17] a will is retained when its flag says so, and only then',
  async (t) => {
    const site = await openSite(t);
    const watcher = await site.connect('watcher');
    await subscribe(watcher, { 'will/#': 2 });
    for (const retain of [false, true]) {
      for (const qos of [0, 1, 2] as const) {
        const topic = `will/${retain}/${qos}`;
        const client = await site.connect('mortal', { will: { topic, payload: 'gone', qos, retain } });
        await client.drop();
        const live = await receive(watcher);
        t.same(
          [live.topic, live.qos, live.retain],
          [topic, qos, false],
          `${topic}: to a subscriber that is there`,
        );
      }
    }
    const late = await site.connect('late');
    await subscribe(late, { 'will/#': 2 });
    const kept = [await receive(late), await receive(late), await receive(late)];
    t.same(kept.map(({ topic }) => topic).sort(), ['will/true/0', 'will/true/1', 'will/true/2']);
    t.same(
      kept.map(({ retain }) => retain),
      [true, true, true],
    );
    await publish(watcher, 'will/sentinel', { qos: 1 });
    t.equal((await receive(late)).topic, 'will/sentinel', 'and no other');
  },
);

t.test('a will whose topic has a wildcard or is empty is refused with its CONNECT', async (t) => {
  const site = await openSite(t);
  for (const topic of ['a/#', '+', '']) {
    const client = await site.open();
    client.send(frame(0x10, field('MQTT'), [4, 6, 0, 0], field('raw'), field(topic), field('gone')));
    await endsSilently(t, client, topic);
  }
});
