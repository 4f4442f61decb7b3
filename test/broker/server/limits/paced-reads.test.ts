import { Duplex } from 'node:stream';
import { generate } from 'mqtt-packet';
import t from 'tap';
import { DEFAULT_CONNECTION_LIMITS } from '#broker/server/limits/connection-limits.ts';
import { PacedReads } from '#broker/server/limits/paced-reads.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const CONNECT = generate({
  cmd: 'connect',
  clientId: 'c',
  clean: true,
  protocolId: 'MQTT',
  protocolVersion: 4,
});
const PING = generate({ cmd: 'pingreq' });
const publish = (bytes: number) =>
  generate({ cmd: 'publish', topic: 't', payload: Buffer.alloc(bytes), qos: 0, retain: false, dup: false });

/** A stream into which the test pushes, read as aedes reads: once for each `readable`, and again on demand. */
function paced(limits: Partial<typeof DEFAULT_CONNECTION_LIMITS> = {}) {
  const clock = new ManualClock();
  const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  const told: string[] = [];
  const reads = new PacedReads(stream, {
    clock,
    limits: { ...DEFAULT_CONNECTION_LIMITS, ...limits },
    onRefused: (verdict) => told.push(verdict),
    onSlowed: (by) => told.push(by),
  });
  const got: Buffer[] = [];
  const read = () => {
    const chunk: unknown = stream.read();
    if (chunk instanceof Buffer) got.push(chunk);
    return chunk !== null;
  };
  stream.on('readable', read);
  stream.on('end', () => told.push('end'));
  reads.start();
  return { clock, stream, reads, told, got, read, bytes: () => Buffer.concat(got) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

t.test('behind CONNECT nothing is handed on until it is answered', async (t) => {
  const { stream, reads, bytes, read } = paced();
  stream.push(Buffer.concat([CONNECT, PING, PING]));
  await turn();
  t.same(bytes(), CONNECT);
  t.notOk(read());
  reads.connected();
  while (read());
  t.same(bytes(), Buffer.concat([CONNECT, PING, PING]));
});

t.test('a CONNECT that drips in byte by byte is handed on as it comes', async (t) => {
  const { stream, bytes } = paced();
  for (const byte of CONNECT) {
    stream.push(Buffer.from([byte]));
    await turn();
  }
  t.same(bytes(), CONNECT);
});

t.test('a CONNECT larger than it may be, and one that only announces it, come to nothing', async (t) => {
  const { stream, told, got } = paced({ connectBytes: 256 });
  stream.push(Buffer.from([0x10, 0x81, 0x02]));
  await turn();
  t.same(told, ['too-large']);
  stream.push(Buffer.alloc(500));
  await turn();
  t.same(got, []);
});

t.test('who sends faster than the rate is read at the rate, in order and whole', async (t) => {
  const { clock, stream, reads, told, bytes, read } = paced({ messagesPerSecond: 100, messageBurst: 10 });
  stream.push(CONNECT);
  await turn();
  reads.connected();
  const sent = Buffer.concat(Array.from({ length: 50 }, (_, index) => publish(index)));
  stream.push(sent);
  stream.push(null);
  await turn();
  while (read());
  t.equal(told[0], 'messages');
  const early = bytes().length;
  t.ok(early < CONNECT.length + sent.length / 2, 'the first few');
  t.ok(reads.isBehind);
  for (let step = 0; step < 30; step++) {
    await clock.advance(20);
    while (read());
  }
  await turn();
  t.same(bytes(), Buffer.concat([CONNECT, sent]), 'nothing is lost');
  t.equal(told.at(-1), 'end', 'and the end is told behind the last byte');
});

t.test('bytes have a rate of their own', async (t) => {
  const { clock, stream, reads, told, bytes, read } = paced({ bytesPerSecond: 1000, byteBurst: 1000 });
  stream.push(CONNECT);
  await turn();
  reads.connected();
  const sent = Buffer.concat([publish(2000), publish(2000)]);
  stream.push(publish(2000));
  await turn();
  while (read());
  stream.push(publish(2000));
  await turn();
  t.ok(told.includes('bytes'));
  t.ok(bytes().length < sent.length);
  for (let step = 0; step < 5; step++) {
    await clock.advance(1000);
    while (read());
  }
  t.same(bytes(), Buffer.concat([CONNECT, sent]));
});

t.test('acknowledgements of what a subscriber is sent do not slow it', async (t) => {
  const { stream, reads, told, read } = paced({ messagesPerSecond: 1, messageBurst: 10 });
  stream.push(CONNECT);
  await turn();
  reads.connected();
  const acks = Array.from({ length: 500 }, (_, at) => generate({ cmd: 'puback', messageId: at + 1 }));
  stream.push(Buffer.concat(acks));
  await turn();
  while (read());
  t.same(told, []);
});

t.test('at most 500 packets are handed on at once', async (t) => {
  const { stream, reads, got, read } = paced();
  stream.push(CONNECT);
  await turn();
  reads.connected();
  stream.push(Buffer.concat(Array(1200).fill(PING)));
  await turn();
  while (read());
  t.ok(got.every(({ length }) => length <= 2 * 500 + 1));
  t.equal(Buffer.concat(got).length, CONNECT.length + 2400);
});

t.test('a waiting connection that ends leaves no timer', async (t) => {
  const { clock, stream, reads, read } = paced({ messagesPerSecond: 1, messageBurst: 1 });
  stream.push(CONNECT);
  await turn();
  reads.connected();
  stream.push(Buffer.concat([PING, PING, PING]));
  await turn();
  while (read());
  t.equal(clock.pending, 1);
  stream.destroy();
  await turn();
  t.equal(clock.pending, 0);
});
