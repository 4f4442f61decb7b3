import { Duplex } from 'node:stream';
import { WatchpostError } from '#contract/errors.ts';
import type { Transport } from '../../ports/link.ts';
import type { SimWorld } from './world.ts';

/** A real transport that the simulated world can cut: what is open is destroyed, what is opened meanwhile fails. */
export class SimTransport implements Transport {
  readonly #world: SimWorld;
  readonly #inner: Transport;
  readonly #open = new Set<Duplex>();
  #stop: (() => void) | null = null;

  constructor({ world, inner }: { world: SimWorld; inner: Transport }) {
    this.#world = world;
    this.#inner = inner;
  }

  start(): void {
    this.#stop ??= this.#world.onLink((link) => {
      if (link === 'down') this.#cut();
    });
  }

  open(url: string): Duplex {
    if (this.#world.link === 'down') return refused();
    const stream = this.#inner.open(url);
    this.#open.add(stream);
    stream.once('close', () => this.#open.delete(stream));
    return stream;
  }

  close(): void {
    this.#stop?.();
    this.#stop = null;
  }

  #cut(): void {
    for (const stream of this.#open) stream.destroy(new WatchpostError('WP2316'));
  }
}

/** A stream that fails as a connection does: after it was handed out, by an error event. */
function refused(): Duplex {
  const error = new WatchpostError('WP2316');
  const stream = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => done(error),
  });
  process.nextTick(() => stream.destroy(error));
  return stream;
}
