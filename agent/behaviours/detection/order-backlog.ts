import type { VisionOrder } from '#agent/ports/vision.ts';

/** An order kept for a process that does not read just now, and when it was given (monotonic ms). */
interface Waiting {
  readonly order: VisionOrder;
  readonly atMs: number;
}

/** A release lasts no longer (seconds in a profile: 60): later it would let in somebody for whom it was not meant. */
const RELEASE_KEPT_MS = 60_000;
/** More doors than a device has inputs. */
const MAX_RELEASES = 64;

/**
 * Orders for a process that does not read: of each thing that can be ordered the newest, so that it is bounded, and
 * what is true when it reads again is what it hears. A snapshot is not kept: who asked for it waits with a limit.
 */
export class OrderBacklog {
  readonly #waiting = new Map<string, Waiting>();

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  add(order: VisionOrder, nowMs: number): void {
    if (order.kind === 'snapshot') return;
    const key = order.kind === 'release' ? `release ${order.input}` : order.kind;
    this.#waiting.delete(key);
    if (this.#waiting.size < MAX_RELEASES + 3) this.#waiting.set(key, { order, atMs: nowMs });
  }

  /** All that still counts, in the order in which it was given. */
  take(nowMs: number): VisionOrder[] {
    const orders = [...this.#waiting.values()].flatMap(({ order, atMs }) =>
      order.kind === 'release' && nowMs - atMs > RELEASE_KEPT_MS ? [] : [order],
    );
    this.#waiting.clear();
    return orders;
  }
}
