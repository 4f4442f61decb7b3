import { createServer } from 'node:net';
import { SyncFile } from './sync-file.ts';

/**
 * The far end of the floor, a process of its own as the broker is: takes `--in` bytes, syncs one block of `--block`
 * bytes into `--file`, and answers `--out` bytes.
 */
function main([file = '', block = '0', inBytes = '0', outBytes = '0']: readonly string[]): void {
  const disk = new SyncFile(file, Number(block));
  const answer = Buffer.alloc(Number(outBytes), 0x5a);
  const server = createServer({ noDelay: true }, (socket) => {
    let waiting = 0;
    socket.on('data', (chunk) => {
      waiting += chunk.length;
      if (waiting < Number(inBytes)) return;
      waiting = 0;
      disk.write();
      socket.write(answer);
    });
    socket.on('close', () => process.exit(0));
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    process.stdout.write(`${JSON.stringify({ ready: true, port })}\n`);
  });
}

if (import.meta.main) main(process.argv.slice(2));
