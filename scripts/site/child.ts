import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { WatchpostError } from '#contract/errors.ts';

export interface ChildSpec {
  readonly name: string;
  /** Program and arguments after the Node executable. */
  readonly args: readonly string[];
  /** Where its log (standard error) goes. */
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What a program prints on standard output, as one JSON line, when it is ready. */
export type ReadyLine = Readonly<Record<string, unknown>>;

/** So that nothing goes on unseen when this process is killed (setpriv is in util-linux). */
const SETPRIV = '/usr/bin/setpriv';
const DIES_WITH_PARENT = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'TERM', '--'] : [];

const READY_WITHIN_MS = 60_000;
/** All stop within 10 s (DESIGN): what has not stopped a second before is killed. */
const STOP_WITHIN_MS = 9_000;
const LOG_KEPT_BYTES = 10 * 1024 * 1024;

/** One program of the site: started, waited for, stopped; its log goes to a file. */
export class Child {
  readonly spec: ChildSpec;
  #process: ChildProcess | null = null;
  #stopping = false;

  constructor(spec: ChildSpec) {
    this.spec = spec;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Resolves with the ready line. @throws WatchpostError WP5025 with the error that its log ends with, where it has one */
  async start(onExit: (code: number | null, signal: string | null) => void): Promise<ReadyLine> {
    const { args, logFile, env, name } = this.spec;
    const log = openLog(logFile);
    const saidBefore = fstatSync(log).size;
    const [command = '', ...rest] = [...DIES_WITH_PARENT, process.execPath, ...args];
    const child = spawn(command, rest, {
      stdio: ['ignore', 'pipe', log],
      env: { ...process.env, ...env },
    });
    closeSync(log);
    this.#process = child;
    this.#stopping = false;
    return new Promise((resolve, reject) => {
      const fail = (detail: string) =>
        reject(new WatchpostError('WP5025', { detail: `${name}: ${detail}; log: ${logFile}` }));
      const late = setTimeout(() => fail(`not ready after ${READY_WITHIN_MS / 1000} s`), READY_WITHIN_MS);
      if (child.stdout === null) return fail('it has no standard output');
      createInterface({ input: child.stdout }).on('line', (line) => {
        const ready = readyLine(line);
        if (ready === null) return;
        clearTimeout(late);
        resolve(ready);
      });
      child.on('error', (error) => fail(error.message));
      child.on('exit', (code, signal) => {
        clearTimeout(late);
        const why = code === 1 ? lastWords(logFile, saidBefore) : null;
        fail(why ?? `ended with ${signal ?? `exit code ${code}`}`);
        if (!this.#stopping) onExit(code, signal);
      });
    });
  }

  /** Ends it as abruptly as a crash; resolves when it is gone. */
  kill(): Promise<void> {
    const child = this.#process;
    this.#stopping = true;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    });
  }

  /** SIGTERM, and SIGKILL for what does not stop in time. */
  stop(): Promise<void> {
    const child = this.#process;
    this.#stopping = true;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      const kill = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      child.once('exit', () => {
        clearTimeout(kill);
        resolve();
      });
      child.kill('SIGTERM');
    });
  }
}

/** Opens a log for appending; one that has grown large becomes FILE.1 first. */
function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_KEPT_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
}

/** The last error with a code that was written after the first `from` bytes, as commands print theirs. */
function lastWords(logFile: string, from: number): string | null {
  const said = readFileSync(logFile).subarray(from).toString('utf8');
  return said.match(/^WP\d{4} .*$/gm)?.at(-1) ?? null;
}

function readyLine(line: string): ReadyLine | null {
  if (!line.startsWith('{')) return null;
  const parsed: unknown = JSON.parse(line);
  if (typeof parsed !== 'object' || parsed === null || !('ready' in parsed)) return null;
  return { ...parsed };
}
