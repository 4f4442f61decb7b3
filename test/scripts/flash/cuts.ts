import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { Medium } from '#scripts/flash/disk/medium.ts';
import { FatInbox } from '#scripts/flash/fat/fat-inbox.ts';
import { InboxTarget } from '#scripts/flash/inbox/inbox-target.ts';
import type { SourceBundle } from '#scripts/flash/source-bundle.ts';
import { seeded } from '#test/support/random.ts';
import { fatImage, flash, folder, inImage, type Teardown, TestBundles } from './kit.ts';
import { type SectorWrite, SURVIVALS, sectorsAfter, tracedWrites } from './write-trace.ts';

export const SEED = 20261122;
/** After every so many of the cuts the same command is run once more. */
const AGAIN_EVERY = 40;

export const targetOf = (image: string, source: SourceBundle) =>
  new InboxTarget(image, source, async () => FatInbox.on(await Medium.open(image, null)));

export interface Scene {
  readonly dir: string;
  /** As it lies before the power goes. */
  readonly before: Buffer;
  /** Under WPA.WPB and WPB.WPB lie generations 1 and 2; this is 3. */
  readonly source: SourceBundle;
  readonly image: string;
  readonly newest: Buffer;
}

/** A card of so many MiB, formatted so. */
export async function scene(t: Teardown, megabytes: number, ...format: string[]): Promise<Scene> {
  const dir = folder(t);
  const bundles = new TestBundles(dir);
  const image = fatImage(dir, 'card.img', megabytes, ...format);
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
export async function cutEverywhere(
  { before, newest, image }: Scene,
  writes: readonly SectorWrite[],
  after: (cuts: number) => Promise<void>,
): Promise<{ cuts: number; bad: number }> {
  lay(image, new Map([[0, before]]));
  const random = seeded(SEED);
  let [cuts, bad] = [0, 0];
  for (let cut = 0; cut <= writes.length; cut += 1) {
    for (const survival of SURVIVALS) {
      lay(image, sectorsAfter(before, writes, { cut, survival, random }));
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

export interface CutToll {
  readonly cuts: number;
  readonly sectors: number;
  readonly bad: number;
  readonly again: number;
  /** What was wrong after the same command was run once more. */
  readonly notHealed: readonly string[];
}

/** Cuts an image flash everywhere, and flashes again now and then. */
export async function cutFlash(made: Scene): Promise<CutToll> {
  const { image, dir, source } = made;
  const writes = await tracedWrites(dir, image, () => flash(targetOf(image, source)));
  const whole = readFileSync(image);
  const all = sectorsAfter(made.before, writes, {
    cut: writes.length,
    survival: 'all',
    random: seeded(SEED),
  });
  const [notHealed, wanted]: [string[], Buffer] = [[], readFileSync(source.file)];
  for (const [at, bytes] of all) {
    if (!whole.subarray(at, at + bytes.length).equals(bytes))
      notHealed.push(`the write at ${at} was not seen`);
  }
  let again = 0;
  const toll = await cutEverywhere(made, writes, async (count) => {
    if (count % AGAIN_EVERY !== 0) return;
    await flash(targetOf(image, source));
    again += 1;
    if (!inImage(image, 'WPA.WPB').equals(wanted))
      notHealed.push(`cut ${count}: not whole after another run`);
    if (!inImage(image, 'WPB.WPB').equals(made.newest)) notHealed.push(`cut ${count}: the other was touched`);
    // What the other run wrote elsewhere is taken back.
    lay(image, new Map([[0, made.before]]));
  });
  return { ...toll, sectors: writes.length, again, notHealed };
}

function lay(image: string, sectors: ReadonlyMap<number, Buffer>): void {
  const file = openSync(image, 'r+');
  try {
    for (const [at, bytes] of sectors) writeSync(file, bytes, 0, bytes.length, at);
  } finally {
    closeSync(file);
  }
}
