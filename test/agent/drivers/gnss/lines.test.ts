import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import type { ReceiverChoice } from '#agent/drivers/gnss/config.ts';
import type { Fix } from '#agent/drivers/gnss/fix.ts';
import { WATCH } from '#agent/drivers/gnss/gpsd.ts';
import { Receiver } from '#agent/drivers/gnss/receiver.ts';
import { systemClock } from '#contract/clock.ts';
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

const hasPython = spawnSync('python3', ['-c', 'import pty']).status === 0;

t.test('a fix comes from a serial line', { skip: !hasPython && 'python3 is missing' }, async (t) => {
  const script = `import os, pty, sys, tty
master, slave = pty.openpty()
tty.setraw(slave)
print(os.ttyname(slave), flush=True)
for line in sys.stdin:
    os.write(master, line.strip().encode() + b'\\r\\n')
`;
  const python = spawn('python3', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => python.kill());
  const [serial] = await once(createInterface(python.stdout), 'line');
  const line = `garbage\n${secondOf({ metres: 30, hdop: 1.2, satellites: 7 }).join('\n')}\n`;
  const again = setInterval(() => python.stdin.write(line), 100);
  t.teardown(() => clearInterval(again));
  const fix = await firstFix(t, { serial: String(serial), baudRate: 9600 });
  t.match(fix, { hdop: 1.2, satellites: 7 });
});
