import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { SimTransport } from '#agent/drivers/sim/transport.ts';
import type { SimWorld } from '#agent/drivers/sim/world.ts';
import { simWorld } from './sim-world.ts';

interface Rig {
  readonly world: SimWorld;
  readonly transport: SimTransport;
  readonly server: Server;
  readonly accepted: Socket[];
  readonly url: string;
}

async function rig(t: Test): Promise<Rig> {
  const accepted: Socket[] = [];
  const server = createServer((socket) => {
    accepted.push(socket);
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const world = simWorld();
  const inner = { open: (url: string) => createConnection(Number(new URL(url).port), '127.0.0.1') };
  const transport = new SimTransport({ world, inner });
  transport.start();
  t.teardown(async () => {
    transport.close();
    for (const socket of accepted) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return { world, transport, server, accepted, url: `mqtt://127.0.0.1:${port}` };
}

t.test('bytes travel over a real socket while the link is up', async (t) => {
  const { transport, url } = await rig(t);
  const stream = transport.open(url);
  stream.write('hello');
  const [answer] = await once(stream, 'data');
  t.equal(String(answer), 'hello');
  stream.destroy();
});

t.test('a cut destroys what is open, at both ends', async (t) => {
  const { world, transport, accepted, url } = await rig(t);
  const stream = transport.open(url);
  stream.write('hello');
  await once(stream, 'data');
  const failed = once(stream, 'error');
  const ended = accepted[0] === undefined ? null : once(accepted[0], 'close');
  world.setLink('down');
  const [error] = await failed;
  t.equal(error.code, 'WP2316');
  await ended;
  t.equal(stream.destroyed, true);
});

t.test('nothing can be opened until the link is restored', async (t) => {
  const { world, transport, accepted, url } = await rig(t);
  world.setLink('down');
  const [error] = await once(transport.open(url), 'error');
  t.equal(error.code, 'WP2316');
  t.equal(accepted.length, 0);
  world.setLink('up');
  const stream = transport.open(url);
  stream.write('again');
  t.equal(String((await once(stream, 'data'))[0]), 'again');
  stream.destroy();
});
