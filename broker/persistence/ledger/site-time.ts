import type { Cancel, Clock, MonoMs, WallMs } from '#contract/clock.ts';
import { lazy } from '../lazy.ts';
import type { SiteDatabase } from '../store/database.ts';

interface Passed {
  readonly ranMs: number;
  readonly caughtUpMs: number;
  readonly owedMs: number;
  readonly wallMs: WallMs;
}

/** What a crash takes from the count is owed again. */
const NOTE_EVERY_MS = 600_000;

/**
 * How much time the site has itself seen pass. While the broker runs, the monotonic clock tells; the time in between
 * only the wall clock claims, and a wall clock may be years ahead. What it claims beyond the monotonic clock is owed
 * and counted bit by bit, never faster than time passes: `seenMs` runs at most at double speed. So a site that was
 * switched off for a month forgets what it should after another month, a clock ten years ahead makes it forget twice
 * as early at worst, and one that is set right again takes back what is owed.
 */
export class SiteTime {
  readonly #store: SiteDatabase;
  readonly #clock: Clock;
  readonly #put = lazy(() =>
    this.#store.sql.prepare(
      `REPLACE INTO site_time (id, ran_ms, caught_up_ms, owed_ms, wall_ms)
       VALUES (1, @ranMs, @caughtUpMs, @owedMs, @wallMs)`,
    ),
  );
  #passed: Passed = { ranMs: 0, caughtUpMs: 0, owedMs: 0, wallMs: 0 };
  #atMonoMs: MonoMs = 0;
  #cancel: Cancel | null = null;

  constructor(store: SiteDatabase, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** After the database is open. */
  start(): void {
    const wallMs = this.#clock.wallMs();
    this.#atMonoMs = this.#clock.monoMs();
    this.#passed = this.#read() ?? { ranMs: 0, caughtUpMs: 0, owedMs: 0, wallMs };
    this.#note();
    this.#cancel ??= this.#clock.every(NOTE_EVERY_MS, () => this.#note());
  }

  /** Before the database is closed. Idempotent. */
  close(): void {
    if (this.#cancel === null) return;
    this.#cancel();
    this.#cancel = null;
    this.#note();
  }

  /** Milliseconds that the broker has run on this database. */
  get ranMs(): number {
    return this.#now().ranMs;
  }

  /** Milliseconds by which data grows old. */
  get seenMs(): number {
    const { ranMs, caughtUpMs } = this.#now();
    return ranMs + caughtUpMs;
  }

  /** What the wall clock claims and has not been counted yet. */
  get owedMs(): number {
    return this.#now().owedMs;
  }

  #now(): Passed {
    const wallMs = this.#clock.wallMs();
    const ranFor = this.#clock.monoMs() - this.#atMonoMs;
    const { ranMs, caughtUpMs, owedMs, wallMs: before } = this.#passed;
    const owed = Math.max(0, owedMs + (wallMs - before) - ranFor);
    const paid = Math.min(owed, ranFor);
    return { ranMs: ranMs + ranFor, caughtUpMs: caughtUpMs + paid, owedMs: owed - paid, wallMs };
  }

  #note(): void {
    this.#passed = this.#now();
    this.#atMonoMs = this.#clock.monoMs();
    const passed = this.#passed;
    this.#store.commitLazily(() => this.#put().run(passed));
  }

  #read(): Passed | undefined {
    return this.#store.sql
      .prepare<[], Passed>(
        'SELECT ran_ms AS ranMs, caught_up_ms AS caughtUpMs, owed_ms AS owedMs, wall_ms AS wallMs FROM site_time',
      )
      .get();
  }
}
