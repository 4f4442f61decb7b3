import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export const SECTOR_BYTES = 512;

/** Why writes cannot be written down here, or false. */
export const NO_TRACE: string | false =
  spawnSync('cc', ['--version']).status === 0 ? false : 'there is no C compiler (cc)';

/** A sector, as it was written. */
export interface SectorWrite {
  readonly at: number;
  readonly bytes: Buffer;
}

/** Environment of a program whose writes to the image are written down; with FAIL_AFTER they fail after so many. */
export function tracing(dir: string, image: string) {
  const library = join(dir, 'writes.so');
  const source = join(import.meta.dirname, 'writes.c');
  if (!existsSync(library)) execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl']);
  return { LD_PRELOAD: library, IMAGE: image, TRACE: join(dir, 'trace') };
}

/** Every sector that programs write to an image while `use` runs, in order. */
export async function tracedWrites(
  dir: string,
  image: string,
  use: () => Promise<void>,
): Promise<SectorWrite[]> {
  const env = tracing(dir, image);
  rmSync(env.TRACE, { force: true });
  Object.assign(process.env, env);
  try {
    await use();
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
  }
  return [...sectorsOf(readFileSync(env.TRACE))];
}

function* sectorsOf(trace: Buffer): Iterable<SectorWrite> {
  for (let at = 0; at < trace.length; ) {
    const [offset, length] = [Number(trace.readBigInt64LE(at)), Number(trace.readBigInt64LE(at + 8))];
    at += 16;
    for (let done = 0; done < length; done += SECTOR_BYTES) {
      const end = Math.min(done + SECTOR_BYTES, length);
      yield { at: offset + done, bytes: trace.subarray(at + done, at + end) };
    }
    at += length;
  }
}

/** What of the sectors before a cut is on the medium: `all`; `some`, in no order; `torn`, some of them by half. */
export const SURVIVALS = ['all', 'some', 'torn'] as const;
export type Survival = (typeof SURVIVALS)[number];

/** The sectors written to, as they are found when the power went before write `cut`; `before`: the image, synced. */
export function sectorsAfter(
  before: Buffer,
  writes: readonly SectorWrite[],
  { cut, survival, random }: { cut: number; survival: Survival; random: (below: number) => number },
): ReadonlyMap<number, Buffer> {
  const sectors = new Map<number, Buffer>();
  for (const { at, bytes } of writes) sectors.set(at, Buffer.from(before.subarray(at, at + bytes.length)));
  for (const { at, bytes } of writes.slice(0, cut)) {
    if (survival !== 'all' && random(2) === 0) continue;
    const isTorn = survival === 'torn' && random(4) === 0;
    bytes.copy(sectors.get(at) ?? bytes, 0, 0, isTorn ? bytes.length / 2 : bytes.length);
  }
  return sectors;
}
