import t from 'tap';
import { openSite, publishPacket, receive, subscribe, textOf } from './open-site.ts';

const COUNT = 200;

t.test(
  '[MQTT-4.6.0-5] [MQTT-4.6.0-6] messages of one publisher reach each subscriber in their order, for each topic and QoS',
  async (t) => {
    const site = await openSite(t);
    for (const qos of [0, 1, 2] as const) {
      const readers = await Promise.all(
        [true, false].map(async (clean) => {
          const reader = await site.connect(`reader-${qos}-${clean}`, { clean });
          await subscribe(reader, { 'order/#': 2 });
          return reader;
        }),
      );
      const senders = await Promise.all(['left', 'right'].map((id) => site.connect(id)));
      for (const [at, sender] of senders.entries()) {
        const all = Array.from({ length: COUNT }, (_, n) =>
          publishPacket(`order/${at}`, { qos, payload: `${n}`, ...(qos === 0 ? {} : { messageId: n + 1 }) }),
        );
        sender.send(...all);
      }
      for (const reader of readers) {
        const got: string[][] = [[], []];
        for (let n = 0; n < 2 * COUNT; n++) {
          const message = await receive(reader);
          got[message.topic === 'order/0' ? 0 : 1]?.push(textOf(message));
        }
        const wanted = Array.from({ length: COUNT }, (_, n) => `${n}`);
        t.same(got, [wanted, wanted], `QoS ${qos}`);
        await reader.disconnect();
      }
      for (const sender of senders) await sender.disconnect();
    }
  },
);

t.test('[MQTT-4.6.0-2] [MQTT-4.6.0-3] PUBACK and PUBREC come in the order of the messages', async (t) => {
  const site = await openSite(t);
  const client = await site.connect('raw');
  for (const qos of [1, 2] as const) {
    client.send(
      ...Array.from({ length: COUNT }, (_, n) =>
        publishPacket('order', { qos, messageId: n + 1, retain: n % 3 === 0 }),
      ),
    );
    for (let n = 0; n < COUNT; n++) {
      const { messageId } = await client.next(qos === 1 ? 'puback' : 'pubrec');
      if (messageId !== n + 1) t.fail(`${messageId} instead of ${n + 1}`);
    }
  }
  t.pass(`${COUNT} of each`);
});

t.test('[MQTT-4.6.0-4] PUBREL comes in the order of the PUBRECs', async (t) => {
  const site = await openSite(t);
  for (const clean of [true, false]) {
    const reader = await site.connect(`reader-${clean}`, { clean });
    await subscribe(reader, { 'order/#': 2 });
    const sender = await site.connect('sender');
    const all = Array.from({ length: 10 }, (_, n) => publishPacket('order/x', { qos: 2, messageId: n + 1 }));
    sender.send(...all);
    const ids: number[] = [];
    for (const _ of all) ids.push((await reader.until('publish')).messageId ?? 0);
    const reversed = [...ids].reverse();
    reader.send(...reversed.map((messageId) => ({ cmd: 'pubrec', messageId }) as const));
    for (const messageId of reversed) t.equal((await reader.next('pubrel')).messageId, messageId);
  }
});
