import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { ReceiverChoice } from './config.ts';
import type { Fix, FixReader } from './fix.ts';
import { GpsdReader } from './gpsd.ts';
import { type LineListener, type LineSource, openLines } from './line-source.ts';
import { NmeaReader } from './nmea.ts';

const RETRY_AFTER_MS = 10_000;
/** Receivers fix once a second; gpsd may be asked to once in ten. */
const FRESH_MS = 30_000;

export interface ReceiverParts {
  readonly choice: ReceiverChoice;
  readonly clock: Clock;
  /** Default: gpsd or the serial line of the choice. */
  readonly open?: (choice: ReceiverChoice, listener: LineListener, clock: Clock) => Promise<LineSource>;
}

/** One receiver, open while anybody listens to it, and opened again when it ends. */
export class Receiver {
  readonly #parts: ReceiverParts;
  readonly #listeners = new Set<(fix: Fix) => void>();
  #reader: FixReader = new NmeaReader();
  #source: LineSource | null = null;
  #opening = false;
  #retry: Cancel | null = null;
  #last: { readonly fix: Fix; readonly atMs: number } | null = null;
  #trouble: WatchpostError | null = null;

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
  }

  /** Why nothing comes, where that is known. */
  get trouble(): WatchpostError | null {
    return this.#trouble;
  }

  listen(listener: (fix: Fix) => void): Cancel {
    this.#listeners.add(listener);
    void this.#open();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#shut();
    };
  }

  /** The newest. Throws what keeps it from coming, or WP2372 while the receiver has none. */
  fix(): Fix {
    const { clock } = this.#parts;
    if (this.#last !== null && clock.monoMs() - this.#last.atMs <= FRESH_MS) return this.#last.fix;
    throw this.#trouble ?? new WatchpostError('WP2372');
  }

  async #open(): Promise<void> {
    if (this.#source !== null || this.#opening || this.#retry !== null) return;
    const { choice, clock, open = openLines } = this.#parts;
    this.#opening = true;
    this.#reader = choice.gpsd === undefined ? new NmeaReader() : new GpsdReader();
    try {
      const listener: LineListener = {
        line: (text) => this.#take(text),
        ended: (error) => this.#fails(error),
      };
      const source = await open(choice, listener, clock);
      if (this.#listeners.size === 0) source.close();
      else this.#source = source;
      this.#trouble = null;
    } catch (cause) {
      this.#fails(cause instanceof WatchpostError ? cause : new WatchpostError('WP2370', { cause }));
    } finally {
      this.#opening = false;
    }
  }

  #take(line: string): void {
    const fix = this.#reader.take(line);
    if (fix === null) return;
    this.#last = { fix, atMs: this.#parts.clock.monoMs() };
    for (const listener of this.#listeners) listener(fix);
  }

  #fails(error: WatchpostError): void {
    this.#source = null;
    this.#trouble = error;
    if (this.#listeners.size === 0) return;
    this.#retry ??= this.#parts.clock.after(RETRY_AFTER_MS, () => {
      this.#retry = null;
      void this.#open();
    });
  }

  #shut(): void {
    this.#retry?.();
    this.#retry = null;
    this.#source?.close();
    this.#source = null;
    this.#last = null;
  }
}
