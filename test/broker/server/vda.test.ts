import type { MqttClient } from 'mqtt';
import t from 'tap';
import { ServiceGrant, VdaSettings } from '#broker/auth/topic-access.ts';
import { vdaClientIdOf } from '#contract/names.ts';
import { VDA_MANUFACTURER, vdaTopic } from '#contract/topics.ts';
import { startSite } from './test-site.ts';

const ROBOT = { site: 'north', device: 'robot-1' } as const;
const ROOT = { interfaceName: 'uagv', majorVersion: 'v2', manufacturer: VDA_MANUFACTURER } as const;
const topicAccess = {
  services: [
    ServiceGrant.parse({
      name: 'fleet',
      listen: ['uagv/#'],
      publish: ['uagv/+/+/+/order', 'uagv/+/+/+/instantActions'],
    }),
  ],
  vda5050: VdaSettings.parse({}),
};

/** What a client hears, in order. */
function listener(client: MqttClient): (count: number) => Promise<[string, string, boolean][]> {
  const heard: [string, string, boolean][] = [];
  let wake: () => void = () => undefined;
  client.on('message', (topic, payload, { retain }) => {
    heard.push([topic, payload.toString(), retain]);
    wake();
  });
  return async (count) => {
    while (heard.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return heard;
  };
}

t.test(
  'a fleet control that knows only VDA 5050 finds a robot, orders it about and learns that it broke off',
  async (t) => {
    const { client, site } = await startSite(t, { topicAccess });
    const [connection, state, order] = (['connection', 'state', 'order'] as const).map((topic) =>
      vdaTopic(ROBOT, ROOT, topic),
    );
    const payload = (connectionState: string) => JSON.stringify({ connectionState });
    const will = {
      topic: connection ?? '',
      payload: Buffer.from(payload('CONNECTIONBROKEN')),
      qos: 1,
      retain: true,
    } as const;
    const robot = await client(vdaClientIdOf(ROBOT), { will });
    const robotHears = listener(robot);
    await robot.subscribeAsync([order ?? '', vdaTopic(ROBOT, ROOT, 'instantActions')]);
    await robot.publishAsync(connection ?? '', payload('ONLINE'), { qos: 1, retain: true });

    const fleet = await client('svc.fleet');
    const fleetHears = listener(fleet);
    await fleet.subscribeAsync(['uagv/v2/+/+/connection', 'uagv/v2/+/+/state'], { qos: 1 });
    t.same(
      await fleetHears(1),
      [[connection, payload('ONLINE'), true]],
      'it comes later and learns who is there',
    );
    await fleet.publishAsync(order ?? '', '{"orderId":"o1"}');
    t.same(await robotHears(1), [[order, '{"orderId":"o1"}', false]]);
    await robot.publishAsync(state ?? '', '{"orderId":"o1"}');
    // QoS 0: what is cut off behind it may be lost.
    await fleetHears(2);
    robot.stream.destroy();
    t.same((await fleetHears(3)).slice(1), [
      [state, '{"orderId":"o1"}', false],
      [connection, payload('CONNECTIONBROKEN'), false],
    ]);
    t.notOk(site.presence.isConnected(ROBOT), 'the second connection says nothing about the first');
    t.same(site.devices(), [], 'and nothing of it is the ledger’s');
  },
);

t.test('a service cannot say what a robot says, whatever it was granted', async (t) => {
  const everything = { name: 'fleet', publish: ['uagv/#'], retain: ['uagv/#'] };
  const { client, site } = await startSite(t, {
    topicAccess: { ...topicAccess, services: [ServiceGrant.parse(everything)] },
  });
  const impostor = await client('svc.fleet');
  const closed = new Promise<void>((resolve) => {
    impostor.once('close', () => resolve());
  });
  const topic = vdaTopic(ROBOT, ROOT, 'connection');
  impostor.publish(topic, '{}', { qos: 1, retain: true });
  await closed;
  t.match(site.quarantine.list(1), [{ client: 'svc.fleet', topic, code: 'WP1011' }]);
});
