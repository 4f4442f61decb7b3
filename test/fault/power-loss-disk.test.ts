import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { seeded } from '#test/support/random.ts';
import { LossyDisk, type Survival } from './power-loss/lossy-disk.ts';

const WRITER = fileURLToPath(new URL('./power-loss/writer.ts', import.meta.url));
const skip = LossyDisk.refusal();

/** Writes with and without syncs, and cuts the power. */
async function written(t: Test, survival: Survival, seed = 1, prepare?: (disk: LossyDisk) => void) {
  const disk = LossyDisk.make(t);
  for (const name of ['grown', 'old']) writeFileSync(join(disk.dir, name), name === 'old' ? 'old' : '');
  disk.powerOn();
  prepare?.(disk);
  const child = spawn(process.execPath, [WRITER, disk.dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...disk.env },
  });
  await once(child.stdout, 'data');
  const syncs = disk.get('syncs');
  child.kill('SIGKILL');
  await once(child, 'exit');
  disk.cut(survival, seeded(seed));
  const read = (name: string) =>
    existsSync(join(disk.dir, name)) ? readFileSync(join(disk.dir, name), 'utf8') : null;
  return { read, syncs };
}

t.test('what was synced stays, what was not is gone', { skip }, async (t) => {
  const { read, syncs } = await written(t, 'synced');
  t.equal(read('old'), 'old');
  t.equal(read('synced'), 'a', 'up to the last sync');
  t.equal(read('unsynced'), '', 'a name that was synced, of a file that was not');
  t.equal(read('grown'), 'x'.repeat(9000));
  t.equal(read('renamed.new'), 'new', 'a rename lasts when the folder is synced behind it');
  t.equal(read('renamed'), null);
  t.equal(read('late'), null, 'a file lasts when its folder is synced');
  t.equal(syncs, 5);
});

t.test(
  'with torn pages, what was on its way may be there in part, and what was synced always is',
  { skip },
  async (t) => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 6; seed += 1) {
      const { read } = await written(t, 'torn', seed);
      t.equal(read('old'), 'old');
      t.match(read('synced'), /^ab?$/);
      t.equal(read('grown')?.slice(0, 9000), 'x'.repeat(9000));
      seen.add(
        JSON.stringify([read('synced'), read('grown')?.length, read('late') === null, read('renamed')]),
      );
    }
    t.ok(seen.size > 2, 'each time other things are left');
  },
);

t.test('a disk that lies about its syncs keeps nothing', { skip }, async (t) => {
  const { read } = await written(t, 'synced', 1, (disk) => disk.set('lie', 1));
  t.equal(read('synced'), null);
  t.equal(read('old'), 'old');
});
