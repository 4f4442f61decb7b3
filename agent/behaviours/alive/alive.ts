import type { Cancel, Clock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';
import type { LifeSign } from '#contract/watchdog.ts';
import { Watchdog } from '#contract/watchdog.ts';
import type { EventRecorder } from '../../ports/events.ts';
import type { Start, StartNotes } from '../../ports/starts.ts';

/** What of a service manager matters here. */
export interface Overseer {
  readonly watchdogMs: number | null;
  alive(): void;
}

export interface AliveParts {
  readonly start: Start;
  readonly notes: StartNotes;
  /** Null where nothing would start the agent again. */
  readonly overseer: Overseer | null;
  readonly signs: readonly LifeSign[];
  /** Ends the agent in order, to be started again. */
  readonly restart: () => void;
  readonly report: (
    part: string,
    finding: { state: 'ok' | 'degraded'; code?: string; detail?: string },
  ) => void;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly log: Log;
}

/** A run that got so far is not one of a series of crashes. */
export const LASTS_AFTER_MS = 600_000;

/**
 * Looks after the run as a whole: tells the site how the last one ended, feeds the watchdog while the alarm path
 * answers, notes when the run has lasted, and leaves safe mode when its time is over.
 */
export class Alive {
  readonly #parts: AliveParts;
  readonly #watchdog: Watchdog | null;
  #timers: Cancel[] = [];

  constructor(parts: AliveParts) {
    this.#parts = parts;
    const { overseer, signs, clock, log } = parts;
    const withinMs = overseer?.watchdogMs ?? null;
    this.#watchdog =
      overseer === null || withinMs === null
        ? null
        : new Watchdog({ signs, feed: () => overseer.alive(), withinMs, clock, log });
  }

  /** After the journal and the inputs: what is told goes through the one, and the others are looked at. */
  start(): void {
    if (this.#timers.length > 0) return;
    const { clock, start, notes } = this.#parts;
    this.#timers = [clock.after(LASTS_AFTER_MS, () => notes.healthy())];
    if (start.safeForMs !== null)
      this.#timers.push(clock.after(start.safeForMs, () => this.#leaveSafeMode()));
    this.#watchdog?.start();
    this.#tell();
  }

  /** Idempotent. The watchdog is no longer fed: an end that hangs is ended. */
  close(): void {
    for (const cancel of this.#timers.splice(0)) cancel();
    this.#watchdog?.close();
  }

  #tell(): void {
    const { start, report, recorder, log } = this.#parts;
    const { cause, starts, crashes, mode, before, profile } = start;
    log.info({ ...start }, 'agent.started');
    if (mode === 'safe')
      report('safe-mode', { state: 'degraded', code: 'WP2612', detail: `${crashes} crashes` });
    if (profile === 'good') report('profile', { state: 'degraded', code: 'WP2613' });
    const isPlain = (cause === 'first' || cause === 'ordered') && mode === before && profile === 'own';
    if (isPlain) return;
    const safeMode = mode === 'safe';
    recorder.recordEvent('wp.agent.restarted.v1', { cause, starts, crashes, safeMode, profile });
  }

  /** Where nobody would start it again it stays as it is: better the alarm path than nothing. */
  #leaveSafeMode(): void {
    const { overseer, notes, restart, log } = this.#parts;
    if (overseer === null) return;
    log.info({}, 'agent.leaves-safe-mode');
    notes.ended('probation');
    restart();
  }
}
