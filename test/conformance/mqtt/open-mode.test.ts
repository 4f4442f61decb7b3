import t from 'tap';
import { startBroker } from '#test/support/broker-process.ts';
import { RawMqtt } from '#test/support/raw-mqtt.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { publish, publishPacket, receive, subscribe } from './open-site.ts';

const broker = await startBroker(t, temporaryFolder(t), [
  ...['--mqtt', '127.0.0.1:0', '--http', '127.0.0.1:0', '--dev', '--open'],
]);
const port = Number(new URL(broker.mqtt).port);

t.test('the open mode counts neither subscriptions nor wildcards, and knows no short topics', async (t) => {
  const client = await RawMqtt.connect(t, port, { clientId: 'many' });
  const filters = Array.from({ length: 300 }, (_, n) => [`many/${n}/+/#`, 1] as const);
  const granted = await subscribe(client, Object.fromEntries(filters));
  t.same(new Set(granted), new Set([1]));
  t.equal(granted.length, 300);
  const deep = ['many', '7', ...Array.from({ length: 90 }, (_, n) => `${n}`)].join('/');
  await publish(client, deep, { qos: 1 });
  t.equal((await receive(client)).topic, deep);
});

t.test('the open mode lets a client send as fast as it can', async (t) => {
  const reader = await RawMqtt.connect(t, port, { clientId: 'reader' });
  const sender = await RawMqtt.connect(t, port, { clientId: 'sender' });
  await subscribe(reader, { 'fast/#': 1 });
  // More than the burst that a client of a site may send at once.
  const burst = 6000;
  for (let n = 1; n <= burst; n++) {
    sender.send(publishPacket('fast/x', { qos: 1, messageId: n, payload: `${n}` }));
  }
  for (let n = 1; n <= burst; n++) {
    const { payload } = await receive(reader);
    if (payload.toString() !== `${n}`) t.fail(`${payload} instead of ${n}`);
  }
  const metrics = await (await fetch(`${broker.http}/metrics`)).text();
  t.notMatch(metrics, /watchpost_mqtt_slowed_total\{[^}]*\} [1-9]/);
});

t.test('the open mode lets a thousand and a half come at once', async (t) => {
  const clients = await Promise.all(
    Array.from({ length: 1500 }, (_, n) => RawMqtt.connect(t, port, { clientId: `crowd-${n}` })),
  );
  t.equal(clients.filter(({ isOpen }) => isOpen).length, 1500);
});
