import type { Cancel } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { greatCircleM, type Position } from '#contract/great-circle.ts';
import type { Sensor } from '../../ports/inputs.ts';
import type { GnssSensorConfig } from './config.ts';
import type { Fix } from './fix.ts';
import type { Receiver } from './receiver.ts';

export interface GnssSensorParts {
  readonly name: string;
  readonly unit: string;
  readonly measure: GnssSensorConfig['measure'];
  readonly home: Position | null;
  readonly receiver: Receiver;
}

/** A number about the newest fix: how good it is, or how far from where the device belongs. */
export class GnssSensor implements Sensor {
  readonly name: string;
  readonly unit: string;
  readonly #parts: GnssSensorParts;
  #stop: Cancel | null = null;

  constructor(parts: GnssSensorParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.unit = parts.unit;
  }

  async start(): Promise<void> {
    this.#stop ??= this.#parts.receiver.listen(() => undefined);
  }

  /** Rejects with WP2370 or WP2372 without a fresh fix, and WP2374 where the receiver does not say it. */
  async read(): Promise<number> {
    if (this.#stop === null) throw new WatchpostError('WP2304', { detail: `${this.name} is not started` });
    const value = this.#valueOf(this.#parts.receiver.fix());
    if (value === null) throw new WatchpostError('WP2374', { detail: this.#parts.measure });
    return value;
  }

  async close(): Promise<void> {
    this.#stop?.();
    this.#stop = null;
  }

  #valueOf(fix: Fix): number | null {
    const { measure, home } = this.#parts;
    switch (measure) {
      case 'hdop':
        return fix.hdop;
      case 'satellites':
        return fix.satellites;
      case 'distance':
        if (home === null) throw new WatchpostError('WP2373', { detail: this.name });
        return Math.round(greatCircleM(fix, home));
    }
  }
}
