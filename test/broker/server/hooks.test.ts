import { generate } from 'mqtt-packet';
import t from 'tap';
import { connectPacket, RawMqtt } from '#test/support/raw-mqtt.ts';
import { pillar, startSite, type TestSite } from './test-site.ts';

const fault = () => {
  throw new RangeError('a fault of ours');
};
const EVENT = 'wp/1/north/pillar-1/up/event';

/** What a connection of the pillar does to come by the place that throws. */
const CASES: readonly [string, (site: TestSite) => void, 'connect' | 'publish' | 'ping' | 'subscribe'][] = [
  [
    'noting that a device is connected',
    ({ site }) => Object.assign(site.presence, { connected: fault }),
    'connect',
  ],
  ['noting a sign of life, at a ping', ({ site }) => Object.assign(site.presence, { heard: fault }), 'ping'],
  [
    'noting a sign of life, at a message',
    ({ site }) => Object.assign(site.presence, { heard: fault }),
    'publish',
  ],
  ['the gate', ({ site }) => Object.assign(site.store, { commit: fault }), 'publish'],
  ['what follows a SUBSCRIBE', ({ site }) => Object.assign(site.feed, { tell: fault }), 'subscribe'],
];

for (const [what, breakIt, by] of CASES) {
  t.test(`${what} throws: that connection ends, with WP3104, and the site goes on`, async (t) => {
    const test = await startSite(t);
    const bystander = await RawMqtt.connect(t, test.port, { clientId: 'svc.bystander' });
    if (by === 'connect') breakIt(test);
    const victim = await RawMqtt.connect(t, test.port, { clientId: 'north.pillar-1' });
    if (by !== 'connect') breakIt(test);
    if (by === 'ping') victim.send({ cmd: 'pingreq' });
    if (by === 'subscribe') {
      victim.send({
        cmd: 'subscribe',
        messageId: 1,
        subscriptions: [{ topic: 'wp/1/north/pillar-1/down/#', qos: 1 }],
      });
    }
    if (by === 'publish') {
      victim.send(
        generate({
          cmd: 'publish',
          topic: EVENT,
          payload: '{}',
          qos: 1,
          messageId: 1,
          retain: false,
          dup: false,
        }),
      );
    }
    await victim.closed;
    bystander.send({ cmd: 'pingreq' });
    await bystander.next('pingresp');
    if (what !== 'the gate')
      t.match(await test.registry.metrics(), /watchpost_mqtt_refused_total\{reason="WP3104"\} 1/);
    for (const part of [test.site.presence, test.site.store, test.site.feed]) {
      for (const name of ['connected', 'heard', 'commit', 'tell'])
        if (Object.hasOwn(part, name)) Reflect.deleteProperty(part, name);
    }
    const back = await test.device(pillar);
    await back.send(back.press());
    t.ok(await back.receipt(({ upTo }) => upTo === 1), 'and the same device comes again');
  });
}

t.test('a CONNECT that a fault of ours answers is no more than a connection that ended', async (t) => {
  const test = await startSite(t);
  Object.assign(test.site.store, { commit: fault, commitLazily: fault });
  const will = {
    topic: 'wp/1/north/pillar-1/up/state',
    payload: Buffer.from('{}'),
    qos: 1 as const,
    retain: true,
  };
  const victim = await RawMqtt.open(t, test.port);
  victim.send(connectPacket({ clientId: 'north.pillar-1', will }));
  await victim.closed;
  Reflect.deleteProperty(test.site.store, 'commit');
  Reflect.deleteProperty(test.site.store, 'commitLazily');
  const back = await test.device(pillar);
  await back.send(back.press());
  t.ok(await back.receipt(({ upTo }) => upTo === 1));
});
