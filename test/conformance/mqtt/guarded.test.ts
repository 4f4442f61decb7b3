import t from 'tap';
import { RawMqtt } from '#test/support/raw-mqtt.ts';
import { openSite, publishPacket, subscribe } from './open-site.ts';

t.test(
  'where access is guarded, a device’s session is clean whatever it asks for; that of a service is kept',
  async (t) => {
    const site = await openSite(t, { access: 'guarded' });
    const present = async (clientId: string): Promise<boolean> => {
      const client = await RawMqtt.open(t, site.port);
      client.send({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clientId,
        clean: false,
        keepalive: 0,
      });
      const { sessionPresent } = await client.next('connack');
      await client.disconnect();
      return sessionPresent;
    };
    t.same([await present('north.pillar-1'), await present('north.pillar-1')], [false, false]);
    t.same([await present('svc.watch'), await present('svc.watch')], [false, true]);
  },
);

t.test('where access is guarded, a filter that is not allowed gets 0x80 beside those that are', async (t) => {
  const site = await openSite(t, { access: 'guarded' });
  const device = await site.connect('north.pillar-1');
  const filters = {
    'wp/1/north/pillar-1/down/#': 1,
    'wp/1/north/pillar-2/down/#': 1,
    '#': 0,
    '$SYS/#': 0,
    'wp/1/north/pillar-1/down/receipt': 0,
  } as const;
  t.same(await subscribe(device, filters), [1, 128, 128, 128, 0]);
});

t.test('where access is guarded, a message that is not allowed is never confirmed', async (t) => {
  const site = await openSite(t, { access: 'guarded' });
  for (const topic of [
    'wp/1/north/pillar-1/down/receipt',
    'wp/1/north/pillar-2/up/alarm',
    'elsewhere',
    '$x',
  ]) {
    for (const qos of [1, 2] as const) {
      const device = await site.connect('north.pillar-1');
      device.send(publishPacket(topic, { qos, messageId: 3 }));
      await device.closed;
      t.same(
        device.received.map(({ cmd }) => cmd),
        ['connack'],
        `${topic} with QoS ${qos}`,
      );
    }
  }
});
