import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { installBundle } from '#agent/installer/install-bundle.ts';
import { FileDisk } from '#agent/profile/slots/file-disk.ts';
import { SlotStore } from '#agent/profile/slots/slot-store.ts';
import { CARD } from '#contract/device-card.ts';
import { CLOCK, makeCard, type TestCard } from '#test/agent/installer/card-kit.ts';
import { seeded } from '#test/support/random.ts';
import { LossyDisk } from '../power-loss/lossy-disk.ts';

const WALKER = fileURLToPath(new URL('./slot-walker.ts', import.meta.url));
const OPTIONS = { agent: null, clock: CLOCK, who: 'a test' } as const;

/** `killed`: the process alone, kill -9. `synced`, `torn`: the power, with what was not synced. */
export type Way = 'killed' | 'synced' | 'torn';

const contentOf = (generation: number): ReadonlyMap<string, Buffer> =>
  new Map([
    ['profile.json', Buffer.from(`{"generation":${generation}}`)],
    ...['a', 'b', 'c'].map((name): [string, Buffer] => [
      `voice/en/${name}.wav`,
      Buffer.alloc(200_000, `${name} of ${generation} `),
    ]),
  ]);

export interface CampaignReport {
  /** Syncs of a walk that nobody ends. */
  readonly syncs: number;
  /** Ends that came before the walk was over. */
  readonly ended: number;
  readonly bad: readonly string[];
}

/** Takes devices from A to B and back, ends that after any of its syncs, and looks at what is left. */
export async function endWalks(t: Test, way: Way, count: number, seed: number): Promise<CampaignReport> {
  const card = await makeCard(t);
  await installBundle(card.dir, card.bundle(1, { content: contentOf(1) }), OPTIONS);
  await card.store.start();
  await card.store.confirm();
  const bundles = {
    second: card.bundle(2, { content: contentOf(2) }),
    third: card.bundle(3, { content: contentOf(3) }),
  };
  const random = seeded(seed);
  const syncs = (await walk(t, card, bundles.second, Number.POSITIVE_INFINITY)).syncs;
  const bad: string[] = [];
  let ended = 0;
  for (let n = 0; n < count; n += 1) {
    const after = random(syncs);
    const { disk, dir, isOver } = await walk(t, card, bundles.second, after);
    if (!isOver) ended += 1;
    if (way !== 'killed') disk.cut(way, random);
    const problem = await problemOf(dir, bundles.third);
    if (problem !== null) bad.push(`${way} after ${after} syncs: ${problem}`);
  }
  return { syncs, ended, bad };
}

/** On a copy of the card; ended once so many syncs are done. */
async function walk(t: Test, card: TestCard, bundle: string, syncs: number) {
  const disk = LossyDisk.make(t);
  const dir = join(disk.dir, 'card');
  cpSync(card.dir, dir, { recursive: true });
  disk.powerOn();
  const child = spawn(process.execPath, [WALKER, dir, join(dir, CARD.slots), bundle], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...disk.env },
  });
  let isOver = false;
  child.stdout.on('data', () => {
    isOver = true;
  });
  const exit = once(child, 'exit');
  let isGone = false;
  void exit.then(() => {
    isGone = true;
  });
  while (!isGone && disk.get('syncs') <= syncs) await new Promise((resolve) => setImmediate(resolve));
  if (!isGone) child.kill('SIGKILL');
  await exit;
  return { disk, dir, isOver, syncs: disk.get('syncs') };
}

/** Null where the device runs a whole slot, and takes the next bundle. */
async function problemOf(dir: string, next: string): Promise<string | null> {
  const slots = join(dir, CARD.slots);
  const store = new SlotStore(new FileDisk(slots));
  try {
    const started = await store.start();
    if (started === null) return 'nothing runs';
    if (started.problem !== null) return started.problem.message;
    const { generation } = started.manifest;
    for (const [name, bytes] of contentOf(generation)) {
      if (!readFileSync(join(slots, started.folder, name)).equals(bytes)) return `a damaged ${name}`;
    }
    if (started.trial) await store.confirm();
    await installBundle(dir, next, OPTIONS);
    const third = await store.start();
    await store.confirm();
    return third?.manifest.generation === 3 ? null : 'the next bundle does not run';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
