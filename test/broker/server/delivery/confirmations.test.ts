import t from 'tap';
import { clientIdOf } from '#contract/names.ts';
import { downBlobTopic, downFilter, downTopic, TOPIC_ROOT } from '#contract/topics.ts';
import { RawMqtt } from '#test/support/raw-mqtt.ts';
import { pillar, startSite } from '../test-site.ts';

const topic = downBlobTopic(pillar, 'talk-1', 0);
const bytes = Buffer.from([1, 2, 3]);

/** A pillar that confirms only what it is told to. */
async function listening(t: Parameters<typeof RawMqtt.connect>[0]) {
  const { site, port } = await startSite(t);
  const device = await RawMqtt.connect(t, port, { clientId: clientIdOf(pillar), clean: true });
  const subscriptions = [{ topic: downFilter(pillar), qos: 1 as const }];
  device.send({ cmd: 'subscribe', messageId: 1, subscriptions });
  await device.next('suback');
  return { site, port, device, deliver: () => site.messenger.deliver(pillar, topic, bytes) };
}

t.test('bytes count as delivered when the device has confirmed them, not when they are sent', async (t) => {
  const { device, deliver } = await listening(t);
  let isDelivered = false;
  const delivering = deliver().then(() => {
    isDelivered = true;
  });
  const { payload, messageId = 0 } = await device.until('publish', (packet) => packet.topic === topic);
  t.strictSame(Buffer.from(payload), bytes, 'as they are');
  device.send({ cmd: 'pingreq' });
  await device.next('pingresp');
  t.equal(isDelivered, false, 'a round trip later');
  device.send({ cmd: 'puback', messageId });
  await t.resolves(delivering);
});

t.test('a device that goes without confirming has not got them', async (t) => {
  const { device, deliver } = await listening(t);
  const refused = t.rejects(deliver(), { code: 'WP3405' });
  await device.until('publish', (packet) => packet.topic === topic);
  await device.drop();
  await refused;
  await t.rejects(deliver(), { code: 'WP3405' }, 'nor has one that is not there');
});

t.test('who listens to everything in a session that is kept gets no queue of what is said', async (t) => {
  const { site, port, device, deliver } = await listening(t);
  const recorder = await RawMqtt.connect(t, port, { clientId: 'recorder', clean: false });
  recorder.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: `${TOPIC_ROOT}/#`, qos: 1 }] });
  await recorder.next('suback');
  const delivering = deliver();
  const { messageId = 0 } = await device.until('publish', (packet) => packet.topic === topic);
  device.send({ cmd: 'puback', messageId });
  await delivering;
  const order = downTopic(pillar, 'command');
  await site.messenger.publish(order, { hello: 'all' });
  const { topic: heard } = await recorder.until(
    'publish',
    ({ topic }) => topic === order || /blob/.test(topic),
  );
  t.equal(heard, order, 'and all else');
});
