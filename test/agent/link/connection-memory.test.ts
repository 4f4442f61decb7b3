import { createRequire } from 'node:module';
import { Duplex } from 'node:stream';
import t from 'tap';
import { Connection } from '#agent/link/connection.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

/** mqtt-packet's Buffers by 16-bit number. */
const numbers: { cache: object } = createRequire(import.meta.url)('mqtt-packet/numbers');

t.test('a connection keeps no Buffer for each of 65 536 numbers', async (t) => {
  const written = Promise.withResolvers<Buffer>();
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      written.resolve(chunk);
      done();
    },
  });
  const connection = new Connection({
    transport: { open: () => stream },
    url: 'mqtt://site',
    clientId: 'demo.pillar-001',
    keepaliveS: 30,
    will: { topic: 'wp/1/demo/pillar-001/up/state', payload: '{}' },
    clock: new ManualClock(),
    onConnected: () => undefined,
    onMessage: () => undefined,
    onLost: () => undefined,
  });
  t.teardown(() => connection.end());
  connection.open();
  t.ok((await written.promise).length > 0, 'CONNECT was written, which holds such a number');
  t.equal(Object.keys(numbers.cache).length, 0);
});
