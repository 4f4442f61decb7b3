import { once } from 'node:events';
import mqttPacket, { type Packet } from 'mqtt-packet';
import t, { type Test } from 'tap';
import { WebSocket } from 'ws';
import { startBroker } from '#test/support/broker-process.ts';
import { connectPacket } from '#test/support/raw-mqtt.ts';
import { temporaryFolder } from '#test/support/site-database.ts';

const CONNECT = mqttPacket.generate(connectPacket({ clientId: '' }));
const PINGREQ = mqttPacket.generate({ cmd: 'pingreq' });

const { http, token } = await startBroker(t, temporaryFolder(t));

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
