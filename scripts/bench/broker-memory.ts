import { createServer } from 'node:net';
import { Aedes } from 'aedes';

/**
 * aedes with the persistence it comes with, in memory, in a process of its own: what the broker is measured beside.
 * Its options are its defaults but for the cap of deliveries under way, which the broker lifts as well.
 */
async function main(): Promise<void> {
  const aedes = new Aedes({ concurrency: 0, queueLimit: 1000 });
  await aedes.listen();
  const server = createServer({ noDelay: true }, (socket) => void aedes.handle(socket));
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    process.stdout.write(`${JSON.stringify({ ready: true, port })}\n`);
  });
}

if (import.meta.main) await main();
