import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { JsonLines } from '#agent/ports/json-lines.ts';
import { type VisionOrder, VisionReport } from '#agent/ports/vision.ts';
import type { Clock } from '#contract/clock.ts';
import { OrderBacklog } from './order-backlog.ts';

/** What the keeper hears of the child. Nothing else of it reaches the agent. */
export interface ChildEvents {
  onReport(report: VisionReport): void;
  /** A line that is no report. */
  onGarbage(): void;
  /** A line of standard error. */
  onSaid(line: string): void;
  /** Once; also when it could not be started. */
  onExit(reason: string): void;
}

export interface ChildOptions {
  readonly clock: Clock;
  /** Program and arguments. */
  readonly command: readonly string[];
}

/** Far above what vision has to say; more is a runaway and is not even read. */
const MAX_BYTES_PER_SECOND = 512 * 1024;
const MAX_SAID_PER_SECOND = 10;
const MAX_UNSENT_BYTES = 64 * 1024;
const MAX_SAID_CHARS = 400;
/** What it said before its end is in the pipe by then; longer only waits somebody who inherited the pipe. */
const DRAIN_WITHIN_MS = 2000;

/**
 * The vision process seen from the agent: a child that dies with the agent (setpriv, where there is one), is
 * nice to it, and whose reports are bounded in size and rate and fit the schema before anybody looks at them.
 */
export class VisionChild {
  readonly #events: ChildEvents;
  readonly #clock: Clock;
  readonly #child: ChildProcess;
  readonly #lines = new JsonLines();
  readonly #backlog = new OrderBacklog();
  #windowMs: number;
  #bytes = 0;
  #said = 0;
  /** The process is gone; what it has said before may still be in the pipe. */
  #isGone = false;
  /** It is gone, and its end is told. */
  #hasExited = false;

  constructor(events: ChildEvents, { clock, command }: ChildOptions) {
    this.#events = events;
    this.#clock = clock;
    this.#windowMs = clock.monoMs();
    const [program = process.execPath, ...rest] = [...tetheredBy(), ...command];
    this.#child = spawn(program, rest, {
      stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
    });
    this.#listen();
  }

  get pid(): number | null {
    return this.#isGone ? null : (this.#child.pid ?? null);
  }

  /** While the child does not read, the newest of each kind waits; nobody waits for it, and memory stays bounded. */
  send(order: VisionOrder): void {
    const { stdin } = this.#child;
    if (this.#isGone || stdin === null || stdin.writableEnded) return;
    const isFull = stdin.writableLength > MAX_UNSENT_BYTES || !this.#backlog.isEmpty;
    if (isFull) this.#backlog.add(order, this.#clock.monoMs());
    else stdin.write(`${JSON.stringify(order)}\n`);
  }

  /** It reads again. */
  #sendBacklog(): void {
    for (const order of this.#backlog.take(this.#clock.monoMs())) this.send(order);
  }

  /** Asks it to end, by ending its standard input. */
  end(): void {
    this.#child.stdin?.end();
  }

  /** Ends it whatever it is doing; works on a stopped process too. */
  kill(): void {
    if (!this.#isGone) this.#child.kill('SIGKILL');
  }

  #listen(): void {
    const exit = (reason: string) => {
      if (this.#hasExited) return;
      this.#hasExited = true;
      this.#child.stdin?.destroy();
      this.#events.onExit(reason);
    };
    this.#child.once('error', (error) => exit(String(error)));
    this.#child.once('exit', (status, signal) => {
      this.#isGone = true;
      this.#drain(() => exit(signal ?? `status ${status}`));
    });
    this.#child.stdin?.on('drain', () => this.#sendBacklog());
    this.#child.stdin?.on('error', (error) => this.#events.onSaid(`orders: ${error.message}`));
    const reports = this.#child.stdio[3];
    reports?.on('error', (error) => this.#events.onSaid(`reports: ${error.message}`));
    reports?.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#child.stderr?.on('data', (chunk: Buffer) => this.#hear(chunk));
  }

  /** A report that was sent before the end must not be lost: the process after this one takes it for told. */
  #drain(then: () => void): void {
    const reports = this.#child.stdio[3];
    if (reports === null || reports === undefined || reports.destroyed) {
      then();
      return;
    }
    const cancel = this.#clock.after(DRAIN_WITHIN_MS, then);
    reports.once('close', () => {
      cancel();
      then();
    });
  }

  #take(chunk: Buffer): void {
    this.#renewWindow();
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_BYTES_PER_SECOND) {
      this.kill();
      return;
    }
    for (const line of this.#lines.add(chunk)) {
      if (this.#hasExited) return;
      const report = line.ok ? VisionReport.safeParse(line.value) : null;
      if (report?.success) this.#events.onReport(report.data);
      else this.#events.onGarbage();
    }
  }

  #hear(chunk: Buffer): void {
    this.#renewWindow();
    if (++this.#said <= MAX_SAID_PER_SECOND) {
      this.#events.onSaid(chunk.subarray(0, MAX_SAID_CHARS).toString('utf8').trim());
    }
  }

  #renewWindow(): void {
    const nowMs = this.#clock.monoMs();
    if (nowMs - this.#windowMs < 1000) return;
    this.#windowMs = nowMs;
    this.#bytes = 0;
    this.#said = 0;
  }
}

/**
 * What goes in front of the command: each part only where the machine has it. Only looks, never waits. A crash in
 * native code must not write pictures to a disk: a limit of one byte forbids a dump to a file and, unlike none at
 * all, one that is piped to a program too (core(5)).
 */
function tetheredBy(): readonly string[] {
  return [
    ...(isOnPath('prlimit') && mayDump() ? ['prlimit', '--core=1:1', '--'] : []),
    ...(isOnPath('setpriv') ? ['setpriv', '--pdeathsig', 'KILL', '--'] : []),
    ...(isOnPath('nice') ? ['nice', '-n', '10'] : []),
  ];
}

/** Whether dumps are not forbidden already: a limit of none may be raised by nobody, and the attempt ends the start. */
function mayDump(): boolean {
  try {
    return !/^Max core file size\s+0\s+0\s/m.test(readFileSync('/proc/self/limits', 'utf8'));
  } catch {
    return false; // Without /proc nobody can tell; the start must not fail for it.
  }
}

function isOnPath(program: string): boolean {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.some((folder) => folder !== '' && existsSync(join(folder, program)));
}
