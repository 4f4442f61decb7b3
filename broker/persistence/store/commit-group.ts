/** Works that share one COMMIT: what follows it, and who must be told when it fails. */
export class CommitGroup {
  #released: (() => void)[] = [];
  #failed: ((error: unknown) => void)[] = [];
  /** Of those that follow: told when it fails, and not counted. */
  #abandoned: ((error: unknown) => void)[] = [];

  /** How many wait for it. */
  get works(): number {
    return this.#failed.length;
  }

  /** Whether anything follows it: then it is not over before it is durable. */
  get isAwaited(): boolean {
    return this.#released.length > 0;
  }

  add(resolve: () => void, reject: (error: unknown) => void): void {
    this.#released.push(resolve);
    this.#failed.push(reject);
  }

  follow(effect: () => void, abandoned: ((error: unknown) => void) | null = null): void {
    this.#released.push(effect);
    if (abandoned !== null) this.#abandoned.push(abandoned);
  }

  /** A place in the order, to which {@link backTo} returns. */
  get mark(): number {
    return this.#released.length;
  }

  backTo(mark: number): void {
    this.#released.length = Math.min(mark, this.#released.length);
  }

  /** What follows, in the order it came. Once. */
  takeReleased(): readonly (() => void)[] {
    const released = this.#released;
    this.#released = [];
    this.#failed = [];
    this.#abandoned = [];
    return released;
  }

  /** Tells all that waited; what follows stays, for it may come later. */
  fail(error: unknown): void {
    const failed = [...this.#failed, ...this.#abandoned];
    this.#failed = [];
    this.#abandoned = [];
    for (const each of failed) each(error);
  }
}
