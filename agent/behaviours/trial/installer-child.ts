import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type Installer, InstallOutcome, type InstallRequest } from '#agent/ports/installation.ts';
import type { Clock, ClockQuality } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';

export interface InstallerChildParts {
  /** What is run: this Node with agent/installer/main.ts. */
  readonly command: readonly string[];
  /** The device's folder. */
  readonly card: string;
  readonly clock: () => { readonly quality: ClockQuality; readonly nowMs: number };
  /** Ends one that hangs. */
  readonly timer: Pick<Clock, 'after'>;
  readonly log: Log;
}

/** One that says more is ended: it says one line. */
const MOST_SAID = 64 * 1024;
/** A hundred megabytes, at half a megabyte a second, written and read back: twice that. */
const ENDED_AFTER_MS = 15 * 60_000;

/** The installer as a child of lowest priority that the kernel ends with the agent. One at a time. */
export class InstallerChild implements Installer {
  readonly #parts: InstallerChildParts;
  #turn: Promise<unknown> = Promise.resolve();
  #child: ChildProcess | null = null;
  #isClosed = false;

  constructor(parts: InstallerChildParts) {
    this.#parts = parts;
  }

  install(request: InstallRequest): Promise<InstallOutcome> {
    const done = this.#turn.then(() => this.#run(request));
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#child?.kill('SIGKILL');
    await this.#turn;
  }

  async #run({ files, sha256 }: InstallRequest): Promise<InstallOutcome> {
    if (this.#isClosed) throw new WatchpostError('WP4219', { detail: 'the agent ends' });
    const { command, card, clock, timer, log } = this.#parts;
    const { quality, nowMs } = clock();
    const args = ['--card', card, '--clock', quality, '--now', String(Math.floor(nowMs))];
    const hash = sha256 === null ? [] : ['--sha256', sha256];
    const [program = '', ...rest] = [...command, ...args, ...hash, '--', ...files];
    log.info({ files }, 'installer.begun');
    const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    const end = (): void => void child.kill('SIGKILL');
    const stop = timer.after(ENDED_AFTER_MS, end);
    const ended = new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(signal ?? `exit ${code}`));
    });
    try {
      const said = [saidBy(child.stdout, end), saidBy(child.stderr, end), ended] as const;
      const [out, err, how] = await Promise.all(said);
      const outcome = readOutcome(out, `${how} ${err.slice(0, 400)}`.trim());
      log.info({ ...outcome }, 'installer.done');
      return outcome;
    } catch (cause) {
      if (cause instanceof WatchpostError) throw cause;
      throw new WatchpostError('WP4219', { detail: String(cause), cause });
    } finally {
      stop();
      this.#child = null;
    }
  }
}

/** All of it, up to what fits; who says more is ended, and nothing more of it is kept. */
async function saidBy(stream: Readable, end: () => void): Promise<string> {
  let said = '';
  stream.setEncoding('utf8');
  for await (const piece of stream) {
    if (said.length < MOST_SAID) said += piece;
    else end();
  }
  return said.slice(0, MOST_SAID);
}

function readOutcome(out: string, end: string): InstallOutcome {
  const [line = ''] = out.split('\n');
  try {
    return InstallOutcome.parse(JSON.parse(line));
  } catch (cause) {
    throw new WatchpostError('WP4219', { detail: end, cause });
  }
}
