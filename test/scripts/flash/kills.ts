import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CARD } from '#contract/device-card.ts';
import {
  fatImage,
  folder,
  inImage,
  killedProcess,
  storeOf,
  type Teardown,
  TestBundles,
  watchpost,
  watchpostProcess,
} from './kit.ts';
import { tracing } from './write-trace.ts';

/** Something to flash to, that the real command is killed over. */
export interface Victim {
  /** What the command writes to. */
  readonly path: string;
  readonly flash: readonly string[];
  /** As it was before. */
  restore(): void;
  /** `before` or `after`, or what is wrong with it. */
  judge(): Promise<string>;
}

/** A device that runs generation 1, to be given 2. */
export async function cardVictim(t: Teardown): Promise<Victim> {
  const dir = folder(t);
  const bundles = new TestBundles(dir);
  const card = await bundles.card('card');
  await watchpost(['flash', bundles.file('1.wpb', 1, 40_000), '--to', card, '--yes']);
  await storeOf(card).start();
  await storeOf(card).confirm();
  const [kept, probe] = [join(dir, 'kept'), join(dir, 'probe')];
  cpSync(card, kept, { recursive: true });
  return {
    path: join(card, CARD.slots),
    flash: ['flash', bundles.file('2.wpb', 2, 50_000), '--to', card, '--yes'],
    restore: () => {
      rmSync(card, { recursive: true });
      cpSync(kept, card, { recursive: true });
    },
    // On a copy: a start counts itself.
    judge: async () => {
      rmSync(probe, { recursive: true, force: true });
      cpSync(card, probe, { recursive: true });
      const started = await storeOf(probe).start();
      if (started === null) return 'nothing runs';
      if (started.problem !== null) return started.problem.message;
      return started.manifest.generation === 1 ? 'before' : 'after';
    },
  };
}

/** A card with generations 1 and 2 on its FAT, to be given 3. */
export async function imageVictim(t: Teardown): Promise<Victim> {
  const dir = folder(t);
  const bundles = new TestBundles(dir);
  const image = fatImage(dir, 'card.img', 2);
  const files = [1, 2, 3].map((generation) => bundles.file(`${generation}.wpb`, generation, 100_000));
  const [one = '', two = '', three = ''] = files;
  for (const file of [one, two]) await watchpost(['flash', file, '--to', image, '--yes']);
  const kept = readFileSync(image);
  return {
    path: image,
    flash: ['flash', three, '--to', image, '--yes'],
    restore: () => writeFileSync(image, kept),
    judge: async () => {
      if (!inImage(image, 'WPB.WPB').equals(readFileSync(two))) return 'the newest is not whole';
      try {
        return inImage(image, 'WPA.WPB').equals(readFileSync(three)) ? 'after' : 'before';
      } catch {
        return 'before'; // Its name is gone, the newest is there.
      }
    },
  };
}

/** Kills the command at any time, as a technician does who pulls the plug of the laptop. */
export async function killAtTimes(
  victim: Victim,
  { kills, random }: { readonly kills: number; readonly random: (below: number) => number },
): Promise<Toll> {
  const toll = { kills: 0, before: 0, after: 0, bad: [] as string[] };
  const wholeMs = await lengthOf(victim.flash);
  for (let round = 0; round < kills; round += 1) {
    victim.restore();
    // Its second half is where it writes.
    await killedProcess(victim.flash, wholeMs / 2 + random(Math.ceil(wholeMs / 2)));
    toll.kills += 1;
    count(toll, await victim.judge(), `round ${round}`);
    await goThrough(toll, victim, `round ${round}`);
  }
  return toll;
}

export interface Toll {
  readonly kills: number;
  readonly before: number;
  readonly after: number;
  /** What was wrong, and after which step. */
  readonly bad: readonly string[];
}

/**
 * Kills the real command, with all that it has started, before step `every`, `2 × every`, … of what it does to the disk,
 * until it comes through; after each the device must have the old or the new, and the same command must go through.
 */
export async function killAtSteps(t: Teardown, victim: Victim, every: number): Promise<Toll> {
  const { TRACE: _unused, ...preload } = tracing(folder(t), victim.path);
  const toll = { kills: 0, before: 0, after: 0, bad: [] as string[] };
  for (let step = 0; ; step += every) {
    victim.restore();
    const { code } = await watchpostProcess(victim.flash, { ...preload, KILL_BEFORE: String(step) });
    if (code === 0) return toll;
    toll.kills += 1;
    count(toll, await victim.judge(), `step ${step}`);
    await goThrough(toll, victim, `step ${step}`);
  }
}

/** How long the whole command takes here and now, in ms. */
export async function lengthOf(command: readonly string[]): Promise<number> {
  const startMs = performance.now();
  await watchpostProcess(command);
  return performance.now() - startMs;
}

type OpenToll = { before: number; after: number; bad: string[] };

function count(toll: OpenToll, found: string, when: string): void {
  if (found === 'before' || found === 'after') toll[found] += 1;
  else toll.bad.push(`${when}: ${found}`);
}

async function goThrough({ bad }: OpenToll, victim: Victim, when: string): Promise<void> {
  const { code, err } = await watchpost(victim.flash);
  if (code !== 0 || (await victim.judge()) !== 'after') bad.push(`${when}: not after another run: ${err}`);
}
