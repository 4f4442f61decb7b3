import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Sensor } from '../../ports/inputs.ts';
import type { ExecConfig } from './config.ts';
import { runProgram } from './run-program.ts';

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/** Reads the number that a program writes on its standard output. */
export class ExecSensor implements Sensor {
  readonly name: string;
  readonly unit: string;
  readonly #config: ExecConfig;
  readonly #clock: Clock;
  #abort: AbortController | null = null;

  constructor({
    name,
    unit,
    config,
    clock,
  }: {
    name: string;
    unit: string;
    config: ExecConfig;
    clock: Clock;
  }) {
    this.name = name;
    this.unit = unit;
    this.#config = config;
    this.#clock = clock;
  }

  async start(): Promise<void> {
    this.#abort ??= new AbortController();
  }

  /** Rejects with WP2365–WP2368, and WP2369 when it writes anything but one number. */
  async read(): Promise<number> {
    if (this.#abort === null) throw new WatchpostError('WP2304', { detail: `${this.name} is not started` });
    const { command, args, timeoutS } = this.#config;
    const { signal } = this.#abort;
    const text = await runProgram({ command, args, timeoutMs: timeoutS * 1000, clock: this.#clock, signal });
    const value = text.trim();
    if (NUMBER.test(value)) return Number(value);
    throw new WatchpostError('WP2369', { detail: `${command}: ${JSON.stringify(value.slice(0, 80))}` });
  }

  /** Kills what runs. */
  async close(): Promise<void> {
    this.#abort?.abort();
    this.#abort = null;
  }
}
