/** One opening of a door: so many may pass, until it ends. */
export class Release {
  #until: number;
  #granted = 1;
  #passed = 0;
  #isTold = false;

  constructor(until: number) {
    this.#until = until;
  }

  /** Released again before the end: one more may pass. */
  extend(until: number): void {
    this.#until = Math.max(this.#until, until);
    this.#granted++;
  }

  isOver(t: number): boolean {
    return t > this.#until;
  }

  /** Somebody came in (1 or more), or turned out not to (negative). Answers how many did once it is too many. */
  count(people: number): number | null {
    this.#passed = Math.max(0, this.#passed + people);
    if (this.#isTold || this.#passed <= this.#granted) return null;
    this.#isTold = true;
    return this.#passed;
  }
}
