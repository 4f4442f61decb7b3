import { closeSync, fdatasyncSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** `node writer.ts DIR`: does each thing once with and once without a sync, says so, and waits to be killed. */
const [dir = ''] = process.argv.slice(2);

function write(name: string, how: 'sync' | 'none', text: string): number {
  const fd = openSync(join(dir, name), 'a');
  writeSync(fd, text);
  if (how === 'sync') fdatasyncSync(fd);
  return fd;
}

function syncFolder(): void {
  const fd = openSync(dir, 'r');
  fsyncSync(fd);
  closeSync(fd);
}

write('synced', 'sync', 'a');
write('unsynced', 'none', 'a');
write('renamed.new', 'sync', 'new');
syncFolder();
renameSync(join(dir, 'renamed.new'), join(dir, 'renamed'));
write('late', 'sync', 'its name was never synced');
write('synced', 'none', 'b');
const grown = write('grown', 'sync', 'x'.repeat(9000));
writeSync(grown, 'y'.repeat(9000));
process.stdout.write('done\n');
setInterval(() => undefined, 60_000);
