import t from 'tap';
import { wholeContent } from '#agent/profile/slots/slot-content.ts';
import type { SlotDisk } from '#agent/profile/slots/slot-disk.ts';
import { SlotStore } from '#agent/profile/slots/slot-store.ts';
import { MAX_TRIAL_STARTS } from '#agent/profile/slots/transitions.ts';
import { seeded } from '#test/support/random.ts';
import { bringUp, contentOf, filesOf, provenDisk, rootNumber } from './slot-kit.ts';
import type { Fate, VolatileDisk } from './volatile-disk.ts';

/** How many ways a cut may end are tried: nothing is kept, everything is, and by chance. */
const FATES = 6;

type Opened = (disk: VolatileDisk) => SlotDisk;
const asItIs: Opened = (disk) => disk;

/** Everything that slots go through: forward, confirmed, given up after too many starts, back, and exchanged roots. */
async function life(store: SlotStore, done: (confirmed: number) => void): Promise<void> {
  await bringUp(store, 2);
  done(2);
  await store.install(contentOf(3));
  await store.trust(rootNumber(2));
  await store.tryOut();
  for (let starts = 0; starts <= MAX_TRIAL_STARTS; starts += 1) await store.start();
  await bringUp(store, 4);
  done(4);
  await store.fallBack();
  done(2);
  await store.install(contentOf(5));
  await store.tryOut();
  await store.start();
  await store.reject('WP4205');
  await bringUp(store, 6);
  done(6);
}

interface Tally {
  readonly steps: number;
  readonly cuts: number;
  readonly bad: readonly string[];
}

/** Cuts a life before each of its steps, and lets every cut end in several ways. */
async function cutEverywhere(
  fates: number,
  opened: Opened,
  prepare: (disk: VolatileDisk) => void,
): Promise<Tally> {
  const whole = await provenDisk();
  await life(new SlotStore(opened(whole)), () => undefined);
  const random = seeded(20_260);
  const bad: string[] = [];
  for (let cutAt = 0; cutAt < whole.steps; cutAt += 1) {
    const disk = await provenDisk();
    prepare(disk);
    disk.cutAt = cutAt;
    const known = await lifeUntilCut(disk, new SlotStore(opened(disk)));
    for (let way = 0; way < fates; way += 1) {
      const found = opened(disk.afterCut(fateOf(way, random)));
      const problem = await problemOf(found, known);
      if (problem !== null) bad.push(`before step ${cutAt}, way ${way}: ${problem}`);
    }
  }
  return { steps: whole.steps, cuts: whole.steps * fates, bad };
}

function fateOf(way: number, random: Fate): Fate {
  if (way === 0) return () => 0;
  if (way === 1) return () => 1;
  return random;
}

/** What was confirmed last for certain, and before that: a cut may fall into a fallback as well. */
async function lifeUntilCut(disk: VolatileDisk, store: SlotStore): Promise<number> {
  let highest = 1;
  try {
    await life(store, (confirmed) => {
      highest = Math.max(highest, confirmed);
    });
  } catch (error) {
    // A start takes a disk that fails for one that takes no writing; what it was shows at the next.
    if (disk.steps < disk.cutAt) throw error;
  }
  return highest;
}

/** Null where the device runs, knows what it knew, and takes the next bundle. */
async function problemOf(disk: SlotDisk, highest: number): Promise<string | null> {
  const store = new SlotStore(disk);
  try {
    const started = await store.start();
    if (started === null) return 'nothing runs';
    for (const [name, bytes] of filesOf(started.manifest.generation)) {
      const pieces: Uint8Array[] = [];
      for await (const piece of disk.read(`${started.folder}/${name}`)) pieces.push(piece);
      if (!Buffer.concat(pieces).equals(bytes)) return `runs a damaged ${name}`;
    }
    if (started.problem !== null && started.problem.code !== 'WP4205')
      return `started with ${started.problem.message}`;
    const state = await store.state();
    const entry = state.confirmed === null ? null : state.slots[state.confirmed];
    if (state.confirmed === null || entry === null) return 'nothing is confirmed';
    if ((await wholeContent(disk, state.confirmed, entry)) === null) return 'what is confirmed is damaged';
    if ((state.floor?.generation ?? 0) < highest) return `forgot that ${highest} was confirmed`;
    if ((await store.root()).signed.version !== state.root.version) return 'the root is another';
    if (state.trial !== null) await store.reject('WP4205');
    await bringUp(store, 9);
    return (await store.state()).floor?.generation === 9 ? null : 'the next bundle is not confirmed';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

t.test(
  'power may go before any step, and any part of what was not synced be kept: a whole slot runs',
  async (t) => {
    const { steps, cuts, bad } = await cutEverywhere(FATES, asItIs, () => undefined);
    t.comment(`${steps} steps, ${cuts} cuts, ${bad.length} bad`);
    t.ok(cuts >= 800, `${cuts} cuts`);
    t.same(bad, []);
  },
);

t.test('the same cuts find one superblock instead of two', async (t) => {
  const { cuts, bad } = await cutEverywhere(3, single, () => undefined);
  t.comment(`${cuts} cuts, ${bad.length} bad`);
  t.ok(bad.length > 0);
});

t.test('the same cuts find a sync of files, or of folders, that is left out', async (t) => {
  for (const forgets of ['files', 'folders'] as const) {
    const { cuts, bad } = await cutEverywhere(2, asItIs, (disk) => {
      disk.forgets = forgets;
    });
    t.comment(`without sync of ${forgets}: ${cuts} cuts, ${bad.length} bad`);
    t.ok(bad.length > 0, forgets);
  }
});

/** Both copies of the superblock in one place. */
const single: Opened = (disk) => {
  const one = (path: string): string => (path === 'super-1' ? 'super-0' : path);
  return {
    files: (folder) => disk.files(folder),
    makeFolder: (path) => disk.makeFolder(path),
    write: (path, content) => disk.write(one(path), content),
    overwrite: (path, bytes) => disk.overwrite(one(path), bytes),
    read: (path) => disk.read(one(path)),
    readBack: (path) => disk.readBack(one(path)),
    remove: (path) => disk.remove(one(path)),
    sync: (path) => disk.sync(one(path)),
    syncFolder: (path) => disk.syncFolder(path),
  };
};
