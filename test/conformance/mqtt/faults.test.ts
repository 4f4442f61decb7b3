import t from 'tap';
import { openSite, ping, publish, publishPacket, receive, subscribe } from './open-site.ts';

t.test(
  '[MQTT-4.8.0-2] a message that cannot be stored for the moment ends its connection unconfirmed; the others stay',
  async (t) => {
    const site = await openSite(t);
    const bystander = await site.connect('bystander');
    await subscribe(bystander, { 'fault/#': 1 });
    const client = await site.connect('raw');
    const real = site.site.store.commit;
    site.site.store.commit = () => Promise.reject(new RangeError('for the moment'));
    client.send(publishPacket('fault/1', { qos: 1, messageId: 4 }));
    await client.closed;
    site.site.store.commit = real;
    t.same(client.received.slice(1), [], 'no PUBACK');
    await ping(bystander);
    await publish(bystander, 'fault/2', { qos: 1 });
    t.equal((await receive(bystander)).topic, 'fault/2');
  },
);
