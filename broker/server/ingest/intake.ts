import * as z from 'zod';

/** How much of what publishers send is being committed at once (`limits.intake`). */
export const IntakeLimits = z.strictObject({
  messages: z.int().min(1).max(1_000_000).default(1000),
  bytes: z
    .int()
    .min(1024)
    .max(1e9)
    .default(16 * 1024 * 1024),
});
export type IntakeLimits = z.infer<typeof IntakeLimits>;

export const DEFAULT_INTAKE_LIMITS: IntakeLimits = IntakeLimits.parse({});

/** Begins when it is let in, and calls `leave` once when it is through. */
type Work = (leave: () => void) => void;

interface Waiting {
  readonly bytes: number;
  readonly work: Work;
}

/**
 * The door of the ingest: above its limits what has been read waits in the order it came, outside of any transaction.
 * aedes reads nothing more from a publisher whose messages are not through, so a slow disk fills no memory: at most
 * what each connection had read already.
 */
export class Intake {
  readonly #limits: IntakeLimits;
  #waiting: Waiting[] = [];
  #head = 0;
  #messages = 0;
  #bytes = 0;

  constructor(limits: IntakeLimits) {
    this.#limits = limits;
  }

  /** Messages that have been read and wait to be let in. */
  get waiting(): number {
    return this.#waiting.length - this.#head;
  }

  enter(bytes: number, work: Work): void {
    if (this.waiting === 0 && this.#isOpen()) this.#begin({ bytes, work });
    else this.#waiting.push({ bytes, work });
  }

  #isOpen(): boolean {
    return this.#messages < this.#limits.messages && this.#bytes < this.#limits.bytes;
  }

  #begin({ bytes, work }: Waiting): void {
    this.#messages += 1;
    this.#bytes += bytes;
    let isIn = true;
    work(() => {
      if (!isIn) return;
      isIn = false;
      this.#messages -= 1;
      this.#bytes -= bytes;
      this.#letIn();
    });
  }

  #letIn(): void {
    while (this.waiting > 0 && this.#isOpen()) {
      const next = this.#waiting[this.#head];
      this.#head += 1;
      if (this.#head > 1024 && this.#head * 2 > this.#waiting.length) {
        this.#waiting = this.#waiting.slice(this.#head);
        this.#head = 0;
      }
      if (next !== undefined) this.#begin(next);
    }
    if (this.waiting === 0) {
      this.#waiting = [];
      this.#head = 0;
    }
  }
}
