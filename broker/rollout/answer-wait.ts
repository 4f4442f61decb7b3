import type { Clock } from '#contract/clock.ts';
import type { Member } from './rollout-rows.ts';

/** A site that starts anew hears nothing of its devices before they are connected again: they get this long at least. */
const AFTER_START_MS = 5 * 60_000;

/**
 * For how long devices have owed an answer to what was installed on them. By the monotonic clock, which no setting of the
 * time moves; what passed before this site started is taken from the time that stands in the database.
 */
export class AnswerWait {
  readonly #clock: Clock;
  readonly #since = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether it has owed it for `withinMs`, seen for the first time when it began or when this site started. */
  isOver(member: Member, withinMs: number): boolean {
    const nowMs = this.#clock.monoMs();
    const key = keyOf(member);
    const beforeMs = Math.max(0, this.#clock.wallMs() - Date.parse(member.changedAt));
    const countedMs = Math.min(beforeMs, Math.max(0, withinMs - AFTER_START_MS));
    const sinceMs = this.#since.get(key) ?? nowMs - countedMs;
    this.#since.set(key, sinceMs);
    return nowMs - sinceMs >= withinMs;
  }

  /** It owes nothing now. */
  settle(member: Member): void {
    this.#since.delete(keyOf(member));
  }
}

const keyOf = ({ rollout, id }: Member): string => `${rollout} ${id}`;
