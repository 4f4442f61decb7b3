/** Milliseconds over which pictures are counted; so many such spans in a row must agree. */
const SPAN_MS = 10_000;
const SPANS_TO_BELIEVE = 2;
/** Of the rate asked for: below the one it is slow, above the other in order again. */
const SLOW_BELOW = 0.5;
const WELL_ABOVE = 0.7;

/** Whether a source gives the pictures that it was asked for, judged over twenty seconds. */
export class FrameRate {
  readonly #wanted: number;
  #spanMs: number | null = null;
  #count = 0;
  #spans = 0;
  #isSlow = false;
  #rate: number;

  constructor(framesPerSecond: number) {
    this.#wanted = framesPerSecond;
    this.#rate = framesPerSecond;
  }

  get isSlow(): boolean {
    return this.#isSlow;
  }

  /** Pictures a second in the last span that is over. */
  get rate(): number {
    return this.#rate;
  }

  /** Another play begins: what came before counts no more, what was found stays. */
  restart(): void {
    this.#spanMs = null;
  }

  /** A picture came at `nowMs` of a clock that only goes forward; answers whether `isSlow` has changed. */
  tick(nowMs: number): boolean {
    if (this.#spanMs === null) {
      this.#spanMs = nowMs;
      this.#count = 0;
    }
    const pastMs = nowMs - this.#spanMs;
    this.#count++;
    if (pastMs < SPAN_MS) return false;
    this.#rate = (this.#count - 1) / (pastMs / 1000);
    this.#spanMs = nowMs;
    this.#count = 1;
    return this.#judge();
  }

  #judge(): boolean {
    const share = this.#rate / this.#wanted;
    const isOther = this.#isSlow ? share >= WELL_ABOVE : share < SLOW_BELOW;
    this.#spans = isOther ? this.#spans + 1 : 0;
    if (this.#spans < SPANS_TO_BELIEVE) return false;
    this.#spans = 0;
    this.#isSlow = !this.#isSlow;
    return true;
  }
}
