import type { Cancel } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { EventRecorder } from '../../ports/events.ts';
import type { ContactInput } from '../../ports/inputs.ts';
import type { PanicInput } from './state.ts';

const RETRY_AFTER_MS = 10_000;

interface Parts {
  readonly inputs: readonly ContactInput[];
  readonly recorder: EventRecorder;
  readonly clock: DeviceClock;
  readonly log: Log;
}

/** Keeps the contacts read: one that cannot be started is reported once and tried again, the others go on. */
export class InputKeeper {
  readonly #parts: Parts;
  readonly #dispatch: (input: PanicInput) => void;
  readonly #failing = new Set<string>();
  readonly #retries = new Map<string, Cancel>();
  #closed = false;

  constructor(parts: Parts, dispatch: (input: PanicInput) => void) {
    this.#parts = parts;
    this.#dispatch = dispatch;
  }

  /** The inputs that cannot be read. */
  get failing(): readonly string[] {
    return [...this.#failing].map((name) => `input:${name}`);
  }

  async start(): Promise<void> {
    this.#closed = false;
    await Promise.all(this.#parts.inputs.map((input) => this.#open(input)));
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#retries.values()) cancel();
    this.#retries.clear();
    await Promise.all(this.#parts.inputs.map((input) => this.#shut(input)));
  }

  async #open(input: ContactInput): Promise<void> {
    const { name } = input;
    try {
      const active = await input.start({
        edge: (edge) => {
          if (!this.#closed) this.#dispatch({ kind: 'edge', input: name, edge });
        },
        lost: (error) => {
          this.#fails(name, error);
          if (!this.#closed) this.#dispatch({ kind: 'lost', input: name });
        },
        back: (level) => this.#found(name, level),
      });
      this.#found(name, active);
    } catch (cause) {
      this.#fails(name, cause);
      this.#retry(input);
    }
  }

  /** A contact found closed that was open is a press: it may have been pressed while nobody read it. */
  #found(name: string, active: boolean): void {
    if (this.#closed) return;
    if (this.#failing.delete(name)) this.#report(name, { state: 'ok' });
    this.#dispatch({ kind: 'level', input: name, active });
  }

  #fails(name: string, cause: unknown): void {
    if (this.#closed) return;
    this.#parts.log.error({ input: name, err: cause }, 'panic.input-failed');
    const code = cause instanceof WatchpostError ? cause.code : 'WP2302';
    if (!this.#failing.has(name)) this.#report(name, { state: 'failed', code });
    this.#failing.add(name);
  }

  #retry(input: ContactInput): void {
    if (this.#closed) return;
    const again = () => {
      this.#retries.delete(input.name);
      void this.#open(input);
    };
    this.#retries.set(input.name, this.#parts.clock.after(RETRY_AFTER_MS, again));
  }

  async #shut(input: ContactInput): Promise<void> {
    try {
      await input.close();
    } catch (cause) {
      this.#parts.log.warn({ input: input.name, err: cause }, 'panic.input-close-failed');
    }
  }

  #report(name: string, health: { state: 'ok' | 'failed'; code?: string }): void {
    this.#parts.recorder.recordEvent('wp.health.changed.v1', { part: `input:${name}`, ...health });
  }
}
