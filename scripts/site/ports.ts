import { createServer } from 'node:net';
import { WatchpostError } from '#contract/errors.ts';

/** @throws WatchpostError WP5027 naming the port and the option that chooses another */
export function requireFreePort(port: number, option: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (cause: NodeJS.ErrnoException) => {
      const detail = `port ${port} on 127.0.0.1: ${cause.code ?? cause.message}`;
      reject(new WatchpostError('WP5027', { detail, cause, hint: remedy(cause.code, port, option) }));
    });
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve()));
  });
}

function remedy(code: string | undefined, port: number, option: string): string {
  if (code === 'EACCES') return `Choose a port from 1024 up: ${option} ${port + 8000}`;
  return `Choose another port with ${option} ${port + 1}, or end what uses it (ss -ltnp 'sport = :${port}' names it).`;
}
