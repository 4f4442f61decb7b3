/** What one look says of a fault. */
export type Finding = 'present' | 'absent' | 'unknown';

/** Present for this long is a fault; absent for this long is its end (s). */
export const BEGINS_AFTER_S = 6;
const ENDS_AFTER_S = 3;
/** Looks in between at which nothing could be told. */
const GAP_S = 2;

export interface Turn {
  readonly state: 'began' | 'ended';
  readonly since: number;
}

/**
 * One fault from looks taken about once a second: begins when it was seen without a gap for `BEGINS_AFTER_S`, so
 * that a lorry before the camera is none. What cannot be told ends nothing and begins nothing.
 */
export class Fault {
  readonly #tellsAbsence: boolean;
  #state: 'began' | 'ended' | null = null;
  #presentT: number | null = null;
  #seenT = 0;
  #absentT: number | null = null;
  #since = 0;

  /** `tellsAbsence`: also says `ended` once when it is found absent after the start. */
  constructor({ tellsAbsence }: { tellsAbsence: boolean }) {
    this.#tellsAbsence = tellsAbsence;
  }

  get isActive(): boolean {
    return this.#state === 'began';
  }

  /** Active, or about to be. */
  get isSuspected(): boolean {
    return this.isActive || this.#presentT !== null;
  }

  look(finding: Finding, t: number): Turn | null {
    if (finding === 'absent' || t - this.#seenT > GAP_S) this.#presentT = null;
    if (finding !== 'absent') this.#absentT = null;
    if (finding === 'present') return this.#begin(t);
    return finding === 'absent' ? this.#end(t) : null;
  }

  /** What it has come to, for a restart of the process; null before it has come to anything. */
  save(): Turn | null {
    return this.#state === null ? null : { state: this.#state, since: this.#since };
  }

  /** Goes on from there, in the same stream time. */
  restore({ state, since }: Turn): void {
    this.#state = state;
    this.#since = since;
  }

  /** Stream time begins anew; what has begun stays begun. */
  restart(): void {
    this.#presentT = null;
    this.#absentT = null;
    this.#since = 0;
  }

  #begin(t: number): Turn | null {
    this.#seenT = t;
    this.#presentT ??= t;
    if (this.isActive || t - this.#presentT < BEGINS_AFTER_S) return null;
    this.#state = 'began';
    this.#since = this.#presentT;
    return { state: 'began', since: this.#since };
  }

  #end(t: number): Turn | null {
    this.#absentT ??= t;
    if (this.#state === 'ended' || t - this.#absentT < ENDS_AFTER_S) return null;
    const isNews = this.#state === 'began' || this.#tellsAbsence;
    this.#state = 'ended';
    return isNews ? { state: 'ended', since: this.#since } : null;
  }
}
