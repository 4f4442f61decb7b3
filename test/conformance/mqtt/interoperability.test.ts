import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import t, { type Test } from 'tap';
import { startBroker } from '#test/support/broker-process.ts';
import { temporaryFolder } from '#test/support/site-database.ts';

/**
 * What outside tools check of a broker, with a client that others have written, on the broker as
 * `watchpost broker --dev --open` starts it.
 */
const broker = await startBroker(t, temporaryFolder(t), [
  ...['--mqtt', '127.0.0.1:0', '--http', '127.0.0.1:0', '--dev', '--open'],
]);

function openBroker(t: Test) {
  return {
    ...broker,
    connect: async (clientId: string, options: IClientOptions = {}) =>
      new Inbox(t, await mqtt.connectAsync(broker.mqtt, { clientId, reconnectPeriod: 0, ...options })),
  };
}

function heard(client: MqttClient, event: 'message' | 'close'): Promise<void> {
  return new Promise((resolve) => {
    client.once(event, () => resolve());
  });
}

/** A client, and the messages it has got. */
class Inbox {
  readonly client: MqttClient;
  readonly messages: IPublishPacket[] = [];

  constructor(t: Test, client: MqttClient) {
    this.client = client;
    t.teardown(() => client.endAsync(true));
    client.on('error', () => undefined);
    client.on('message', (_topic, _payload, packet) => this.messages.push(packet));
  }

  /** The first so many messages, as `topic payload qos retain`. */
  async take(count: number): Promise<string[]> {
    while (this.messages.length < count) await heard(this.client, 'message');
    return this.messages
      .splice(0, count)
      .map(({ topic, payload, qos, retain }) => `${topic} ${payload} ${qos}${retain ? ' retained' : ''}`);
  }
}

t.test(
  '[MQTT-7.0.0-2] [MQTT-7.1.1-1] messages of each QoS arrive over TCP at a client that knows the standard only',
  async (t) => {
    const { connect } = openBroker(t);
    const reader = await connect('reader');
    const sender = await connect('sender');
    await reader.client.subscribeAsync('basic', { qos: 2 });
    for (const qos of [0, 1, 2] as const) await sender.client.publishAsync('basic', `${qos}`, { qos });
    t.same((await reader.take(3)).sort(), ['basic 0 0', 'basic 1 1', 'basic 2 2']);
  },
);

t.test('retained messages come with a subscription, and go with an empty one', async (t) => {
  const { connect } = openBroker(t);
  const sender = await connect('sender');
  for (const qos of [0, 1, 2] as const) {
    await sender.client.publishAsync(`retained/${qos}`, `${qos}`, { qos, retain: true });
  }
  const first = await connect('first');
  await first.client.subscribeAsync('retained/+', { qos: 2 });
  t.same((await first.take(3)).sort(), [
    'retained/0 0 0 retained',
    'retained/1 1 1 retained',
    'retained/2 2 2 retained',
  ]);
  for (const qos of [0, 1, 2] as const) {
    await sender.client.publishAsync(`retained/${qos}`, '', { qos, retain: true });
  }
  const second = await connect('second');
  await second.client.subscribeAsync('retained/+', { qos: 2 });
  await sender.client.publishAsync('retained/1', 'sentinel', { qos: 1 });
  t.same(await second.take(1), ['retained/1 sentinel 1']);
});

t.test('messages wait for a session that is away', async (t) => {
  const { connect, mqtt: url } = openBroker(t);
  const before = await connect('away', { clean: false });
  await before.client.subscribeAsync('offline/#', { qos: 2 });
  await before.client.endAsync();
  const sender = await connect('sender');
  for (const n of [1, 2, 3]) await sender.client.publishAsync('offline/a', `${n}`, { qos: 1 });
  await sender.client.publishAsync('offline/b', '4', { qos: 2 });
  const messages: string[] = [];
  const back = mqtt.connect(url, { clientId: 'away', clean: false, reconnectPeriod: 0 });
  t.teardown(() => back.endAsync(true));
  back.on('message', (topic, payload) => messages.push(`${topic} ${payload}`));
  const present = await new Promise<boolean>((resolve) => {
    back.once('connect', ({ sessionPresent }) => resolve(sessionPresent));
  });
  t.equal(present, true);
  while (messages.length < 4) await heard(back, 'message');
  t.same(messages.slice(0, 3), ['offline/a 1', 'offline/a 2', 'offline/a 3']);
  t.equal(messages[3], 'offline/b 4');
});

t.test('the will of a client that is cut off is published, that of one that leaves is not', async (t) => {
  const { connect } = openBroker(t);
  const reader = await connect('reader');
  await reader.client.subscribeAsync('will/#', { qos: 2 });
  const will = { topic: 'will/of', payload: Buffer.from('cut'), qos: 1, retain: false } as const;
  const leaves = await connect('leaves', { will: { ...will, payload: Buffer.from('left') } });
  await leaves.client.endAsync();
  const cut = await connect('cut', { will });
  cut.client.stream.destroy();
  t.same(await reader.take(1), ['will/of cut 1']);
});

t.test('overlapping subscriptions bring one copy with the higher QoS', async (t) => {
  const { connect } = openBroker(t);
  const reader = await connect('reader');
  await reader.client.subscribeAsync({ 'over/#': { qos: 2 }, 'over/+': { qos: 1 } });
  const sender = await connect('sender');
  await sender.client.publishAsync('over/lap', 'once', { qos: 2 });
  await sender.client.publishAsync('over/lap', 'next', { qos: 2 });
  t.same(await reader.take(2), ['over/lap once 2', 'over/lap next 2']);
});

t.test('a client that stays silent is ended after its keep-alive, one that pings is not', async (t) => {
  const { connect } = openBroker(t);
  const silent = await connect('silent', { keepalive: 1 });
  const alive = await connect('alive', { keepalive: 2 });
  // The client's own pings, swallowed before they reach the socket.
  silent.client.sendPing = () => undefined;
  await heard(silent.client, 'close');
  t.equal(alive.client.connected, true);
  await alive.client.publishAsync('still', 'here', { qos: 1 });
});

t.test('what was not acknowledged comes again after a reconnect', async (t) => {
  const { connect, mqtt: url } = openBroker(t);
  const first = await connect('persistent', { clean: false });
  await first.client.subscribeAsync('again/#', { qos: 2 });
  // Never acknowledged: the client is cut off while it works on the message.
  first.client.handleMessage = () => first.client.stream.destroy();
  const sender = await connect('sender');
  const cut = heard(first.client, 'close');
  await sender.client.publishAsync('again/1', 'x', { qos: 1 });
  await cut;
  await sender.client.publishAsync('again/2', 'y', { qos: 2 });
  const second = mqtt.connect(url, { clientId: 'persistent', clean: false });
  t.teardown(() => second.endAsync(true));
  const got: string[] = [];
  second.on('message', (topic, _payload, { dup }) => got.push(`${topic} ${dup}`));
  while (got.length < 2) await heard(second, 'message');
  t.same(got, ['again/1 true', 'again/2 false']);
});

t.test('client ids may be empty, long, or of any characters', async (t) => {
  const { connect } = openBroker(t);
  for (const clientId of ['', 'x'.repeat(23), 'y'.repeat(100), 'with space', '北门', 'north.pillar-1']) {
    const { client } = await connect(clientId);
    await client.publishAsync('ids', 'x', { qos: 1 });
  }
  await t.rejects(connect('', { clean: false }), 'unless a session is to be kept for nobody');
});

t.test('topics that begin with $ are matched by no leading wildcard; $SYS is nobody’s', async (t) => {
  const { connect } = openBroker(t);
  const reader = await connect('reader');
  await reader.client.subscribeAsync(['#', '+/dollar'], { qos: 1 });
  const named = await connect('named');
  await named.client.subscribeAsync('$x/#', { qos: 1 });
  const sender = await connect('sender');
  await sender.client.publishAsync('$x/dollar', 'hidden', { qos: 1 });
  await sender.client.publishAsync('y/dollar', 'seen', { qos: 1 });
  t.same(await reader.take(1), ['y/dollar seen 1']);
  t.same(await named.take(1), ['$x/dollar hidden 1']);
  const closed = heard(sender.client, 'close');
  sender.client.publish('$SYS/broker/uptime', 'forged', { qos: 0 });
  await closed;
});

t.test('a subscription that is refused is said so, beside others that are granted', async (t) => {
  const { connect } = openBroker(t);
  const { client } = await connect('reader');
  const codes = await new Promise<readonly number[]>((resolve) => {
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'suback') resolve(packet.granted.map(Number));
    });
    client.subscribe({ 'granted/#': { qos: 1 }, '$SYS/#': { qos: 2 }, other: { qos: 2 } }, () => undefined);
  });
  t.same(codes, [1, 128, 2]);
});

t.test('UNSUBSCRIBE ends what it names', async (t) => {
  const { connect } = openBroker(t);
  const reader = await connect('reader');
  await reader.client.subscribeAsync(['a/+', 'b/#'], { qos: 1 });
  await reader.client.unsubscribeAsync('a/+');
  const sender = await connect('sender');
  await sender.client.publishAsync('a/1', 'no', { qos: 1 });
  await sender.client.publishAsync('b/1', 'yes', { qos: 1 });
  t.same(await reader.take(1), ['b/1 yes 1']);
});

t.test('a client of MQTT 5 is told that its version is not spoken, and does not hang', async (t) => {
  const { connect, http } = openBroker(t);
  await t.rejects(connect('five', { protocolVersion: 5 }), {
    code: 1,
    message: /Connection refused: Unacceptable protocol version/,
  });
  const metrics = await (await fetch(`${http}/metrics`)).text();
  t.match(metrics, /watchpost_mqtt_refused_total\{reason="WP3141"\} 1/);
});

const run = promisify(execFile);
const skip = await run('mosquitto_pub', ['--help']).then(
  () => false,
  ({ code }) => (code === 'ENOENT' ? 'mosquitto-clients is not installed' : false),
);

t.test('the command line tools of mosquitto work with it', { skip }, async (t) => {
  const { mqtt: url } = openBroker(t);
  const { port } = new URL(url);
  const at = ['-h', '127.0.0.1', '-p', port, '-q', '1'];
  await run('mosquitto_pub', [...at, '-r', '-t', 'tools/kept', '-m', 'hello']);
  const { stdout } = await run('mosquitto_sub', [...at, '-t', 'tools/#', '-C', '1', '-W', '20', '-v']);
  t.equal(stdout.trim(), 'tools/kept hello');
  await t.rejects(run('mosquitto_pub', [...at, '-V', '5', '-t', 'x', '-m', 'x']), 'MQTT 5 is refused');
});
