import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { fatImage, folder, hashOf, inImage, NO_FAT, TestBundles, watchpost } from './kit.ts';

const skip = { skip: NO_FAT };

t.test('the image of a card gets the bundle on its FAT, and the next one beside it', skip, async (t) => {
  const dir = folder(t);
  const bundles = new TestBundles(dir);
  const image = fatImage(dir, 'card.img', 8);
  const files = [1, 2, 3].map((generation) => bundles.file(`${generation}.wpb`, generation, 300_000));
  const flashed = async (index: number) => {
    const ran = await watchpost(['flash', files[index] ?? '', '--to', image, '--yes', '--json']);
    t.match(ran, { code: 0 }, ran.err);
    return JSON.parse(ran.out);
  };
  t.match(await flashed(0), {
    readBack: { sha256: hashOf(files[0] ?? '') },
    writtenBytes: readFileSync(files[0] ?? '').length,
  });
  t.strictSame(inImage(image, 'WPA.WPB'), readFileSync(files[0] ?? ''));
  await flashed(1);
  t.strictSame(inImage(image, 'WPB.WPB'), readFileSync(files[1] ?? ''));
  t.strictSame(inImage(image, 'WPA.WPB'), readFileSync(files[0] ?? ''), 'the one before stays');
  await flashed(2);
  t.strictSame(inImage(image, 'WPA.WPB'), readFileSync(files[2] ?? ''), 'the oldest is written over');
  t.strictSame(inImage(image, 'WPB.WPB'), readFileSync(files[1] ?? ''));
  t.match(await flashed(2), { writtenBytes: 0 }, 'what is there is not written again');
});

t.test('a plan alone leaves every byte of an image as it is', skip, async (t) => {
  const dir = folder(t);
  const image = fatImage(dir, 'card.img', 4);
  const bundle = new TestBundles(dir).file('1.wpb', 1, 1000);
  const before = hashOf(image);
  t.match(await watchpost(['flash', bundle, '--to', image, '--dry-run']), { code: 0, out: /WPA\.WPB/ });
  t.match(await watchpost(['flash', bundle, '--to', image]), { code: 1, err: /WP4303/ });
  t.equal(hashOf(image), before);
});

t.test('without a FAT, or with too little room on it, an image is refused as it is', skip, async (t) => {
  const dir = folder(t);
  const bundle = new TestBundles(dir).file('1.wpb', 1, 900_000);
  const empty = join(dir, 'empty.img');
  writeFileSync(empty, Buffer.alloc(2_000_000));
  const small = fatImage(dir, 'small.img', 1);
  const before = [hashOf(empty), hashOf(small)];
  writeFileSync(join(dir, 'ballast'), Buffer.alloc(500_000));
  t.match(await watchpost(['flash', bundle, '--to', empty, '--yes']), { code: 1, err: /WP4305/ });
  const { spawnSync } = await import('node:child_process');
  spawnSync('mcopy', ['-i', small, join(dir, 'ballast'), '::BALLAST']);
  before[1] = hashOf(small);
  t.match(await watchpost(['flash', bundle, '--to', small, '--yes']), { code: 1, err: /WP4306/ });
  t.strictSame([hashOf(empty), hashOf(small)], before);
});
