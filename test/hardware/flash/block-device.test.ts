import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { describeBlockDevice, refuseDangerous } from '#scripts/flash/disk/block-device.ts';
import {
  fatImage,
  folder,
  hashOf,
  inImage,
  NO_FAT,
  run,
  TestBundles,
  watchpost,
} from '#test/scripts/flash/kit.ts';
import { loopDevice, NO_LOOP } from './loop.ts';

const skip = { skip: NO_FAT === false ? NO_LOOP : NO_FAT };

t.test(
  'a card in a reader is flashed only when its name is typed twice, and read back from the medium',
  skip,
  async (t) => {
    const dir = folder(t);
    const bundle = new TestBundles(dir).file('1.wpb', 1, 200_000);
    const image = fatImage(dir, 'card.img', 8);
    const before = hashOf(image);
    const device = loopDevice(t, image);
    const asked = ['flash', bundle, '--to', device, '--yes', '--json'];
    t.match(await watchpost(asked), { code: 1, err: /WP4311/ });
    t.match(await watchpost([...asked, '--force-device', '/dev/null']), { code: 1, err: /WP4311/ });
    t.equal(hashOf(image), before);
    const { code, out, err } = await watchpost([...asked, '--force-device', device]);
    t.equal(code, 0, err);
    t.match(JSON.parse(out), { ok: true, readBack: { from: 'medium', sha256: hashOf(bundle) } });
    run('losetup', '--detach', device);
    t.strictSame(inImage(image, 'WPA.WPB'), readFileSync(bundle));
  },
);

t.test('a write-protected card is refused, and so is one behind a file that is in use', skip, async (t) => {
  const dir = folder(t);
  const bundle = new TestBundles(dir).file('1.wpb', 1, 1000);
  const image = fatImage(dir, 'card.img', 2);
  const device = loopDevice(t, image, '--read-only');
  const asked = ['flash', bundle, '--yes', '--to'];
  t.match(await watchpost([...asked, device, '--force-device', device]), { code: 1, err: /WP4307/ });
  t.match(await watchpost([...asked, image]), { code: 1, err: /WP4309.*loop/ });
});

t.test('a mounted card is refused', skip, async (t) => {
  const dir = folder(t);
  const bundle = new TestBundles(dir).file('1.wpb', 1, 1000);
  const image = join(dir, 'linux.img');
  writeFileSync(image, Buffer.alloc(2 * 1024 * 1024));
  run('mkfs.ext4', '-q', image);
  const device = loopDevice(t, image);
  const mount = join(dir, 'mnt');
  mkdirSync(mount);
  const { status, stderr } = spawnSync('mount', [device, mount], { encoding: 'utf8' });
  if (status !== 0) return t.plan(0, `nothing can be mounted here: ${stderr.trim()}`);
  t.teardown(() => void spawnSync('umount', [mount]));
  const asked = ['flash', bundle, '--yes', '--to', device, '--force-device', device];
  t.match(await watchpost(asked), { code: 1, err: /WP4309/ });
  run('umount', mount);
  t.match(await watchpost(asked), { code: 1, err: /WP4305/ }, 'and a file system of another kind as well');
});

t.test('the disk that this machine runs from is never written to, whatever is typed', async (t) => {
  const [source = ''] = run('findmnt', '--noheadings', '--output', 'SOURCE', '/')
    .toString()
    .trim()
    .split('\n');
  if (!source.startsWith('/dev/')) return t.plan(0, `the root is no block device here: ${source}`);
  const device = describeBlockDevice(source);
  t.throws(() => refuseDangerous({ ...device, removable: true }, source), { code: 'WP4310' });
});
