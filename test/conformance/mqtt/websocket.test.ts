import { once } from 'node:events';
import mqtt from 'mqtt';
import mqttPacket, { type Packet } from 'mqtt-packet';
import t, { type Test } from 'tap';
import { WebSocket } from 'ws';
import { startBroker } from '#test/support/broker-process.ts';
import { connectPacket } from '#test/support/raw-mqtt.ts';
import { temporaryFolder } from '#test/support/site-database.ts';

const CONNECT = mqttPacket.generate(connectPacket({ clientId: '' }));
const PINGREQ = mqttPacket.generate({ cmd: 'pingreq' });

const { http, token, mqtt: address } = await startBroker(t, temporaryFolder(t));

/** Opens a WebSocket as a signed-in person would; `next` answers the packets that come, one by one. */
async function open(t: Test, protocols: string[]) {
  const headers = { authorization: `Bearer ${token}` };
  const socket = new WebSocket(`${http.replace('http', 'ws')}/mqtt`, protocols, { headers });
  t.teardown(() => socket.terminate());
  const parser = mqttPacket.parser({ protocolVersion: 4 });
  const packets: Packet[] = [];
  parser.on('packet', (packet: Packet) => packets.push(packet));
  const kinds = new Set<boolean>();
  socket.on('message', (data: Buffer, isBinary) => {
    kinds.add(isBinary);
    parser.parse(data);
  });
  await once(socket, 'open');
  const next = async (): Promise<Packet | undefined> => {
    while (packets.length === 0) await once(socket, 'message');
    return packets.shift();
  };
  return { socket, next, kinds };
}

t.test('[MQTT-6.0.0-4] the subprotocol mqtt is selected, also among others', async (t) => {
  const { socket, next } = await open(t, ['other', 'mqtt']);
  t.equal(socket.protocol, 'mqtt');
  socket.send(CONNECT);
  t.match(await next(), { cmd: 'connack', returnCode: 0 });
});

t.test('[MQTT-6.0.0-2] packets that are cut by frames, or share one, are the same packets', async (t) => {
  const { socket, next, kinds } = await open(t, ['mqtt']);
  for (const byte of CONNECT) socket.send(Buffer.from([byte]));
  t.match(await next(), { cmd: 'connack', returnCode: 0 });
  socket.send(Buffer.concat([PINGREQ, PINGREQ, PINGREQ.subarray(0, 1)]));
  t.match([await next(), await next()], [{ cmd: 'pingresp' }, { cmd: 'pingresp' }]);
  socket.send(PINGREQ.subarray(1));
  t.match(await next(), { cmd: 'pingresp' });
  t.same([...kinds], [true], 'the broker sends binary frames only');
});

t.test('[MQTT-6.0.0-1] a text frame ends the connection', async (t) => {
  const { socket, next } = await open(t, ['mqtt']);
  socket.send(CONNECT);
  t.match(await next(), { cmd: 'connack', returnCode: 0 });
  const closed = once(socket, 'close');
  socket.send('MQTT', { binary: false });
  const [code] = await closed;
  t.ok(code === 1003 || code === 1006, 'unsupported data, or simply cut');
});

t.test('$SYS tells those who may hear it who comes and goes, and nobody else', async (t) => {
  const wsOptions = { headers: { authorization: `Bearer ${token}` } };
  const url = `${http.replace('http', 'ws')}/mqtt`;
  const admin = await mqtt.connectAsync(url, { clientId: '', reconnectPeriod: 0, wsOptions });
  t.teardown(() => admin.endAsync(true));
  const told: string[] = [];
  const [granted] = await admin.subscribeAsync('$SYS/#');
  t.equal(granted?.qos, 0);
  const heard = new Promise<void>((resolve) => {
    admin.on('message', (topic, payload) => {
      told.push(`${topic.split('/').slice(2).join('/')} ${payload}`);
      if (topic.endsWith('/disconnect/clients')) resolve();
    });
  });
  const tool = await mqtt.connectAsync(address, { clientId: 'svc.tool', reconnectPeriod: 0 });
  await t.rejects(tool.subscribeAsync('$SYS/#'), 'no service without a grant');
  await tool.endAsync();
  await heard;
  t.ok(told.includes('new/clients svc.tool'), told.join());
  t.ok(told.includes('disconnect/clients svc.tool'), told.join());
});
