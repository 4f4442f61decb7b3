import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Namespace } from './namespace.ts';
import { runtimeConfig, type Trial } from './oci-config.ts';
import { run } from './run.ts';

const NAME = 'watchpost-trial';
const EXEC_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;
const KEPT = 20_000;

export interface Answer {
  readonly code: number | null;
  readonly said: string;
}

/** One run of the image by runc, the runtime beneath Docker, as Docker would ask for it. */
export class TrialRun {
  readonly #namespace: Namespace;
  readonly #dir: string;
  readonly #clock: Clock;
  #child: ChildProcess | null = null;
  #said = '';

  constructor(namespace: Namespace, dir: string, clock: Clock = systemClock) {
    this.#namespace = namespace;
    this.#dir = dir;
    this.#clock = clock;
  }

  /** All that it has said so far, on both outputs. */
  get said(): string {
    return this.#said;
  }

  start(trial: Trial): void {
    const bundle = join(this.#dir, 'bundle');
    mkdirSync(bundle, { recursive: true });
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(runtimeConfig(trial)));
    const [command = '', ...args] = this.#runc(['run', '-b', bundle, NAME]);
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    const keep = (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString()).slice(-KEPT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
  }

  get isRunning(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Runs a program beside it, as `docker exec` does. */
  async exec(args: readonly string[]): Promise<Answer> {
    const [command = '', ...rest] = this.#runc(['exec', NAME, ...args]);
    const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const keep = (chunk: Buffer) => {
      said += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const cancel = this.#clock.after(EXEC_LIMIT_MS, () => child.kill('SIGKILL'));
    await once(child, 'close');
    cancel();
    return { code: child.exitCode, said: said.trim() };
  }

  /** Asks it to end as `docker stop` does; answers its exit code. @throws WatchpostError WP5064 when it does not */
  async stop(): Promise<number | null> {
    const child = this.#child;
    if (child === null || !this.isRunning) return child?.exitCode ?? null;
    const ended = once(child, 'exit');
    const limits = { clock: this.#clock, limitMs: EXEC_LIMIT_MS };
    await run(this.#runc(['kill', NAME, 'TERM']), limits);
    let isLate = false;
    const cancel = this.#clock.after(STOP_LIMIT_MS, () => {
      isLate = true;
      child.kill('SIGKILL');
    });
    await ended;
    cancel();
    if (isLate) throw new WatchpostError('WP5064', { detail: 'the agent does not end' });
    return child.exitCode;
  }

  #runc(args: readonly string[]): string[] {
    return this.#namespace.command(['runc', '--rootless=true', '--root', join(this.#dir, 'runc'), ...args]);
  }
}
