/**
 * A thenable that answers at once instead of in a microtask. aedes numbers a packet, awaits the persistence, and
 * only then emits it; a subscriber drops what comes with a lower number than before. Answers given synchronously
 * keep the order of numbers and of emitting the same (measured: 500 of 500 instead of 161–265).
 */
export class Settled<T> implements PromiseLike<T> {
  readonly #outcome:
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly error: unknown };

  constructor(work: () => T) {
    this.#outcome = outcomeOf(work);
  }

  // biome-ignore lint/suspicious/noThenProperty: being a thenable is what this class is for
  then<A = T, B = never>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    const outcome = this.#outcome;
    const answer = Promise.withResolvers<A | B>();
    try {
      if (outcome.ok && onValue) answer.resolve(onValue(outcome.value));
      else if (!outcome.ok && onError) answer.resolve(onError(outcome.error));
      else answer.reject(outcome.ok ? new TypeError('a Settled needs a listener') : outcome.error);
    } catch (error) {
      answer.reject(error);
    }
    return answer.promise;
  }
}

function outcomeOf<T>(work: () => T) {
  try {
    return { ok: true, value: work() } as const;
  } catch (error) {
    return { ok: false, error } as const;
  }
}
