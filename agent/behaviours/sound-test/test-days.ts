import * as z from 'zod';
import type { Memory } from '../../ports/memory.ts';
import { type LocalTime, minuteOf } from '../../ports/time-of-day.ts';

const KEY = 'sound-test.days';
const HOUR_MINUTES = 60;
const DAY_MS = 86_400_000;

const Kept = z.strictObject({
  /** `YYYY-MM-DD` by the device's own time zone; null when none was made yet. */
  testedOn: z.string().nullable(),
  /** When it was first looked for. */
  since: z.string(),
});

/**
 * When the daily test was made last, over restarts: a device that starts anew every day is still tested every day, and
 * not at every start.
 */
export class TestDays {
  readonly #memory: Memory;
  readonly #atMinute: number;
  #kept: z.infer<typeof Kept> | null = null;

  /** `at`: `HH:MM` */
  constructor(memory: Memory, at: string) {
    this.#memory = memory;
    this.#atMinute = minuteOf(at);
  }

  /**
   * Once a day, in the hour after its time. A device that was off or busy then on more than one day is tested later on
   * the day, too: else one that is switched off over noon would never be.
   */
  isDue({ date, minute }: LocalTime): boolean {
    const { testedOn, since } = this.#known(date);
    const lateMinutes = minute - this.#atMinute;
    if (lateMinutes < 0 || date === testedOn) return false;
    if (lateMinutes < HOUR_MINUTES) return true;
    const missedDays = (Date.parse(date) - Date.parse(testedOn ?? since)) / DAY_MS;
    return missedDays >= 2;
  }

  made(date: string): void {
    this.#keep({ testedOn: date, since: this.#known(date).since });
  }

  #known(date: string): z.infer<typeof Kept> {
    if (this.#kept !== null) return this.#kept;
    const kept = this.#recall();
    if (kept === null) this.#keep({ testedOn: null, since: date });
    else this.#kept = kept;
    return kept ?? { testedOn: null, since: date };
  }

  #recall(): z.infer<typeof Kept> | null {
    const kept = Kept.safeParse(this.#memory.get(KEY));
    return kept.success ? kept.data : null;
  }

  #keep(kept: z.infer<typeof Kept>): void {
    this.#kept = kept;
    // A power cut may take it: then it is tested once more, which is better than to hold up an alarm on its way.
    this.#memory.set(KEY, kept, 'later');
  }
}
