import { WatchpostError } from '#contract/errors.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { ContactInput, ContactListener, InputKind } from '../../ports/inputs.ts';
import type { BoardPart, FirmataBoard } from './board.ts';
import type { FirmataContactConfig } from './config.ts';
import { Debounce } from './debounce.ts';
import type { Bit, FirmataSession } from './session.ts';

/** An Uno that restarts is there sooner. */
const PATIENCE_MS = 3_000;

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

  /**
   * Answers null when the board takes its time, so that one with another firmware holds up nothing.
   * @throws WatchpostError WP2320–WP2326
   */
  async start(listener: ContactListener): Promise<boolean | null> {
    this.#listener = null;
    const { promise: patience, resolve: giveUp } = Promise.withResolvers<'late'>();
    const cancel = this.#parts.clock.after(PATIENCE_MS, () => giveUp('late'));
    const joining = this.#parts.board.join(this);
    try {
      const outcome = await Promise.race([joining, patience]);
      if (outcome instanceof WatchpostError) throw outcome;
      this.#listener = listener;
      if (outcome === null) return this.#debounce.level;
    } finally {
      cancel();
    }
    void this.#tellLate(joining, listener);
    return null;
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

  /** That it is read is told by `attach`. */
  async #tellLate(joining: Promise<WatchpostError | null>, listener: ContactListener): Promise<void> {
    const trouble = await joining.catch((cause: unknown) =>
      cause instanceof WatchpostError ? cause : new WatchpostError('WP2325', { cause }),
    );
    if (trouble !== null && this.#listener === listener) listener.lost(trouble);
  }

  #isActive(level: Bit): boolean {
    return (level === 1) !== this.#parts.config.activeLow;
  }
}
