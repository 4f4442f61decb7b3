import type { StoredPacket } from './mqtt-packet.ts';

const MAX_MESSAGES = 1000;
const MAX_BYTES = 1024 * 1024;

/** How much of a queue may be on its way to a returning subscriber before it has acknowledged. */
export class DrainWindow {
  readonly #sizes: number[] = [];
  #bytes = 0;
  #wake: (() => void) | null = null;
  #released = false;

  /** Waits for room; false when the connection is gone. */
  async admits(): Promise<boolean> {
    while (!this.#released && (this.#sizes.length >= MAX_MESSAGES || this.#bytes >= MAX_BYTES)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return !this.#released;
  }

  sent({ payload }: StoredPacket): void {
    const size = payload?.length ?? 0;
    this.#sizes.push(size);
    this.#bytes += size;
  }

  /** One message is out of the queue; they come in the order they were sent [MQTT-4.6.0-2]. */
  acknowledged(): void {
    this.#bytes -= this.#sizes.shift() ?? 0;
    this.#wake?.();
  }

  release(): void {
    this.#released = true;
    this.#wake?.();
  }
}
