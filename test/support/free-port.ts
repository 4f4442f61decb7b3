import { once } from 'node:events';
import { createServer } from 'node:net';
import { WatchpostError } from '#contract/errors.ts';

/** A port of the loopback that nothing listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new WatchpostError('WP5027');
  return address.port;
}
