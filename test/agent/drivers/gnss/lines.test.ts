import { once } from 'node:events';
import { rmSync, symlinkSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { ReceiverChoice } from '#agent/drivers/gnss/config.ts';
import type { Fix } from '#agent/drivers/gnss/fix.ts';
import { WATCH } from '#agent/drivers/gnss/gpsd.ts';
import { Receiver } from '#agent/drivers/gnss/receiver.ts';
import { systemClock } from '#contract/clock.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { NO_PTY, TestLine } from '#test/support/pty.ts';
import { until } from '#test/support/site.ts';
import { secondOf } from './made-track.ts';

/** What gpsd 3.22 says to a watcher, in its order. */
const GPSD_SAYS = [
  '{"class":"VERSION","release":"3.22","rev":"3.22","proto_major":3,"proto_minor":14}',
  '{"class":"DEVICES","devices":[{"class":"DEVICE","path":"/dev/pts/1","driver":"NMEA0183","bps":9600}]}',
  '{"class":"WATCH","enable":true,"json":true,"nmea":false,"raw":0,"scaled":false,"timing":false}',
  '{"class":"SKY","device":"/dev/pts/1","hdop":0.90,"pdop":1.50,"satellites":[{"PRN":1,"used":true},{"PRN":2,"used":true}]}',
  '{"class":"TPV","device":"/dev/pts/1","mode":3,"time":"2026-11-22T13:42:10.000Z","lat":31.230400000,"lon":121.473700000}',
];

/** A stand-in for gpsd: waits for the order to watch, then speaks. */
async function standIn(t: Test): Promise<{ port: number; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (order) => {
      if (order.toString() !== WATCH) return;
      const text = `${GPSD_SAYS.join('\r\n')}\r\n`;
      // In two pieces, for lines do not come one a packet.
      socket.write(text.slice(0, 100));
      setImmediate(() => socket.write(text.slice(100)));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  return { port: address.port, sockets };
}

async function firstFix(t: Test, choice: ReceiverChoice): Promise<Fix> {
  const receiver = new Receiver({ choice, clock: systemClock });
  t.teardown(receiver.listen(() => undefined));
  return until('a fix', async () => {
    try {
      return receiver.fix();
    } catch {
      return null;
    }
  });
}

t.test('a fix comes from gpsd', async (t) => {
  const { port } = await standIn(t);
  const fix = await firstFix(t, { gpsd: `127.0.0.1:${port}`, baudRate: 9600 });
  t.strictSame(fix, { latitude: 31.2304, longitude: 121.4737, hdop: 0.9, satellites: 2 });
});

t.test('nobody at the port, and one who hangs up, are told', async (t) => {
  const { port, sockets } = await standIn(t);
  const receiver = new Receiver({
    choice: { gpsd: `127.0.0.1:${port}`, baudRate: 9600 },
    clock: systemClock,
  });
  t.teardown(receiver.listen(() => undefined));
  await until('it is connected', async () => (sockets.length > 0 ? true : null));
  for (const socket of sockets) socket.destroy();
  await until('it is told', async () => (receiver.trouble?.code === 'WP2370' ? true : null));
  const other = new Receiver({ choice: { gpsd: '127.0.0.1:1', baudRate: 9600 }, clock: systemClock });
  t.teardown(other.listen(() => undefined));
  await until('it is told', async () => (other.trouble?.code === 'WP2370' ? true : null));
});

const fixLines = () => ['garbage', ...secondOf({ metres: 30, hdop: 1.2, satellites: 7 })];

/** Speaks every 100 ms until the end of the test. */
function speaking(t: Test, line: TestLine): void {
  const again = setInterval(() => {
    for (const text of fixLines()) line.write(text);
  }, 100);
  t.teardown(() => clearInterval(again));
}

t.test('a fix comes from a serial line', { skip: NO_PTY }, async (t) => {
  const line = await TestLine.make(t);
  speaking(t, line);
  const fix = await firstFix(t, { serial: line.path, baudRate: 9600 });
  t.match(fix, { hdop: 1.2, satellites: 7 });
});

t.test(
  'a receiver whose cable is pulled is told, let go, and read again when it is back',
  { skip: NO_PTY },
  async (t) => {
    const [first, second] = [await TestLine.make(t), await TestLine.make(t)];
    const serial = join(t.testdir({}), 'receiver');
    symlinkSync(first.path, serial);
    const clock = new ManualClock();
    const receiver = new Receiver({ choice: { serial, baudRate: 9600 }, clock });
    const fixes: Fix[] = [];
    const stop = receiver.listen((fix) => fixes.push(fix));
    await until('it is open', async () => first.isHeld);
    for (const text of fixLines()) first.write(text);
    await until('a fix', async () => fixes.length > 0);
    await first.hangUpSaying('$GPGGA');
    t.equal(receiver.trouble, null);
    await clock.advance(1_000);
    await until('it is told', async () => receiver.trouble?.code === 'WP2370');
    await until('nothing reads the dead line any more', async () => !first.isHeld);
    rmSync(serial);
    symlinkSync(second.path, serial);
    await clock.advance(10_000);
    await until('the new line is open', async () => second.isHeld);
    const before = fixes.length;
    for (const text of fixLines()) second.write(text);
    await until('a fix of the new line', async () => fixes.length > before);
    t.equal(receiver.trouble, null);
    stop();
    await until('nobody holds the line when nobody listens', async () => !second.isHeld);
    t.equal(clock.pending, 0, 'no timer is left behind');
  },
);
