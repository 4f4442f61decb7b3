/** Holds one state; every change goes through `reduce` and is told to all who listen. */
export class Store<S, E> {
  #state: S;
  readonly #reduce: (state: S, event: E) => S;
  readonly #listeners = new Set<(state: S) => void>();

  constructor(initial: S, reduce: (state: S, event: E) => S) {
    this.#state = initial;
    this.#reduce = reduce;
  }

  get state(): S {
    return this.#state;
  }

  dispatch(event: E): void {
    const next = this.#reduce(this.#state, event);
    if (next === this.#state) return;
    this.#state = next;
    for (const listener of [...this.#listeners]) listener(next);
  }

  /** Returns what ends the subscription. */
  subscribe(listener: (state: S) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
