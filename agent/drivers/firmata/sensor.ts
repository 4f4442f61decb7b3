import { WatchpostError } from '#contract/errors.ts';
import type { Sensor } from '../../ports/inputs.ts';
import type { BoardPart, FirmataBoard } from './board.ts';
import type { FirmataSensorConfig } from './config.ts';
import type { Bit, FirmataSession } from './session.ts';

interface Parts {
  readonly name: string;
  readonly unit: string;
  readonly config: FirmataSensorConfig;
  readonly board: FirmataBoard;
}

/** A voltage on an analog pin, or a switch on any: `low` at 0 V, `high` at the reference voltage, straight between. */
export class FirmataSensor implements Sensor, BoardPart {
  readonly name: string;
  readonly unit: string;
  readonly #parts: Parts;
  #session: FirmataSession | null = null;
  #trouble: WatchpostError;
  #level: Bit = 0;

  constructor(parts: Parts) {
    this.name = parts.name;
    this.unit = parts.unit;
    this.#parts = parts;
    this.#trouble = this.#notStarted();
  }

  /** @throws WatchpostError WP2325; a board that is not there is waited for */
  async start(): Promise<void> {
    const trouble = await this.#parts.board.join(this);
    if (trouble !== null) this.#trouble = trouble;
  }

  /** @throws WatchpostError WP2304, WP2320–WP2327 */
  async read(): Promise<number> {
    const { low, high } = this.#parts.config;
    return low + (await this.#share()) * (high - low);
  }

  async close(): Promise<void> {
    this.#session?.release(this.#parts.config.pin);
    this.#session = null;
    this.#trouble = this.#notStarted();
    await this.#parts.board.leave(this);
  }

  async attach(session: FirmataSession): Promise<void> {
    const { mode, pin, pullup } = this.#parts.config;
    if (mode === 'analog') await session.analog(pin);
    else this.#level = await session.input(pin, { pullup, onLevel: (level) => this.#take(level) });
    this.#session = session;
  }

  lost(error: WatchpostError): void {
    this.#session = null;
    this.#trouble = error;
  }

  #take(level: Bit): void {
    this.#level = level;
  }

  async #share(): Promise<number> {
    if (this.#session === null) throw this.#trouble;
    return this.#parts.config.mode === 'analog' ? this.#session.analog(this.#parts.config.pin) : this.#level;
  }

  #notStarted(): WatchpostError {
    return new WatchpostError('WP2304', { detail: `${this.name} is not started` });
  }
}
