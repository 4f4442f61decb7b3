import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Test } from 'tap';
import { ROOT } from '#scripts/site/demo-site.ts';

/** What became of one run of the service. */
export interface Run {
  readonly pid: number;
  readonly startedMs: number;
  readyMs: number | null;
  endedMs: number | null;
  /** As $SERVICE_RESULT. */
  result: string | null;
  /** WATCHDOG=1 heard. */
  fed: number;
  status: string;
}

export interface PlayedOptions {
  /** A unit with every name filled in. */
  readonly unit: string;
  /** A folder with a short path, for socket and log. */
  readonly dir: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Plays the part of systemd for one unit of `Type=notify`, by what stands in it: ExecStart, WatchdogSec, WatchdogSignal,
 * Restart=always, RestartSec, ExecStopPost (systemd.service(5)). Only what the main process itself sends counts
 * (NotifyAccess=main). Whatever it started ends with the test.
 */
export class PlayedSystemd {
  readonly runs: Run[] = [];
  readonly #options: PlayedOptions;
  readonly #socket: string;
  readonly #logFile: string;
  #receiver: ChildProcess | null = null;
  #child: ChildProcess | null = null;
  #watchdog: NodeJS.Timeout | null = null;
  #restart: NodeJS.Timeout | null = null;
  #isStopped = false;
  #listeners = new Set<() => void>();

  constructor(t: Test, options: PlayedOptions) {
    this.#options = options;
    this.#socket = join(options.dir, 'notify');
    this.#logFile = join(options.dir, 'service.log');
    t.teardown(() => this.stop());
  }

  get logFile(): string {
    return this.#logFile;
  }

  get run(): Run {
    const run = this.runs.at(-1);
    if (run === undefined) throw new TypeError('it was not started');
    return run;
  }

  async start(): Promise<void> {
    const script = new URL('./datagrams.py', import.meta.url).pathname;
    const receiver = spawn('python3', [script, this.#socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#receiver = receiver;
    await new Promise<void>((resolve) => {
      createInterface({ input: receiver.stdout }).on('line', (text) => {
        const { pid, lines }: { pid: number; lines: string[] } = JSON.parse(text);
        if (lines[0] === 'BOUND') resolve();
        else if (pid === this.#child?.pid) for (const line of lines) this.#hear(line);
      });
    });
    this.#begin();
  }

  /** Resolves when `look` answers something; looked at after everything that happens. */
  until<T>(what: string, look: () => T | null | undefined | false, withinMs = 60_000): Promise<T> {
    return new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(late);
        this.#listeners.delete(again);
      };
      const again = () => {
        const found = look();
        if (found === null || found === undefined || found === false) return;
        done();
        resolve(found);
      };
      const late = setTimeout(() => {
        done();
        reject(new TypeError(`${what}: not within ${withinMs} ms; log: ${this.#logFile}`));
      }, withinMs);
      this.#listeners.add(again);
      again();
    });
  }

  /** The run with this number, from 1, once it is ready. */
  untilReady(number: number): Promise<Run> {
    return this.until(`run ${number} is ready`, () => {
      const run = this.runs[number - 1];
      return run !== undefined && run.readyMs !== null ? run : null;
    });
  }

  untilEnded(number: number): Promise<Run> {
    return this.until(`run ${number} has ended`, () => {
      const run = this.runs[number - 1];
      return run !== undefined && run.endedMs !== null ? run : null;
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** As `systemctl stop`. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
    this.#disarm();
    const run = this.runs.at(-1);
    if (run !== undefined && run.endedMs === null) {
      this.signal('SIGTERM');
      const kill = setTimeout(() => this.signal('SIGKILL'), this.#seconds('TimeoutStopSec') * 1000);
      await this.until('it has stopped', () => run.endedMs !== null).finally(() => clearTimeout(kill));
    }
    this.#receiver?.kill('SIGKILL');
  }

  #begin(): void {
    const [program = '', ...args] = wordsOf(this.#value('ExecStart'));
    const log = openSync(this.#logFile, 'a', 0o600);
    const child = spawn(program, args, {
      stdio: ['ignore', 'ignore', log],
      env: {
        ...process.env,
        ...environmentOf(this.#options.unit),
        ...this.#options.env,
        NOTIFY_SOCKET: this.#socket,
        WATCHDOG_USEC: String(this.#seconds('WatchdogSec') * 1_000_000),
      },
    });
    this.#child = child;
    const run: Run = {
      ...{ pid: child.pid ?? 0, startedMs: performance.now(), readyMs: null, endedMs: null },
      ...{ result: null, fed: 0, status: '' },
    };
    this.runs.push(run);
    child.once('exit', (code, signal) => this.#end(run, code, signal));
    this.#changed();
  }

  #hear(line: string): void {
    const { run } = this;
    if (line === 'READY=1') run.readyMs ??= performance.now();
    if (line === 'WATCHDOG=1') run.fed += 1;
    if (line.startsWith('STATUS=')) run.status = line.slice('STATUS='.length);
    if (line === 'STOPPING=1') this.#disarm();
    else if (run.readyMs !== null) this.#arm(run);
    this.#changed();
  }

  #arm(run: Run): void {
    this.#disarm();
    this.#watchdog = setTimeout(() => {
      run.result = 'watchdog';
      this.signal(this.#value('WatchdogSignal') === 'SIGKILL' ? 'SIGKILL' : 'SIGABRT');
    }, this.#seconds('WatchdogSec') * 1000);
  }

  #disarm(): void {
    if (this.#watchdog !== null) clearTimeout(this.#watchdog);
    this.#watchdog = null;
  }

  #end(run: Run, code: number | null, signal: NodeJS.Signals | null): void {
    this.#disarm();
    run.endedMs = performance.now();
    run.result ??= signal !== null ? 'signal' : code === 0 ? 'success' : 'exit-code';
    this.#noteEnd(run.result, signal ?? String(code));
    if (!this.#isStopped) {
      this.#restart = setTimeout(() => this.#begin(), this.#seconds('RestartSec') * 1000);
    }
    this.#changed();
  }

  #noteEnd(result: string, status: string): void {
    const command = /^ExecStopPost=(.+)$/m.exec(this.#options.unit)?.[1];
    if (command === undefined) return;
    const [program = '', ...args] = wordsOf(command);
    const how = { SERVICE_RESULT: result, EXIT_CODE: result, EXIT_STATUS: status };
    spawnSync(program, args, { stdio: 'inherit', env: { ...process.env, ...how } });
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #value(name: string): string {
    const value = new RegExp(`^${name}=(.*)$`, 'm').exec(this.#options.unit)?.[1];
    if (value === undefined) throw new TypeError(`the unit has no ${name}`);
    return value;
  }

  /** systemd.time(7), as far as the units use it. */
  #seconds(name: string): number {
    const [, number = '', unit = ''] = /^(\d+)(ms|min|s)?$/.exec(this.#value(name)) ?? [];
    return Number(number) * ({ ms: 0.001, min: 60 }[unit] ?? 1);
  }
}

/** Words of a command line, quotes taken off. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, inner, plain = '']) =>
    (inner ?? plain).replaceAll(/\\(.)/g, '$1').replaceAll('%%', '%').replaceAll('$$', '$'),
  );
}

function environmentOf(unit: string): Record<string, string> {
  // The specifier for /var/cache (systemd.unit(5)).
  const expanded = unit.replaceAll('%C', join(ROOT, '.cache'));
  const pairs = [...expanded.matchAll(/^Environment=(.*)$/gm)].flatMap(([, line = '']) => wordsOf(line));
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}
