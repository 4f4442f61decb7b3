import type { Finding } from './board.ts';

/** So many samples in a row must agree before a part counts as worse, or as better again. */
const WORSE_AFTER = 2;
const BETTER_AFTER = 3;
const RANK = { ok: 0, degraded: 1, failed: 2 } as const;

/** Holds the last settled finding of one part until another has been seen often enough. */
export class Settled {
  #settled: Finding = { state: 'ok' };
  #candidate: Finding | null = null;
  #seen = 0;

  get now(): Finding {
    return this.#settled;
  }

  /** Takes a sample; answers what is settled now. */
  take(finding: Finding): Finding {
    if (finding.state === this.#settled.state) {
      this.#candidate = null;
      return this.#settled;
    }
    this.#seen = this.#candidate?.state === finding.state ? this.#seen + 1 : 1;
    this.#candidate = finding;
    const worse = RANK[finding.state] > RANK[this.#settled.state];
    if (this.#seen < (worse ? WORSE_AFTER : BETTER_AFTER)) return this.#settled;
    this.#settled = finding;
    this.#candidate = null;
    return this.#settled;
  }
}

/** A level with two steps and a way back: `clear` must be reached before a step counts as left. */
export interface Limits {
  readonly degraded: number;
  readonly failed: number;
  /** How far back inside a limit a value must be. */
  readonly margin: number;
}

/** Judges a value of which much is bad. */
export function judgeHigh(value: number, limits: Limits, was: Finding['state']): Finding['state'] {
  const reach = (limit: number, held: boolean) => value >= (held ? limit - limits.margin : limit);
  if (reach(limits.failed, was === 'failed')) return 'failed';
  return reach(limits.degraded, was !== 'ok') ? 'degraded' : 'ok';
}

/** Judges a value of which little is bad. */
export function judgeLow(value: number, limits: Limits, was: Finding['state']): Finding['state'] {
  const { degraded, failed, margin } = limits;
  return judgeHigh(-value, { degraded: -degraded, failed: -failed, margin }, was);
}
