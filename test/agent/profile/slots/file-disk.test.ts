import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { FileDisk } from '#agent/profile/slots/file-disk.ts';
import { once } from '#agent/profile/slots/slot-disk.ts';
import { withSlotLock } from '#agent/profile/slots/slot-lock.ts';
import { SlotStore } from '#agent/profile/slots/slot-store.ts';
import { bringUp, contentOf, filesOf, rootNumber } from './slot-kit.ts';

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'watchpost-slots-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

t.test('slots in a real folder: installed, confirmed, damaged, and the one before runs', async (t) => {
  const dir = folder();
  const store = new SlotStore(new FileDisk(dir));
  await store.make(rootNumber(1));
  for (const generation of [1, 2, 3]) await bringUp(store, generation);
  await store.trust(rootNumber(2));
  t.same(readdirSync(join(dir, 'trust')), ['root.2.json']);
  const started = await store.start();
  t.equal(started?.manifest.generation, 3);
  const content = join(dir, started?.folder ?? '');
  for (const [name, bytes] of filesOf(3)) t.same(readFileSync(join(content, name)), bytes);
  t.notOk(readdirSync(join(content, 'voice/en')).includes('only.0.wav'), 'nothing is left of generation 1');
  t.equal(statSync(join(content, 'profile.json')).mode & 0o777, 0o600);

  writeFileSync(join(content, 'profile.json'), Buffer.alloc(700, 'x'));
  const again = await new SlotStore(new FileDisk(dir)).start();
  t.match(again, { manifest: { generation: 2 }, problem: { code: 'WP4204' } });
});

t.test('one superblock torn: the state before holds, and the next write mends it', async (t) => {
  const dir = folder();
  const store = new SlotStore(new FileDisk(dir));
  await store.make(rootNumber(1));
  await bringUp(store, 1);
  const before = await store.state();
  const newest = before.rev % 2 === 1 ? 'super-1' : 'super-0';
  writeFileSync(join(dir, newest), readFileSync(join(dir, newest)).fill(0, 512));
  t.equal((await store.state()).rev, before.rev - 1);
  await store.start();
  await store.confirm();
  t.equal((await store.state()).confirmed, 'a');
  for (const copy of ['super-0', 'super-1']) writeFileSync(join(dir, copy), '');
  await t.rejects(store.start(), { code: 'WP4201' });
});

t.test('a large file comes back from the medium as it was written', async (t) => {
  const dir = folder();
  const disk = new FileDisk(dir);
  const bytes = Buffer.alloc(1_000_003, 'not a multiple of anything');
  await disk.write('large', once(bytes));
  await disk.sync('large');
  const pieces: Uint8Array[] = [];
  for await (const piece of disk.readBack('large')) pieces.push(Buffer.from(piece));
  t.ok(Buffer.concat(pieces).equals(bytes));
  t.same(await disk.files('nowhere'), []);
  await disk.remove('large');
  await disk.remove('large');
  t.same(await disk.files(''), []);
});

t.test(
  'links that a card brings choose nothing that is written over: content, folders, notes, the lock',
  async (t) => {
    const outside = folder();
    const victim = join(outside, 'profile.json');
    for (const link of ['b/content/profile.json', 'b/content', 'b', 'super-0', 'super-1', 'lock']) {
      const dir = folder();
      const store = new SlotStore(new FileDisk(dir));
      await store.make(rootNumber(1));
      await bringUp(store, 1);
      writeFileSync(victim, 'of somebody else');
      const isFolder = /(^b|content)$/.test(link);
      mkdirSync(join(dir, 'b/content'), { recursive: true });
      rmSync(join(dir, link), { recursive: true, force: true });
      symlinkSync(isFolder ? outside : victim, join(dir, link));
      await t.rejects(
        withSlotLock(dir, 'test', async () => {
          for (const generation of [2, 3]) await bringUp(store, generation);
        }),
        { code: link === 'lock' ? 'WP4212' : link.startsWith('super') ? /^WP42(23|01)$/ : 'WP4223' },
        link,
      );
      t.equal(readFileSync(victim, 'utf8'), 'of somebody else', link);
      t.same(readdirSync(outside), ['profile.json'], link);
    }
  },
);

t.test('what is too large for the disk leaves what is confirmed as it was', async (t) => {
  const dir = folder();
  const store = new SlotStore(new FileDisk(dir));
  await store.make(rootNumber(1));
  await bringUp(store, 1);
  const full = { ...contentOf(2), read: failing };
  await t.rejects(store.install(full), { code: 'ENOSPC' });
  t.match(await store.start(), { manifest: { generation: 1 }, trial: false, problem: null });
  await bringUp(store, 2);
  t.match(await store.start(), { manifest: { generation: 2 } });
});

async function* failing(): AsyncIterable<Uint8Array> {
  yield Buffer.from('profile ');
  throw Object.assign(new RangeError('no space left on device'), { code: 'ENOSPC' });
}
