import { generate } from 'mqtt-packet';
import t from 'tap';
import { FrameScanner } from '#broker/server/limits/frame-limit.ts';

const packet = (bytes: number) =>
  generate({ cmd: 'publish', topic: 't', payload: Buffer.alloc(bytes), qos: 0, retain: false, dup: false });

t.test('packets within the limit pass, however the stream is cut', (t) => {
  const stream = Buffer.concat([
    generate({ cmd: 'connect', clientId: 'c', clean: true, protocolId: 'MQTT', protocolVersion: 4 }),
    ...[0, 1, 100, 123, 124, 125, 126, 127, 128, 129, 16_380, 16_381, 20_000].map(packet),
    generate({ cmd: 'pingreq' }),
  ]);
  for (const step of [1, 2, 3, 7, 64, 1000, stream.length]) {
    const scanner = new FrameScanner({ connectBytes: 100, packetBytes: 20_003 });
    for (let at = 0; at < stream.length; at += step) {
      if (scanner.scan(stream.subarray(at, at + step)).verdict !== 'fine') t.fail(`step ${step} at ${at}`);
    }
  }
  t.pass('every cut');
  t.end();
});

t.test('one byte more than the limit is refused as soon as its length is known, and so it stays', (t) => {
  const large = packet(20_001);
  const scanner = new FrameScanner({ connectBytes: 100, packetBytes: 20_003 });
  t.equal(scanner.scan(packet(10)).verdict, 'fine');
  t.equal(scanner.scan(large.subarray(0, 4)).verdict, 'too-large');
  t.equal(scanner.scan(packet(10)).verdict, 'too-large');
  t.end();
});

t.test('a length of more than four bytes is malformed', (t) => {
  t.equal(
    new FrameScanner({ connectBytes: 2 ** 28, packetBytes: 2 ** 28 }).scan(
      Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80]),
    ).verdict,
    'malformed',
  );
  t.end();
});
