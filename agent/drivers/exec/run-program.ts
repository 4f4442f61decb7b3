import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Default: a PATH and nothing else. */
  readonly env?: Readonly<Record<string, string>>;
  /** More on its standard output is refused. */
  readonly mostBytes?: number;
}

/** A number has 25 characters at most; a program that says more says something else. */
const MOST_BYTES = 4096;
const SAID_CHARACTERS = 200;
const SETPRIV = '/usr/bin/setpriv';
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/**
 * Runs a program without a shell, in a process group of its own that is killed as a whole at the end, in whatever way
 * that comes; when the agent is killed the kernel kills the program (setpriv, where there is one), though not what it
 * has started itself. Resolves with its standard output.
 * Rejects with WP2365 (cannot be started), WP2366 (failed), WP2367 (took too long), WP2368 (said too much).
 */
export function runProgram({
  command,
  args,
  timeoutMs,
  clock,
  signal,
  env = {},
  mostBytes = MOST_BYTES,
}: Program): Promise<string> {
  return new Promise((resolve, reject) => {
    const unfit = unfitness(command);
    if (unfit !== null) return reject(new WatchpostError('WP2365', { detail: `${command}: ${unfit}` }));
    const [program, all] = tethered(command, args);
    const child = spawn(program, all, {
      detached: true,
      cwd: '/',
      env: { ...ENVIRONMENT, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const run = new Running(child, mostBytes);
    const end = (outcome: string | WatchpostError) => {
      for (const cancel of cancels.splice(0)) cancel();
      run.kill();
      run.hush();
      if (outcome instanceof WatchpostError) reject(outcome);
      else resolve(outcome);
    };
    const fail = (code: 'WP2365' | 'WP2366' | 'WP2367' | 'WP2368', why: string) =>
      end(new WatchpostError(code, { detail: `${command}: ${why}` }));
    const onAbort = () => fail('WP2366', 'the sensor was closed');
    const cancels: Cancel[] = [
      clock.after(timeoutMs, () => fail('WP2367', `${timeoutMs / 1000} s`)),
      () => signal.removeEventListener('abort', onAbort),
    ];
    signal.addEventListener('abort', onAbort, { once: true });
    run.onTooMuch(() => fail('WP2368', `${mostBytes} bytes`));
    child.once('error', (cause) => fail('WP2365', cause.message));
    // What it left running may hold its output open: the group ends with the program.
    child.once('exit', () => run.kill());
    child.once('close', (status, killer) => {
      if (status === 0) end(run.output);
      else if (run.said.startsWith('setpriv: failed to execute')) fail('WP2365', run.said.trim());
      else fail('WP2366', `${killer ?? `exit ${status}`} ${run.said}`.trim());
    });
    if (signal.aborted) onAbort();
  });
}

/** Why it cannot be run, looked up first: setpriv would be what is started, and that always can. */
function unfitness(command: string): string | null {
  try {
    accessSync(command, constants.X_OK);
    return null;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

function tethered(command: string, args: readonly string[]): readonly [string, readonly string[]] {
  if (!existsSync(SETPRIV)) return [command, args];
  return [SETPRIV, ['--pdeathsig', 'KILL', '--', command, ...args]];
}

/** A child with what it has said so far. */
class Running {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #mostBytes: number;
  readonly #pieces: Buffer[] = [];
  #bytes = 0;
  #killed = false;
  #tooMuch: () => void = () => undefined;
  said = '';

  constructor(child: ChildProcessByStdio<null, Readable, Readable>, mostBytes: number) {
    this.#child = child;
    this.#mostBytes = mostBytes;
    child.stdout.on('data', (piece: Buffer) => this.#take(piece));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.said = (this.said + text).slice(0, SAID_CHARACTERS);
    });
  }

  onTooMuch(listener: () => void): void {
    this.#tooMuch = listener;
  }

  get output(): string {
    return Buffer.concat(this.#pieces).toString('utf8');
  }

  /** With everything it has started, as long as that did not leave its group. */
  kill(): void {
    const { pid } = this.#child;
    if (pid === undefined || this.#killed) return;
    this.#killed = true;
    killGroup(pid);
  }

  /** Nothing more is waited for: what left the group may hold its output open. */
  hush(): void {
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
  }

  #take(piece: Buffer): void {
    this.#bytes += piece.length;
    if (this.#bytes > this.#mostBytes) this.#tooMuch();
    else this.#pieces.push(piece);
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (cause) {
    const gone = cause instanceof Error && 'code' in cause && cause.code === 'ESRCH';
    if (!gone) throw cause;
  }
}
