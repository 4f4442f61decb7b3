import type { JournalRecord } from './record.ts';

/** About 1 KiB each. The oldest are never dropped: a new one beyond this is refused and reported (WP2007). */
export const MAX_VOLATILE_ALARMS = 1000;

/** Alarms that could not be stored, until the ledger names them in `volatile`. Lost when the process ends. */
export class VolatileAlarms {
  readonly #bodies = new Map<string, string>();

  get size(): number {
    return this.#bodies.size;
  }

  /** False when it does not fit. */
  add(id: string, body: string): boolean {
    if (this.#bodies.size >= MAX_VOLATILE_ALARMS) return false;
    this.#bodies.set(id, body);
    return true;
  }

  has(id: string): boolean {
    return this.#bodies.has(id);
  }

  /** Answers those that were waiting. */
  remove(ids: readonly string[]): string[] {
    return ids.filter((id) => this.#bodies.delete(id));
  }

  all(): JournalRecord[] {
    return [...this.#bodies].map(([id, body]) => ({ lane: 'alarm', key: 0, id, body }));
  }
}
