import t from 'tap';
import { field, frame } from './bytes.ts';
import { endsSilently, openSite, publish, publishPacket, receive, subscribe } from './open-site.ts';

t.test('[MQTT-3.12.4-1] each PINGREQ is answered with PINGRESP', async (t) => {
  const site = await openSite(t);
  const client = await site.connect('raw');
  client.send({ cmd: 'pingreq' }, { cmd: 'pingreq' }, { cmd: 'pingreq' });
  for (let n = 0; n < 3; n++) await client.next('pingresp');
  t.same([...client.bytes.subarray(-6)], [0xd0, 0, 0xd0, 0, 0xd0, 0]);
});

t.test(
  '[MQTT-3.14.1-1] flags in DISCONNECT end the connection as a fault: the will is published',
  async (t) => {
    const site = await openSite(t);
    const watcher = await site.connect('watcher');
    await subscribe(watcher, { 'will/#': 1 });
    const will = { topic: 'will/1', payload: 'gone', qos: 1, retain: false } as const;
    const client = await site.connect('raw', { will });
    client.send(Buffer.from([0xe1, 0]));
    await endsSilently(t, client, 'ended');
    t.equal((await receive(watcher)).topic, 'will/1');
  },
);

t.test(
  '[MQTT-3.14.4-1] [MQTT-3.14.4-2] after DISCONNECT the broker closes, and acts on nothing that follows',
  async (t) => {
    const site = await openSite(t);
    const watcher = await site.connect('watcher');
    await subscribe(watcher, { 'after/#': 0 });
    const client = await site.connect('raw');
    client.send(publishPacket('after/before'), frame(0xe0), frame(0x30, field('after/late'), [1]));
    await endsSilently(t, client, 'closed by the broker');
    await publish(watcher, 'after/sentinel');
    t.equal((await receive(watcher)).topic, 'after/before');
    t.equal((await receive(watcher)).topic, 'after/sentinel');
  },
);
