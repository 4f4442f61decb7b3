import type { VisionReport } from '#agent/ports/vision.ts';
import type { Cancel, Clock } from '#contract/clock.ts';
import { type ErrorCode, isErrorCode } from '#contract/errors.ts';
import type { HealthState, VisionHealth } from './vision-health.ts';

export type SourceReport = Extract<VisionReport, { kind: 'source' }>;

interface Standing {
  readonly state: HealthState;
  readonly code?: ErrorCode;
  readonly detail?: string;
}

/** Better for so long before it is told; twice as long after each relapse. */
const STEADY_FIRST_MS = 10_000;
const STEADY_MAX_MS = 300_000;
/** In order for so long after an episode, the next one is a new trouble. */
const FORGIVEN_MS = 600_000;
const RANK = { ok: 0, degraded: 1, failed: 2 } as const;

/**
 * The health of the camera: worse is told at once, better when it has lasted. An episode is told once each way,
 * however often the camera comes and goes in it, and one that flaps stays told as bad until it keeps still.
 */
export class CameraHealth {
  readonly part: string;
  readonly #health: VisionHealth;
  readonly #clock: Clock;
  #standing: Standing | null = null;
  #told: HealthState | null = null;
  #steadyMs = STEADY_FIRST_MS;
  #wellSinceMs: number | null = null;
  #cancel: Cancel | null = null;

  constructor(camera: string, health: VisionHealth, clock: Clock) {
    this.part = `camera-${camera}`.slice(0, 64);
    this.#health = health;
    this.#clock = clock;
  }

  /** As it was told when the device last ran, so it counts until this run knows better. */
  start(): void {
    this.#told = this.#health.stateOf(this.part);
  }

  take({ state, code, detail }: SourceReport): void {
    if (state === 'ended') return;
    if (state === 'playing') this.#stand({ state: 'ok' });
    else {
      const known = code !== undefined && isErrorCode(code) ? code : 'WP2402';
      this.#stand({ state, code: known, ...(detail === undefined ? {} : { detail }) });
    }
  }

  /** Another camera: what was wrong with the last one counts no more. */
  renew(): void {
    this.interrupt();
    this.#told = null;
    this.#standing = null;
    this.#steadyMs = STEADY_FIRST_MS;
    this.#wellSinceMs = null;
  }

  /** Nobody watches it just now: it gets no better by that. */
  interrupt(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #stand(standing: Standing): void {
    this.#standing = standing;
    if (this.#told === null) this.#tell(standing);
    else if (RANK[standing.state] < RANK[this.#told]) {
      this.#cancel ??= this.#clock.after(this.#steadyMs, () => this.#recover());
    } else {
      const isRelapse = this.#cancel !== null || this.#told === 'ok';
      this.interrupt();
      if (isRelapse) this.#relapse();
      this.#tell(standing);
    }
  }

  #recover(): void {
    this.#cancel = null;
    if (this.#standing !== null) this.#tell(this.#standing);
  }

  #relapse(): void {
    const wellMs = this.#clock.monoMs() - (this.#wellSinceMs ?? Number.NEGATIVE_INFINITY);
    const isForgiven = this.#told === 'ok' && wellMs > FORGIVEN_MS;
    this.#steadyMs = isForgiven ? STEADY_FIRST_MS : Math.min(STEADY_MAX_MS, this.#steadyMs * 2);
  }

  #tell({ state, code, detail }: Standing): void {
    if (state === 'ok' && this.#told !== null) this.#wellSinceMs = this.#clock.monoMs();
    this.#told = state;
    this.#health.set(this.part, state, code, detail);
  }
}
