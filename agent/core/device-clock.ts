import { existsSync, readFileSync } from 'node:fs';
import type { ClockSource, DeviceClock } from '#agent/ports/clock.ts';
import type { Cancel, Clock, ClockQuality } from '#contract/clock.ts';

/** No device ran this program before: a wall clock that is behind this was never set. */
export const BUILT_AT_MS = Date.UTC(2026, 10, 1);

const SYNCHRONIZED = '/run/systemd/timesync/synchronized';
const LOOK_EVERY_MS = 5_000;

/** The machine's own clock; systemd-timesyncd touches a file when it has set it (systemd-timesyncd.service(8)). */
export const machineClockSource: ClockSource = {
  wallMs: () => Date.now(),
  isSynced: () => existsSync(SYNCHRONIZED),
};

/** The kernel's random id of this boot. */
export function machineBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

export interface SystemDeviceClockOptions {
  readonly source: ClockSource;
  readonly bootId: string;
  /** Timers and durations. */
  readonly clock: Clock;
  readonly builtAtMs?: number;
  readonly sinceBootMs?: () => number;
}

/**
 * `synced`: set from outside since boot, or by the site's time. `unset`: behind the build of this program.
 * `holdover`: plausible (a battery-backed clock), yet nothing has confirmed it since boot.
 * The site's time moves only this program's view; the machine's clock stays as it is.
 */
export class SystemDeviceClock implements DeviceClock {
  readonly bootId: string;
  readonly #source: ClockSource;
  readonly #clock: Clock;
  readonly #builtAtMs: number;
  readonly #sinceBoot: () => number;
  readonly #listeners = new Set<(quality: ClockQuality) => void>();
  #siteOffsetMs: number | null = null;
  #synced = false;
  #announced: ClockQuality = 'unset';
  #stopLooking: Cancel | null = null;

  constructor({ source, bootId, clock, builtAtMs, sinceBootMs }: SystemDeviceClockOptions) {
    this.#source = source;
    this.bootId = bootId;
    this.#clock = clock;
    this.#builtAtMs = builtAtMs ?? BUILT_AT_MS;
    this.#sinceBoot = sinceBootMs ?? monotonicMs;
  }

  start(): void {
    this.look();
    this.#stopLooking ??= this.#clock.every(LOOK_EVERY_MS, () => this.look());
  }

  close(): void {
    this.#stopLooking?.();
    this.#stopLooking = null;
  }

  /** Looks at the source again; the simulator calls it when it has changed something. */
  look(): void {
    this.#synced = this.#source.isSynced();
    if (this.#siteOffsetMs !== null && this.#isMachineSet()) this.#siteOffsetMs = null;
    const quality = this.quality();
    if (quality === this.#announced) return;
    this.#announced = quality;
    for (const listener of this.#listeners) listener(quality);
  }

  quality(): ClockQuality {
    if (this.#synced || this.#siteOffsetMs !== null) return 'synced';
    return this.#isMachineSet() ? 'holdover' : 'unset';
  }

  wallMs(): number {
    const ms = this.#source.wallMs();
    // Set since the last look: what the site's time was added to is no longer what is read.
    return this.#siteOffsetMs === null || ms >= this.#builtAtMs ? ms : ms + this.#siteOffsetMs;
  }

  /**
   * When certificates must be valid, or null where the machine's own clock can tell. `trustedMs` is the site's time
   * that was heard last, however long ago.
   */
  certificateTimeMs(trustedMs: number): number | null {
    if (this.#isMachineSet()) return null;
    return Math.max(this.#builtAtMs, trustedMs, this.wallMs());
  }

  monoMs(): number {
    return this.#clock.monoMs();
  }

  sinceBootMs(): number {
    return this.#sinceBoot();
  }

  after(delayMs: number, callback: () => void): Cancel {
    return this.#clock.after(delayMs, callback);
  }

  every(periodMs: number, callback: () => void): Cancel {
    return this.#clock.every(periodMs, callback);
  }

  offerSiteTime(siteWallMs: number): void {
    if (!Number.isFinite(siteWallMs) || siteWallMs < this.#builtAtMs || this.quality() !== 'unset') return;
    this.#siteOffsetMs = siteWallMs - this.#source.wallMs();
    this.look();
  }

  onQuality(listener: (quality: ClockQuality) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #isMachineSet(): boolean {
    return this.#synced || this.#source.wallMs() >= this.#builtAtMs;
  }
}

/** Where CLOCK_MONOTONIC stood when `performance.now()` began: on Linux it counts from boot, whatever process asks. */
const BEGAN_MS = Math.max(...[1, 2, 3].map(beganMs));

/**
 * Too early by what passes between the two looks, so that the latest of several is nearest. The first call of
 * `performance.now` alone took 35 ms on a slow machine: edges stamped by the kernel would lie in the future.
 */
function beganMs(): number {
  return Number(process.hrtime.bigint()) / 1e6 - performance.now();
}

/** Not asked of `hrtime` each time: it allocates, and every event is dated. */
export function monotonicMs(): number {
  return BEGAN_MS + performance.now();
}
