import type { Cancel } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { Memory, MemorySync } from '../../ports/memory.ts';
import { PANIC_MEMORY_KEY, remembered } from './memory.ts';
import type { PanicState } from './state.ts';

/** A chattering contact may not wear the card: what it does in between is written at most this often. */
const LEVELS_EVERY_MS = 1_000;

interface Parts {
  readonly memory: Memory;
  readonly clock: DeviceClock;
  readonly log: Log;
  readonly state: () => PanicState;
  /** Called after each write that was asked for, done or failed. */
  readonly afterwards: () => void;
}

/**
 * Writes what must outlive a restart, after the event loop's turn: the alarm itself is synced already and its
 * PUBLISH is on its way. Synced only a second later, so that a disk that is still busy with this does not hold up
 * what comes back from the site. A crash in between can at worst add a row. A power cut within that second can too;
 * if it follows a release, and the button is held when the power is back, that press is taken for the one before.
 */
export class Rememberer {
  readonly #parts: Parts;
  #lastMs = Number.NEGATIVE_INFINITY;
  #written = '';
  #synced = '';
  #turn: NodeJS.Immediate | null = null;
  #later: Cancel | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  note(when: 'at-once' | 'soon'): void {
    const sinceMs = this.#parts.clock.monoMs() - this.#lastMs;
    if (when === 'at-once' || sinceMs >= LEVELS_EVERY_MS) {
      this.#turn ??= setImmediate(() => this.#write('later'));
    } else {
      this.#later ??= this.#parts.clock.after(LEVELS_EVERY_MS - sinceMs, () => this.#write('now'));
    }
  }

  /** Writes what is outstanding. */
  close(): void {
    this.#write('now');
  }

  #write(sync: MemorySync): void {
    if (this.#turn !== null) clearImmediate(this.#turn);
    this.#later?.();
    this.#turn = null;
    this.#later = null;
    const { memory, clock, log, state, afterwards } = this.#parts;
    this.#lastMs = clock.monoMs();
    try {
      const value = remembered(state(), clock.bootId);
      const text = JSON.stringify(value);
      if (text !== (sync === 'now' ? this.#synced : this.#written)) memory.set(PANIC_MEMORY_KEY, value, sync);
      this.#written = text;
      if (sync === 'now') this.#synced = text;
    } catch (cause) {
      log.error({ code: 'WP2608', err: cause }, 'panic.memory-not-written');
    }
    if (sync === 'later' && this.#written !== this.#synced) {
      this.#later = clock.after(LEVELS_EVERY_MS, () => this.#write('now'));
    }
    afterwards();
  }
}
