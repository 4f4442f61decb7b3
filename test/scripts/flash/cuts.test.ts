import { readFileSync } from 'node:fs';
import t from 'tap';
import { LossyDisk } from '#test/fault/power-loss/lossy-disk.ts';
import { seeded } from '#test/support/random.ts';
import { cutEverywhere, cutFlash, SEED, scene } from './cuts.ts';
import { fatImage, folder, inImage, NO_FAT, run, TestBundles, watchpostProcess } from './kit.ts';
import { NO_TRACE, tracedWrites } from './write-trace.ts';

const skip = { skip: NO_FAT === false ? NO_TRACE : NO_FAT };

t.test(
  'the power may go before any sector of a flash: the newest bundle on the card is whole, and the next run goes through',
  skip,
  async (t) => {
    const { cuts, sectors, bad, again, notHealed } = await cutFlash(await scene(t, 1));
    t.equal(bad, 0);
    t.strictSame(notHealed, []);
    t.ok(cuts >= 200, `${cuts} cuts at ${sectors} sectors; ${again} times flashed again`);
  },
);

t.test('with one name instead of two the same cuts leave cards without a bundle', skip, async (t) => {
  const made = await scene(t, 1);
  const { image, dir, source } = made;
  const writes = await tracedWrites(dir, image, async () => {
    run('mcopy', '-o', '-i', image, source.file, '::WPB.WPB');
  });
  const { cuts, bad } = await cutEverywhere(made, writes.slice(0, 12), async () => undefined);
  t.ok(bad > 0, `${bad} of ${cuts}`);
});

t.test(
  'what is told as flashed survives a power cut at once',
  { skip: NO_FAT === false ? LossyDisk.refusal() : NO_FAT },
  async (t) => {
    const disk = LossyDisk.make(t);
    const bundles = new TestBundles(folder(t));
    const image = fatImage(disk.dir, 'card.img', 1);
    const bundle = bundles.file('1.wpb', 1, 40_000);
    disk.powerOn();
    t.match(await watchpostProcess(['flash', bundle, '--to', image, '--yes'], disk.env), { code: 0 });
    disk.cut('synced', seeded(SEED));
    t.strictSame(inImage(image, 'WPA.WPB'), readFileSync(bundle));
    disk.powerOn();
    const before = readFileSync(image);
    disk.set('lie', 1);
    const two = bundles.file('2.wpb', 2, 40_000);
    t.match(await watchpostProcess(['flash', two, '--to', image, '--yes'], disk.env), { code: 0 });
    disk.cut('synced', seeded(SEED));
    t.ok(
      readFileSync(image).equals(before),
      'a disk that lies about its syncs would lose it: the test looks',
    );
  },
);
