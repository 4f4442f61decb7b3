import type { DeviceClock } from '#agent/ports/clock.ts';
import type { EventRecorder } from '#agent/ports/events.ts';
import type { SlotDesk, TrialFacts } from '#agent/ports/slots.ts';
import type { Cancel } from '#contract/clock.ts';
import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { TellRejection } from './rejections.ts';

/** One thing that must be in order before a bundle is confirmed. */
export interface TrialCheck {
  readonly name: string;
  /** Why the bundle is given up where it never is. */
  readonly code: ErrorCode;
  /** `needed`: else the bundle is given up. `wanted`: waited for, and missing it is a matter of health. */
  readonly weight: 'needed' | 'wanted';
  /** Null when it is in order, else what is missing. */
  look(): string | null;
}

export interface TrialParts {
  readonly desk: SlotDesk;
  readonly facts: TrialFacts;
  /** Everything must be in order by then. */
  readonly withinMs: number;
  readonly checks: readonly TrialCheck[];
  /** Whether the device may be restarted now: nobody waits for help, no alarm is only in memory. */
  readonly mayRestart: () => boolean;
  readonly restart: () => void;
  readonly tell: TellRejection;
  readonly report: (finding: { state: 'ok' | 'degraded'; code?: ErrorCode; detail?: string }) => void;
  /** What the desk says of what runs is another now. */
  readonly onChange: () => void;
  readonly recorder: EventRecorder;
  readonly clock: DeviceClock;
  readonly log: Log;
}

const LOOK_EVERY_MS = 500;
/** A board takes seconds to answer, a modem half a minute to find its network. */
export const HEALTHY_WITHIN_MS = 90_000;
/** From the first start over all restarts, so that what is confirmed runs again within two minutes. */
const DECIDED_AFTER_MS = 110_000;
const LEAST_MS = 1_000;

type Outcome = { readonly missing: readonly { check: TrialCheck; why: string }[] };

/**
 * The trial of a new bundle: confirmed as soon as everything is in order, given up when that takes too long. It watches
 * only; a press during it is taken as ever, and the device is not restarted before it is over.
 */
export class Trial {
  readonly #parts: TrialParts;
  #stops: Cancel[] = [];
  #isBusy = false;
  #isOver = false;
  #dueMs = 0;

  constructor(parts: TrialParts) {
    this.#parts = parts;
  }

  start(): void {
    if (this.#stops.length > 0) return;
    const { clock, facts, log, desk, withinMs } = this.#parts;
    const untilDecisionMs = facts.sinceMs + DECIDED_AFTER_MS - clock.sinceBootMs();
    this.#dueMs = clock.monoMs() + Math.max(LEAST_MS, Math.min(withinMs, untilDecisionMs));
    log.info({ generation: desk.running.generation, ...facts }, 'trial.begun');
    this.#stops = [clock.every(LOOK_EVERY_MS, () => void this.look())];
  }

  /** Idempotent. */
  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  /** Looks once; a bench or a test may ask for it. Never rejects. */
  async look(): Promise<void> {
    if (this.#isBusy || this.#isOver) return;
    this.#isBusy = true;
    try {
      await this.#judge();
    } catch (cause) {
      // Somebody else holds the slots for a moment, or the card takes no writing: again at the next look.
      this.#parts.log.warn({ err: cause }, 'trial.not-decided');
    } finally {
      this.#isBusy = false;
    }
  }

  async #judge(): Promise<void> {
    const isDue = this.#parts.clock.monoMs() >= this.#dueMs;
    const { missing } = this.#outcome();
    const failed = missing.find(({ check }) => check.weight === 'needed');
    if (failed === undefined && (missing.length === 0 || isDue)) return this.#pass();
    if (failed !== undefined && isDue) {
      await this.#fail(
        failed.check.code,
        missing.map(({ check, why }) => `${check.name}: ${why}`).join('; '),
      );
    }
  }

  #outcome(): Outcome {
    const missing = this.#parts.checks.flatMap((check) => {
      const why = lookAt(check);
      return why === null ? [] : [{ check, why }];
    });
    return { missing };
  }

  /** What a power cut left half of would have been found by the start; what the card lost since is found here. */
  async #pass(): Promise<void> {
    const { desk, recorder, clock, facts, log, report, onChange } = this.#parts;
    const damaged = await desk.damaged();
    if (damaged.length > 0) return this.#fail('WP4204', damaged.join(', '));
    await desk.confirm();
    this.#end();
    const { generation, slot } = desk.running;
    const trialMs = Math.max(0, Math.round(clock.sinceBootMs() - facts.sinceMs));
    log.info({ generation, slot, trialMs }, 'trial.passed');
    report({ state: 'ok' });
    onChange();
    recorder.recordEvent('wp.profile.confirmed.v1', { generation, slot, trialMs });
  }

  async #fail(code: ErrorCode, detail: string): Promise<void> {
    const { desk, facts, log, report, tell } = this.#parts;
    const isNews = desk.running.last?.code !== code || facts.backTo !== null;
    if (isNews) await desk.reject(code);
    if (isNews) log.error({ code, detail, backTo: facts.backTo }, 'trial.not-passed');
    if (facts.backTo === null) {
      // Nothing to go back to: it runs on, and is confirmed if it gets well.
      report({ state: 'degraded', code, detail });
      if (isNews) tell.now(detail);
      return;
    }
    tell.later(detail);
    this.#end();
    this.#restartWhenFree();
  }

  #end(): void {
    this.#isOver = true;
    this.close();
  }

  #restartWhenFree(): void {
    const { mayRestart, restart, clock } = this.#parts;
    if (mayRestart()) {
      restart();
      return;
    }
    this.#stops = [
      clock.every(LOOK_EVERY_MS, () => {
        if (!mayRestart()) return;
        this.close();
        restart();
      }),
    ];
  }
}

function lookAt({ look }: TrialCheck): string | null {
  try {
    return look();
  } catch (error) {
    return error instanceof WatchpostError ? error.message : String(error);
  }
}
