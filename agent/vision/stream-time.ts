/** Between two pictures of one play no more time than this can pass: a source that is silent for longer is reopened. */
const MAX_STEP_S = 30;
/** Pictures that were held up somewhere come in one go; less than this apart they would be no step at all. */
const MIN_STEP_S = 0.001;

/**
 * The time that the judgement lives in: seconds that only go forward, at every picture, whatever the source says.
 * What a source says is believed as a difference from its picture before. One that goes back, stands still, leaps or
 * is no number is taken for one picture's worth of time, and is counted.
 */
export class StreamTime {
  readonly #pictureS: number;
  #t: number | null = null;
  #saidT: number | null = null;
  #jumps = 0;

  constructor(framesPerSecond: number) {
    this.#pictureS = 1 / framesPerSecond;
  }

  /** Of the last picture; null before the first. */
  get now(): number | null {
    return this.#t;
  }

  /** How many times what the source said was not believed. */
  get jumps(): number {
    return this.#jumps;
  }

  /** The next picture is the first of another play, `gapS` after the last one. */
  resume(gapS: number): void {
    this.#saidT = null;
    if (this.#t !== null) this.#t += Math.max(0, gapS - this.#pictureS);
  }

  /** As if the last picture had been at `t`. */
  startAt(t: number): void {
    this.#saidT = null;
    this.#t = t;
  }

  /** The time of a picture that the source puts at `saidT`. */
  of(saidT: number): number {
    const stepS = this.#saidT === null ? this.#pictureS : saidT - this.#saidT;
    const isBelieved = stepS > 0 && stepS <= MAX_STEP_S;
    if (!isBelieved) this.#jumps++;
    this.#saidT = Number.isFinite(saidT) ? saidT : null;
    this.#t = this.#t === null ? 0 : this.#t + (isBelieved ? Math.max(MIN_STEP_S, stepS) : this.#pictureS);
    return this.#t;
  }
}
