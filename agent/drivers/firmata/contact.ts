import type { WatchpostError } from '#contract/errors.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { ContactInput, ContactListener, InputKind } from '../../ports/inputs.ts';
import type { BoardPart, FirmataBoard } from './board.ts';
import type { FirmataContactConfig } from './config.ts';
import { Debounce } from './debounce.ts';
import type { Bit, FirmataSession } from './session.ts';

interface Parts {
  readonly name: string;
  readonly kind: InputKind;
  readonly config: FirmataContactConfig;
  readonly board: FirmataBoard;
  readonly clock: DeviceClock;
}

/** A contact on a pin. Edges are dated by their arrival: Firmata sends no time with them. */
export class FirmataContact implements ContactInput, BoardPart {
  readonly name: string;
  readonly kind: InputKind;
  readonly #parts: Parts;
  readonly #debounce: Debounce;
  #listener: ContactListener | null = null;
  #session: FirmataSession | null = null;

  constructor(parts: Parts) {
    this.name = parts.name;
    this.kind = parts.kind;
    this.#parts = parts;
    this.#debounce = new Debounce({
      holdMs: parts.config.debounceMs,
      clock: parts.clock,
      onEdge: (edge) => this.#listener?.edge(edge),
    });
  }

  /** @throws WatchpostError WP2320–WP2326 */
  async start(listener: ContactListener): Promise<boolean> {
    this.#listener = null;
    const trouble = await this.#parts.board.join(this);
    if (trouble !== null) throw trouble;
    this.#listener = listener;
    return this.#debounce.level;
  }

  async close(): Promise<void> {
    this.#listener = null;
    this.#debounce.stop();
    this.#session?.release(this.#parts.config.pin);
    this.#session = null;
    await this.#parts.board.leave(this);
  }

  async attach(session: FirmataSession): Promise<void> {
    const { pin, pullup } = this.#parts.config;
    let isFound = false;
    const found = await session.input(pin, {
      pullup,
      onLevel: (level) => {
        if (isFound) this.#debounce.take(this.#isActive(level));
      },
    });
    isFound = true;
    this.#session = session;
    this.#debounce.begin(this.#isActive(found));
    this.#listener?.back(this.#debounce.level);
  }

  lost(error: WatchpostError): void {
    this.#session = null;
    this.#debounce.stop();
    this.#listener?.lost(error);
  }

  #isActive(level: Bit): boolean {
    return (level === 1) !== this.#parts.config.activeLow;
  }
}
