import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#contract/clock.ts';
import { ROOT } from '../site/demo-site.ts';

/** A command as a technician types it, and what is around it. */
export interface Run {
  /** After `scripts/watchpost`. */
  readonly words: readonly string[];
  readonly cwd: string;
  /** Words before the program: what makes its surroundings bad. */
  readonly around?: readonly string[];
  readonly input?: string;
  readonly clockMs?: number;
  /** For a program that goes on: it is ended once it has printed this. */
  readonly until?: string;
}

export interface Ran {
  /** Standard output and standard error, in the order in which they were printed. */
  readonly printed: string;
  /** null where a signal has ended it. */
  readonly exit: number | null;
}

/** A busy machine needs seconds; nothing that ends by itself needs this. */
const LIMIT_MS = 90_000;
const LOOK_EVERY_MS = 100;
const OTHER_CLOCK = join(ROOT, 'scripts/field-errors/other-clock.ts');
/** What scripts/watchpost starts for a word, where that is a program of its own. */
const PROGRAMS: Record<string, string> = { agent: 'agent/main.ts', broker: 'broker/main.ts' };

/** Runs what `scripts/watchpost` would, without its set-up. */
export async function run(wanted: Run): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), 'watchpost-printed-'));
  const file = join(folder, 'printed');
  // One file for both, so that their order is what a person would see.
  const out = openSync(file, 'w');
  try {
    const exit = await ended(wanted, { out, hasSaid: (text) => readFileSync(file, 'utf8').includes(text) });
    return { printed: readFileSync(file, 'utf8'), exit };
  } finally {
    closeSync(out);
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Output {
  readonly out: number;
  readonly hasSaid: (text: string) => boolean;
}

async function ended(wanted: Run, { out, hasSaid }: Output): Promise<number | null> {
  const { cwd, around = [], input = '', until } = wanted;
  const [command = '', ...args] = [...around, process.execPath, ...programOf(wanted)];
  // A group of its own: what it starts is ended with it.
  const options = { cwd, detached: true, env: environmentOf(wanted) };
  const child = spawn(command, args, { ...options, stdio: ['pipe', out, out] });
  let isTold = false;
  child.stdin?.on('error', () => undefined).end(input);
  const stopLooking = systemClock.every(LOOK_EVERY_MS, () => {
    if (isTold || until === undefined || !hasSaid(until)) return;
    // Once: a second signal means at once.
    isTold = true;
    signalGroup(child, 'SIGTERM');
  });
  const stopWaiting = systemClock.after(LIMIT_MS, () => signalGroup(child, 'SIGKILL'));
  try {
    await once(child, 'close');
    return child.exitCode;
  } finally {
    stopLooking();
    stopWaiting();
  }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // It has just ended by itself.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function programOf({ words, clockMs }: Run): string[] {
  const [name = '', next = ''] = words;
  const main = next === '' || next.startsWith('-') ? PROGRAMS[name] : undefined;
  const before = clockMs === undefined ? [] : ['--import', OTHER_CLOCK];
  if (main === undefined) return [...before, join(ROOT, 'scripts/cli.ts'), ...words];
  return [...before, join(ROOT, main), ...words.slice(1)];
}

function environmentOf({ clockMs }: Run): NodeJS.ProcessEnv {
  const { WATCHPOST_PASSPHRASE: _, ...env } = process.env;
  return {
    ...env,
    NO_COLOR: '1',
    ...(clockMs === undefined ? {} : { FIELD_ERRORS_CLOCK_MS: String(clockMs) }),
  };
}
