import type { Clock } from '#contract/clock.ts';
import { lazy } from '../lazy.ts';
import type { GroupCommit } from '../ports.ts';

const HOUR_S = 3600;

/**
 * How long messages have waited and clients been gone. It goes with the monotonic clock, and over a time in which
 * the broker did not run with the wall clock, but by no more than `maxGapH` at once and never back: a machine that
 * starts with a clock years ahead makes everything older by that much, and empties no queue that is younger.
 */
export class QueueClock {
  readonly #store: GroupCommit;
  readonly #clock: Clock;
  readonly #maxGapMs: number;
  #baseMs = 0;
  readonly #save = lazy(() =>
    this.#store.sql.prepare('REPLACE INTO mqtt_queue_clock (one, now_s, wall_ms) VALUES (1, ?, ?)'),
  );

  constructor(store: GroupCommit, clock: Clock, maxGapH: number) {
    this.#store = store;
    this.#clock = clock;
    this.#maxGapMs = maxGapH * HOUR_S * 1000;
  }

  /** Goes on from what the last run has saved. */
  load(): void {
    const saved = this.#store.sql
      .prepare<[], { now_s: number; wall_ms: number }>('SELECT now_s, wall_ms FROM mqtt_queue_clock')
      .get();
    const { wallMs, monoMs } = { wallMs: this.#clock.wallMs(), monoMs: this.#clock.monoMs() };
    const gapMs = saved === undefined ? 0 : wallMs - saved.wall_ms;
    const countedMs = Math.min(Math.max(0, gapMs), this.#maxGapMs);
    this.#baseMs = (saved?.now_s ?? 0) * 1000 + countedMs - monoMs;
  }

  nowS(): number {
    return Math.floor((this.#baseMs + this.#clock.monoMs()) / 1000);
  }

  /** Inside a commit. */
  save(): void {
    this.#save().run(this.nowS(), Math.floor(this.#clock.wallMs()));
  }
}
