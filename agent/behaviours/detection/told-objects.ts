import type { ObjectReport } from './object-events.ts';

/** Far more than are about between the end of a process and the start of the next. */
const MAX_KNOWN = 500;

/**
 * Which objects were told of. A vision process that was killed between a report and keeping that it was made leaves
 * the next one to report again, under the same id: each beginning and each end is told once all the same.
 */
export class ToldObjects {
  /** Whether each has ended; the one told of last comes last. */
  readonly #known = new Map<string, 'there' | 'over'>();

  isNews({ objectId, change }: Pick<ObjectReport, 'objectId' | 'change'>): boolean {
    if (change === 'updated') return true;
    const before = this.#known.get(objectId);
    const isNews = change === 'left' ? before === undefined : before !== 'over';
    if (isNews) this.#note(objectId, change === 'left' ? 'there' : 'over');
    return isNews;
  }

  #note(objectId: string, state: 'there' | 'over'): void {
    this.#known.delete(objectId);
    this.#known.set(objectId, state);
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size > MAX_KNOWN) this.#known.delete(oldest);
  }
}
