import type { Cancel } from '#contract/clock.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { ContactEdge, ContactInput, ContactListener, InputKind } from '../../ports/inputs.ts';
import { lineError } from './line-errors.ts';
import type { OpenLine, OpenLineFunction } from './open-line.ts';

/** A level that no edge has told of, and a chip that left without a word, are found this late at most (twice). */
export const CHECK_EVERY_MS = 5_000;
export const REOPEN_AFTER_MS = 5_000;

interface Parts {
  readonly name: string;
  readonly kind: InputKind;
  readonly clock: DeviceClock;
  readonly open: OpenLineFunction;
}

/** A contact on a line of a chip. A line that goes is told once and looked for until it is back. */
export class GpioContact implements ContactInput {
  readonly name: string;
  readonly kind: InputKind;
  readonly #clock: DeviceClock;
  readonly #openLine: OpenLineFunction;
  #listener: ContactListener | null = null;
  #line: OpenLine | null = null;
  #active = false;
  /** When `#active` was read from the line itself: edges that are older lie within it. */
  #readAtMs = 0;
  #doubted = false;
  #stopTimer: Cancel | null = null;

  constructor({ name, kind, clock, open }: Parts) {
    this.name = name;
    this.kind = kind;
    this.#clock = clock;
    this.#openLine = open;
  }

  /** @throws WatchpostError WP2340–WP2349 */
  async start(listener: ContactListener): Promise<boolean> {
    await this.close();
    this.#listener = listener;
    try {
      return await this.#hold(listener);
    } catch (cause) {
      if (this.#listener === listener) await this.close();
      throw lineError(cause, this.name);
    }
  }

  async close(): Promise<void> {
    this.#listener = null;
    this.#letGo();
  }

  /** Takes hold of the line; answers its level. */
  async #hold(listener: ContactListener): Promise<boolean> {
    const line = await this.#openLine({
      edge: (edge) => {
        if (this.#listener === listener) this.#onEdge(listener, edge);
      },
      gone: (cause) => this.#onGone(listener, cause),
    });
    if (this.#listener !== listener) {
      line.close();
      return false; // Closed meanwhile: nobody waits for the level.
    }
    this.#line = line;
    this.#active = line.active();
    this.#readAtMs = this.#clock.sinceBootMs();
    this.#doubted = false;
    this.#stopTimer = this.#clock.every(CHECK_EVERY_MS, () => this.#check(listener));
    return this.#active;
  }

  #letGo(): void {
    this.#stopTimer?.();
    this.#stopTimer = null;
    this.#line?.close();
    this.#line = null;
  }

  /**
   * An edge to the level that is known already follows one that was too short for the kernel to see, or did not fit its
   * buffer: both are told, for a press must not be lost.
   */
  #onEdge(listener: ContactListener, edge: ContactEdge): void {
    const { active, atMonoMs, edges } = edge;
    this.#doubted = false;
    if (active !== this.#active) {
      this.#active = active;
      listener.edge(edge);
      return;
    }
    if (atMonoMs <= this.#readAtMs) return;
    listener.edge({ active: !active, atMonoMs, edges: Math.max(1, edges - 1) });
    listener.edge({ active, atMonoMs, edges: 1 });
  }

  /** Reads the line itself. A level without its edge counts at the second look: the edge may just be on its way. */
  #check(listener: ContactListener): void {
    const active = this.#look(listener);
    if (active === null) return;
    const differs = active !== this.#active;
    if (!differs || !this.#doubted) {
      this.#doubted = differs;
      return;
    }
    this.#readAtMs = this.#clock.sinceBootMs();
    this.#onEdge(listener, { active, atMonoMs: this.#readAtMs, edges: 1 });
  }

  #look(listener: ContactListener): boolean | null {
    try {
      return this.#line?.active() ?? null;
    } catch (cause) {
      this.#onGone(listener, cause);
      return null;
    }
  }

  #onGone(listener: ContactListener, cause: unknown): void {
    if (this.#listener !== listener) return;
    this.#letGo();
    listener.lost(lineError(cause, this.name));
    this.#lookAgain(listener);
  }

  #lookAgain(listener: ContactListener): void {
    this.#stopTimer = this.#clock.after(REOPEN_AFTER_MS, () => void this.#reopen(listener));
  }

  async #reopen(listener: ContactListener): Promise<void> {
    try {
      const active = await this.#hold(listener);
      if (this.#listener === listener) listener.back(active);
    } catch {
      if (this.#listener !== listener) return;
      this.#letGo(); // It is told as lost already.
      this.#lookAgain(listener);
    }
  }
}
