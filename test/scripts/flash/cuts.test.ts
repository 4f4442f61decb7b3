import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { Medium } from '#scripts/flash/disk/medium.ts';
import { FatInbox } from '#scripts/flash/fat/fat-inbox.ts';
import { InboxTarget } from '#scripts/flash/inbox/inbox-target.ts';
import type { SourceBundle } from '#scripts/flash/source-bundle.ts';
import { LossyDisk } from '#test/fault/power-loss/lossy-disk.ts';
import { seeded } from '#test/support/random.ts';
import { fatImage, flash, folder, inImage, NO_FAT, run, TestBundles, watchpostProcess } from './kit.ts';
import { imageAfter, NO_TRACE, type SectorWrite, SURVIVALS, tracedWrites } from './write-trace.ts';

const skip = { skip: NO_FAT === false ? NO_TRACE : NO_FAT };
const SEED = 20261122;
/** After every so many of the cuts the same command is run once more. */
const AGAIN_EVERY = 40;

const targetOf = (image: string, source: SourceBundle) =>
  new InboxTarget(image, source, async () => FatInbox.on(await Medium.open(image, null)));

interface Scene {
  readonly dir: string;
  /** As it lies before the power goes. */
  readonly before: Buffer;
  /** Under WPA.WPB and WPB.WPB lie generations 1 and 2; this is 3. */
  readonly source: SourceBundle;
  readonly image: string;
  readonly newest: Buffer;
}

async function scene(t: Parameters<typeof folder>[0], ...format: string[]): Promise<Scene> {
  const dir = folder(t);
  const bundles = new TestBundles(dir);
  const image = fatImage(dir, 'card.img', 1, ...format);
  const sources = [];
  for (const generation of [1, 2, 3]) {
    sources.push(await bundles.source(`${generation}.wpb`, generation, 20_000 + 3_000 * generation));
  }
  const [one, two, three] = sources;
  if (one === undefined || two === undefined || three === undefined) throw new RangeError('three bundles');
  await flash(targetOf(image, one));
  await flash(targetOf(image, two));
  return { dir, image, source: three, before: readFileSync(image), newest: readFileSync(two.file) };
}

/** Cuts before every sector, each with every survival; answers after how many the newest bundle was not whole. */
async function cutEverywhere(
  { before, newest, image }: Scene,
  writes: readonly SectorWrite[],
  after: (cuts: number) => Promise<void>,
): Promise<{ cuts: number; bad: number }> {
  const random = seeded(SEED);
  let [cuts, bad] = [0, 0];
  for (let cut = 0; cut <= writes.length; cut += 1) {
    for (const survival of SURVIVALS) {
      writeFileSync(image, imageAfter(before, writes, { cut, survival, random }));
      const { stdout } = spawnSync('mtype', ['-i', image, '::WPB.WPB'], {
        env: { ...process.env, MTOOLS_SKIP_CHECK: '1' },
      });
      cuts += 1;
      if (!stdout.equals(newest)) bad += 1;
      await after(cuts);
    }
  }
  return { cuts, bad };
}

t.test(
  'the power may go before any sector of a flash: the newest bundle on the card is whole, and the next run goes through',
  skip,
  async (t) => {
    const made = await scene(t);
    const { image, dir, source } = made;
    const writes = await tracedWrites(dir, image, () => flash(targetOf(image, source)));
    t.strictSame(inImage(image, 'WPA.WPB'), readFileSync(source.file));
    const all = imageAfter(made.before, writes, {
      cut: writes.length,
      survival: 'all',
      random: seeded(SEED),
    });
    t.ok(all.equals(readFileSync(image)), 'every write was seen');
    let again = 0;
    const { cuts, bad } = await cutEverywhere(made, writes, async (count) => {
      if (count % AGAIN_EVERY !== 0) return;
      await flash(targetOf(image, source));
      again += 1;
      if (!inImage(image, 'WPA.WPB').equals(readFileSync(source.file)))
        t.fail(`cut ${count}: not whole after another run`);
      if (!inImage(image, 'WPB.WPB').equals(made.newest)) t.fail(`cut ${count}: the other was touched`);
    });
    t.equal(bad, 0);
    t.ok(cuts >= 200, `${cuts} cuts`);
    t.comment(`${cuts} cuts at ${writes.length} sectors, ${bad} bad; ${again} times flashed again`);
  },
);

t.test('with one name instead of two the same cuts leave cards without a bundle', skip, async (t) => {
  const made = await scene(t);
  const { image, dir, source } = made;
  const writes = await tracedWrites(dir, image, async () => {
    run('mcopy', '-o', '-i', image, source.file, '::WPB.WPB');
  });
  const { cuts, bad } = await cutEverywhere(made, writes.slice(0, 12), async () => undefined);
  t.ok(bad > 0, `${bad} of ${cuts}`);
  t.comment(`one name: ${bad} of ${cuts} bad`);
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
