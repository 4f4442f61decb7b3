import type { Cancel } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { greatCircleM, type Position } from '#contract/great-circle.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { ContactInput, ContactListener, InputKind } from '../../ports/inputs.ts';
import type { GnssInputConfig } from './config.ts';
import type { Fix } from './fix.ts';
import type { Receiver } from './receiver.ts';

export interface GnssTamperParts {
  readonly name: string;
  readonly kind: InputKind;
  readonly config: GnssInputConfig;
  /** Where the device belongs; null where its profile does not say. */
  readonly home: Position | null;
  readonly receiver: Receiver;
  readonly clock: DeviceClock;
}

/** It is back when it is this much of the radius near: at the very edge nothing changes all the time. */
const BACK_WITHIN = 0.8;
/** After a longer silence nobody knows that it was there all the time. */
const GAP_MS = 30_000;

/**
 * A contact that closes when the device is carried away: every fix that can be believed has been beyond the radius for
 * `holdS`. It opens when all have been back for as long. Positions stay in here.
 */
export class GnssTamper implements ContactInput {
  readonly name: string;
  readonly kind: InputKind;
  readonly #parts: GnssTamperParts;
  #listener: ContactListener | null = null;
  #stops: Cancel[] = [];
  #level: boolean | null = null;
  #isLost = false;
  #believedMs = 0;
  /** Since when every fix says this. */
  #seen: { readonly away: boolean; readonly sinceMs: number } | null = null;

  constructor(parts: GnssTamperParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.kind = parts.kind;
  }

  /** Resolves with null: where it is will be known after `holdS`. Rejects with WP2373 when the place has no coordinates. */
  async start(listener: ContactListener): Promise<null> {
    await this.close();
    const { home, receiver, clock, config } = this.#parts;
    if (home === null) throw new WatchpostError('WP2373', { detail: this.name });
    this.#listener = listener;
    this.#believedMs = clock.monoMs();
    this.#stops = [
      clock.every((config.silentS * 1000) / 4, () => this.#look()),
      receiver.listen((fix) => this.#take(fix, home)),
    ];
    return null;
  }

  async close(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop();
    this.#listener = null;
    this.#level = null;
    this.#seen = null;
    this.#isLost = false;
  }

  #take(fix: Fix, home: Position): void {
    const { config, clock } = this.#parts;
    if (fix.hdop === null || fix.hdop > config.maxHdop) return;
    const nowMs = clock.monoMs();
    if (nowMs - this.#believedMs > GAP_MS) this.#seen = null;
    this.#believedMs = nowMs;
    const distance = greatCircleM(fix, home);
    const limitM = this.#level === true ? config.radiusM * BACK_WITHIN : config.radiusM;
    const away = distance > limitM;
    if (this.#seen?.away !== away) this.#seen = { away, sinceMs: nowMs };
    if (nowMs - this.#seen.sinceMs < config.holdS * 1000) return;
    if (this.#isLost || this.#level === null) this.#found(away);
    else if (this.#level !== away) this.#change(away);
  }

  #found(away: boolean): void {
    this.#isLost = false;
    this.#level = away;
    this.#listener?.back(away);
  }

  #change(away: boolean): void {
    this.#level = away;
    this.#listener?.edge({ active: away, atMonoMs: this.#parts.clock.sinceBootMs(), edges: 1 });
  }

  /** Somebody may have cut the antenna, or jams it. */
  #look(): void {
    const { config, clock, receiver } = this.#parts;
    if (this.#isLost || clock.monoMs() - this.#believedMs < config.silentS * 1000) return;
    this.#isLost = true;
    this.#seen = null;
    this.#listener?.lost(receiver.trouble ?? new WatchpostError('WP2372', { detail: this.name }));
  }
}
