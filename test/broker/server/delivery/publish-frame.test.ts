import mqttPacket, { type Packet } from 'mqtt-packet';
import t from 'tap';
import type { Outgoing } from '#broker/persistence/sessions/session.ts';
import type { Queued } from '#broker/persistence/sessions/session-backlog.ts';
import { FrameWriter } from '#broker/server/delivery/publish-frame.ts';

function outgoing(
  packetId: number,
  payload: Buffer | string,
  more: Partial<Outgoing['message']> = {},
): Outgoing {
  const message: Queued = {
    ...{ number: packetId, packetId: null, isReleased: false, lane: 'other' as const, qos: 1, retain: false },
    ...{ topic: 'höher/topic', payload, bytes: 0, queuedS: 0 },
    ...more,
  };
  return { packetId, isDup: packetId % 2 === 0, message };
}

function parsed(chunks: readonly Buffer[]): Packet[] {
  const parser = mqttPacket.parser({ protocolVersion: 4 });
  const packets: Packet[] = [];
  parser.on('packet', (packet) => packets.push(packet));
  for (const chunk of chunks) parser.parse(chunk);
  return packets;
}

t.test('what is written is what a parser reads, in any size and flag', async (t) => {
  const sizes = [0, 1, 50, 127, 128, 16_383, 16_384, 65_536, 300_000, 2_097_152];
  const packets = [
    ...sizes.map((size, index) => outgoing(index + 1, Buffer.alloc(size, index), { qos: (index % 2) + 1 })),
    outgoing(65_535, 'text ü', { retain: true }),
    outgoing(700, '', { isReleased: true }),
  ];
  const chunks: Buffer[] = [];
  new FrameWriter().write(packets, (bytes, done) => {
    chunks.push(Buffer.from(bytes));
    done();
  });
  t.ok(chunks.length < packets.length, 'small ones share a buffer');
  const got = parsed(chunks);
  t.equal(got.length, packets.length);
  for (const [index, packet] of got.entries()) {
    const { message, packetId, isDup } = packets[index] ?? outgoing(0, '');
    if (message.isReleased) t.match(packet, { cmd: 'pubrel', messageId: packetId });
    else {
      const { qos, retain, topic } = message;
      t.match(packet, { cmd: 'publish', messageId: packetId, dup: isDup, qos, retain, topic });
      t.ok(packet.cmd === 'publish' && Buffer.from(message.payload).equals(Buffer.from(packet.payload)));
    }
  }
});

t.test('a buffer is used again only when its bytes have gone', async (t) => {
  const writer = new FrameWriter();
  const held: (() => void)[] = [];
  const buffers: ArrayBufferLike[] = [];
  const write = () =>
    writer.write([outgoing(1, 'x')], (bytes, done) => {
      buffers.push(bytes.buffer);
      held.push(done);
    });
  write();
  write();
  t.not(buffers[0], buffers[1]);
  held[0]?.();
  write();
  t.equal(buffers[2], buffers[0]);
});
