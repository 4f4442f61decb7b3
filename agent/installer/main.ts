import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { parseArgs } from 'node:util';
import type { InstallOutcome, InstallRefusal } from '#agent/ports/installation.ts';
import { withBundleFile } from '#contract/bundle/bundle-file.ts';
import { readHead } from '#contract/bundle/layout.ts';
import { CLOCK_QUALITIES } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { readVersion } from '#contract/version.ts';
import { type InstallProgress, installBundle } from './install-bundle.ts';

/**
 * The installer of one device, started by its agent: `--card DIR --clock QUALITY --now MS [--sha256 HEX] FILE…`.
 * Prints its outcome as one JSON line. A process of its own, because checking signatures takes memory that an agent does
 * not have for what happens twice a year, and because whatever it stumbles over leaves the alarm path alone.
 */
async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      card: { type: 'string' },
      clock: { type: 'string' },
      now: { type: 'string' },
      sha256: { type: 'string' },
    },
    allowPositionals: true,
  });
  const quality = CLOCK_QUALITIES.find((known) => known === values.clock);
  const { card, now, sha256 } = values;
  if (card === undefined || quality === undefined || now === undefined || positionals.length === 0) {
    throw new WatchpostError('WP5024', { detail: args.join(' ') });
  }
  const clock = { quality, nowMs: Number(now) };
  const outcome = await installNewest(positionals, { card, clock, sha256 });
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}

interface Candidate {
  readonly file: string;
  /** As it says itself, unverified; null where it says nothing that can be read. */
  readonly generation: number | null;
}

interface Surroundings {
  readonly card: string;
  readonly clock: Parameters<typeof installBundle>[2]['clock'];
  readonly sha256: string | undefined;
}

async function install(
  { file, generation }: Candidate,
  { card, clock, sha256 }: Surroundings,
): Promise<InstallOutcome> {
  let phase: InstallProgress['phase'] = 'verify';
  try {
    if (sha256 !== undefined && (await sha256Of(file)) !== sha256) {
      throw new WatchpostError('WP4221', { detail: `${file} has another hash` });
    }
    const { reports, ...installed } = await installBundle(card, file, {
      ...{ agent: readVersion(), clock, who: 'agent' },
      onProgress: (progress) => {
        phase = progress.phase;
      },
    });
    return { ok: true, file, ...installed, reports: reports.map(({ message }) => message) };
  } catch (error) {
    const known = error instanceof WatchpostError ? error : new WatchpostError('WP4222', { cause: error });
    const detail = known.detail ?? (error instanceof Error ? error.message : String(error));
    return {
      ...{ ok: false, file, generation, code: known.code, detail: detail.slice(0, 400) },
      phase: phase === 'verify' ? 'verify' : 'write',
    };
  }
}

/** The newest first. One after another: the head of each may take a megabyte, and a stick may be full of them. */
async function newestFirst(files: readonly string[]): Promise<readonly Candidate[]> {
  const candidates: Candidate[] = [];
  for (const file of files) candidates.push({ file, generation: await generationOf(file) });
  return candidates.sort((one, other) => (other.generation ?? 0) - (one.generation ?? 0));
}

/**
 * The newest that passes. What was cut off, or is for another device, keeps no whole one beside it from being installed; where
 * none is, the refusal of the newest is told.
 */
async function installNewest(files: readonly string[], where: Surroundings): Promise<InstallOutcome> {
  let refusal: InstallRefusal | null = null;
  for (const candidate of await newestFirst(files)) {
    const outcome = await install(candidate, where);
    const isNews = outcome.ok && outcome.state === 'trial';
    if (outcome.ok && (isNews || refusal === null)) return outcome;
    if (!outcome.ok) refusal ??= outcome;
    if (!outcome.ok && (outcome.phase === 'write' || isBusy(outcome))) return outcome;
  }
  if (refusal === null) throw new WatchpostError('WP5024', { detail: 'no file' });
  return refusal;
}

/** A trial is under way, or somebody else writes: that is so for all of them. */
const isBusy = ({ code }: InstallRefusal): boolean => code === 'WP4203' || code === 'WP4210';

async function generationOf(file: string): Promise<number | null> {
  try {
    const { trust } = await withBundleFile(file, readHead);
    return trust.targets.signed.version;
  } catch (error) {
    // It is refused with its reason when it is installed.
    if (error instanceof WatchpostError) return null;
    throw error;
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(file)) hash.update(piece);
  } catch (cause) {
    throw new WatchpostError('WP4221', { detail: file, cause });
  }
  return hash.digest('hex');
}

await main(process.argv.slice(2));
