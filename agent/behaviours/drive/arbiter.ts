import { type Base, DEAD_MAN_MS, type Drive, type Hold } from '#agent/ports/base.ts';
import {
  type Asked,
  DRIVE_RANKS,
  type DriveDesk,
  type DriveEnd,
  type DriveRank,
  type DriveRequest,
} from '#agent/ports/driving.ts';
import type { Clock, MonoMs } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';

export interface ArbiterParts {
  readonly base: Pick<Base, 'drive' | 'stop'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Before something for so long, a drive ends as `blocked`. */
  readonly blockedAfterMs: number;
}

/** What safety says at a tick. */
export interface Permission {
  readonly mayMove: boolean;
  readonly maxMps: number;
  /** It stands because something is in its way. */
  readonly isBlocked: boolean;
}

interface Claim {
  readonly request: DriveRequest;
  /** Of the last refresh by whoever asked. */
  untilMs: MonoMs;
  drive: Drive | null;
  blockedSinceMs: MonoMs | null;
}

const strength = (rank: DriveRank): number => DRIVE_RANKS.indexOf(rank);

/** Gives the base to one at a time. What it hands on holds no longer than the word of whoever asked for the drive. */
export class BaseArbiter implements DriveDesk {
  readonly #parts: ArbiterParts;
  /** Until the first tick nobody knows whether it may be moved. */
  #mayMove = false;
  #claim: Claim | null = null;
  #isAbandoned = false;

  constructor(parts: ArbiterParts) {
    this.#parts = parts;
  }

  get owner(): DriveRank | null {
    return this.#claim?.request.rank ?? null;
  }

  get goal(): DriveRequest['goal'] | null {
    return this.#claim?.request.goal ?? null;
  }

  /** Whoever drove fell silent since `settle`. */
  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  /** It stands again. */
  settle(): void {
    this.#isAbandoned = false;
  }

  ask(request: DriveRequest): Asked {
    if (!this.#mayMove) return { granted: false, by: 'safety' };
    const { owner } = this;
    if (owner !== null && strength(owner) < strength(request.rank)) return { granted: false, by: owner };
    const claim: Claim = { request, untilMs: this.#nowMs + DEAD_MAN_MS, drive: null, blockedSinceMs: null };
    const former = this.#claim;
    // Before the other is told: whoever asks again when put out finds it taken.
    this.#claim = claim;
    if (former !== null) this.#tell(former, { ended: 'preempted', by: request.rank });
    const refresh = () => {
      if (claim === this.#claim) claim.untilMs = this.#nowMs + DEAD_MAN_MS;
    };
    const release = () => {
      if (claim === this.#claim) this.#end({ ended: 'cancelled' });
    };
    return { granted: true, driving: { refresh, release } };
  }

  /** Once a tick, and whenever safety has something to say. */
  step(permission: Permission): void {
    this.#mayMove = permission.mayMove;
    if (!permission.mayMove) this.halt();
    else if (this.#claim !== null) this.#carry(this.#claim, permission);
  }

  /** Nobody moves it until the next permission. */
  halt(): void {
    this.#mayMove = false;
    this.#parts.base.stop();
    this.#end({ ended: 'preempted', by: 'safety' });
  }

  get #nowMs(): MonoMs {
    return this.#parts.clock.monoMs();
  }

  #carry(claim: Claim, permission: Permission): void {
    const forMs = Math.min(DEAD_MAN_MS, claim.untilMs - this.#nowMs);
    const maxMps = Math.min(permission.maxMps, claim.request.maxMps ?? permission.maxMps);
    if (forMs <= 0) this.#abandon();
    else if (claim.drive === null) this.#begin(claim, { forMs, maxMps });
    else this.#goOn(claim, claim.drive, { forMs, maxMps }, permission);
  }

  #goOn(claim: Claim, drive: Drive, hold: Hold, permission: Permission): void {
    const { outcome } = drive;
    if (outcome === 'expired') this.#abandon();
    else if (outcome !== null) this.#end({ ended: outcome });
    else if (this.#isBlockedTooLong(claim, permission)) this.#end({ ended: 'blocked' });
    else drive.refresh(hold);
  }

  #begin(claim: Claim, hold: Hold): void {
    const { goal } = claim.request;
    if (goal.kind === 'stay') return;
    try {
      claim.drive = this.#parts.base.drive(goal, hold);
    } catch (cause) {
      this.#parts.log.warn({ goal: goal.kind, err: cause }, 'drive.refused');
      const code = cause instanceof WatchpostError ? cause.code : 'WP2801';
      this.#end({ ended: 'refused', code });
    }
  }

  #isBlockedTooLong(claim: Claim, { isBlocked }: Permission): boolean {
    if (!isBlocked) claim.blockedSinceMs = null;
    else claim.blockedSinceMs ??= this.#nowMs;
    return claim.blockedSinceMs !== null && this.#nowMs - claim.blockedSinceMs >= this.#parts.blockedAfterMs;
  }

  #abandon(): void {
    // Who only stays leaves nothing rolling.
    this.#isAbandoned = this.#claim?.drive !== null;
    this.#end({ ended: 'expired' });
  }

  #end(end: DriveEnd): void {
    const claim = this.#claim;
    this.#claim = null;
    if (claim !== null) this.#tell(claim, end);
  }

  #tell({ drive, request }: Claim, end: DriveEnd): void {
    drive?.cancel();
    this.#parts.log.info({ rank: request.rank, goal: request.goal.kind, ...end }, 'drive.ended');
    try {
      request.onEnd(end);
    } catch (cause) {
      this.#parts.log.error({ rank: request.rank, err: cause }, 'drive.owner-failed');
    }
  }
}
