import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** A guest starts in 3 to 30 s here; a wait this long means that it hangs. */
const LIMIT_MS = 300_000;
const KEPT = 60;

interface Waiting {
  readonly fits: (line: string) => boolean;
  readonly resolve: (line: string) => void;
}

/** A machine in QEMU: the process, the lines that come out of it, and who waits for one of them. */
export class Emulator {
  readonly #process: ChildProcess;
  readonly #waiting = new Set<Waiting>();
  readonly #kept: string[] = [];
  #ended: Error | null = null;
  readonly #failed: Promise<never>;
  #fail: (error: Error) => void = () => undefined;

  constructor(command: string, args: readonly string[]) {
    this.#failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.#failed.catch(() => undefined);
    // The kernel ends it with this process, however that ends.
    this.#process = spawn('setpriv', ['--pdeathsig', 'KILL', command, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#process.on('error', (cause) => this.#fail(cause));
    this.#process.on('exit', (code) => {
      this.#ended = new Error(`the guest ended with ${code}:\n${this.console()}`);
      this.#fail(this.#ended);
    });
    if (this.#process.stdout !== null) this.listen(this.#process.stdout);
  }

  /** Takes lines from another place besides standard output. */
  listen(from: Readable): void {
    createInterface({ input: from }).on('line', (line) => this.#hear(line.trim()));
  }

  write(text: string): void {
    this.#process.stdin?.write(text);
  }

  /** Waits for the next line that fits. Asked for before the cause of the line is given, none is missed. */
  async line(fits: (line: string) => boolean): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const waiting = { fits, resolve };
    this.#waiting.add(waiting);
    try {
      return await this.orFailure(promise);
    } finally {
      this.#waiting.delete(waiting);
    }
  }

  /** What `promise` answers, unless the machine ends first or nothing comes for long. */
  async orFailure<T>(promise: Promise<T>): Promise<T> {
    const limit = new AbortController();
    const late = sleep(LIMIT_MS, null, { signal: limit.signal }).then(() => {
      throw new Error(`the guest does not answer:\n${this.console()}`);
    });
    late.catch(() => undefined);
    try {
      return await Promise.race([promise, this.#failed, late]);
    } finally {
      limit.abort();
    }
  }

  /** The last lines. */
  console(): string {
    return this.#kept.join('\n');
  }

  /** Pulls the plug. Twice is once. */
  async close(): Promise<void> {
    if (this.#ended !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exited;
  }

  /** Ticks are too many to be kept. */
  #hear(line: string): void {
    if (!/^t\d+$/.test(line)) this.#kept.push(line);
    if (this.#kept.length > KEPT) this.#kept.shift();
    for (const waiting of this.#waiting) {
      if (!waiting.fits(line)) continue;
      this.#waiting.delete(waiting);
      waiting.resolve(line);
      return;
    }
  }
}
