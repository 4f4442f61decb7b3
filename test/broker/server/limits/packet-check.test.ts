import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import mqttPacket, { type Packet } from 'mqtt-packet';
import t from 'tap';
import { checkPackets, PacketCheck } from '#broker/server/limits/packet-check.ts';
import type { PacketFault } from '#broker/server/limits/packet-rules.ts';
import { connectBytes, field, frame, number16 } from '#test/conformance/mqtt/bytes.ts';

const CONNECT = connectBytes();
const publish = (topic: string, bytes: number): Buffer =>
  mqttPacket.generate({
    ...{ cmd: 'publish', topic, payload: Buffer.alloc(bytes, 'x'), qos: 1, dup: false, retain: false },
    messageId: 7,
  });

/** What comes of bytes that arrive in these pieces: how many are handed on, and what ends them. */
function scan(pieces: readonly Buffer[]): { packets: number; detail: string | null } {
  const check = new PacketCheck(200);
  let packets = 0;
  for (const piece of pieces) {
    const checked = check.scan(piece);
    packets += checked.packets;
    if (checked.fault !== null) return { packets, detail: checked.fault.detail };
  }
  return { packets, detail: null };
}

t.test('well-formed packets pass, whatever their kind', async (t) => {
  const packets: Packet[] = [
    { cmd: 'publish', topic: 'ä/中/😀', payload: '', qos: 0, dup: false, retain: true },
    {
      cmd: 'publish',
      topic: 'a',
      payload: Buffer.alloc(70_000),
      qos: 2,
      dup: true,
      retain: false,
      messageId: 1,
    },
    { cmd: 'puback', messageId: 1 },
    { cmd: 'pubrec', messageId: 65_535 },
    { cmd: 'pubrel', messageId: 2 },
    { cmd: 'pubcomp', messageId: 3 },
    {
      cmd: 'subscribe',
      messageId: 4,
      subscriptions: [
        { topic: '+/a/+/#', qos: 2 },
        { topic: '/', qos: 0 },
      ],
    },
    { cmd: 'unsubscribe', messageId: 5, unsubscriptions: ['#', '+'] },
    { cmd: 'pingreq' },
    { cmd: 'disconnect' },
  ];
  const bytes = [CONNECT, ...packets.map((packet) => mqttPacket.generate(packet))];
  t.same(scan([Buffer.concat(bytes)]), { packets: 11, detail: null });
});

t.test('how the bytes are cut into pieces makes no difference', async (t) => {
  const streams: [Buffer, number, string | null][] = [
    [Buffer.concat([CONNECT, publish('up/and/away', 300), publish('b', 0)]), 3, null],
    [Buffer.concat([CONNECT, publish('ok', 20), publish('not/#', 20), publish('ok', 1)]), 2, '3.3.2-2'],
    [Buffer.concat([CONNECT, frame(0x82, number16(1), field('a'), [0], field('b#'), [0])]), 1, '4.7.1-2'],
    [Buffer.concat([CONNECT, frame(0x32, field('a'), number16(0), [1])]), 1, '2.3.1-1'],
    [Buffer.concat([CONNECT, Buffer.from([0xc0, 0x80, 0x80, 0x80, 0x80, 0])]), 1, '4.8.0-1'],
  ];
  const cuts = fc.array(fc.nat(400), { maxLength: 12 });
  fc.assert(
    fc.property(fc.constantFrom(...streams), cuts, ([bytes, packets, statement], places) => {
      const sorted = [...new Set(places)].filter((at) => at < bytes.length).sort((a, b) => a - b);
      const pieces = [0, ...sorted].map((at, n) => bytes.subarray(at, sorted[n] ?? bytes.length));
      const { detail, ...seen } = scan(pieces.filter(({ length }) => length > 0));
      return seen.packets === packets && (statement === null ? detail === null : detail?.includes(statement));
    }),
    { seed: 20_141_029, numRuns: 500 },
  );
  t.pass('500 ways');
});

t.test('any bytes at all are judged, and never thrown at', async (t) => {
  const anything = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(anything, fc.boolean(), (bytes, afterConnect) => {
      const { packets } = scan(afterConnect ? [CONNECT, Buffer.from(bytes)] : [Buffer.from(bytes)]);
      return packets >= (afterConnect ? 1 : 0);
    }),
    { seed: 311, numRuns: 2000 },
  );
  t.pass('2000 of them');
});

t.test(
  'what comes before a packet at fault is handed on; the fault is told at the next read, once',
  async (t) => {
    const stream = new PassThrough();
    const faults: PacketFault[] = [];
    checkPackets(stream, 200, (fault) => faults.push(fault));
    const good = Buffer.concat([CONNECT, publish('fine', 3)]);
    stream.write(Buffer.concat([good, frame(0x36, field('a'), [0, 1])]));
    t.same(stream.read(), good);
    t.equal(faults.length, 0);
    t.equal(stream.read(), null);
    t.equal(stream.read(), null);
    t.match(faults, [{ code: 'WP3140', detail: '[MQTT-3.3.1-4] QoS 3', answer: null }]);
    stream.destroy();
  },
);

t.test('after DISCONNECT nothing is handed on', async (t) => {
  const bytes = Buffer.concat([CONNECT, mqttPacket.generate({ cmd: 'disconnect' }), publish('late', 3)]);
  t.match(scan([bytes]), { packets: 2, detail: /3\.14\.4-2/ });
});
