import type { Clock, ClockQuality } from '#contract/clock.ts';

/** The device's clock: may start in 1970, is set from outside or by the site's time in receipts. */
export interface DeviceClock extends Clock {
  quality(): ClockQuality;
  /** Milliseconds since the machine booted (CLOCK_MONOTONIC): survives a restart of the agent. */
  sinceBootMs(): number;
  /** Changes at every boot of the machine. */
  readonly bootId: string;
  /** The site's time, offered by a receipt; used only while the clock is unset. */
  offerSiteTime(siteWallMs: number): void;
  onQuality(listener: (quality: ClockQuality) => void): () => void;
}

/** Where the device's clock gets its time from: the machine, or the simulator that forces `unset` and `synced`. */
export interface ClockSource {
  wallMs(): number;
  /** Whether something outside (NTP, GNSS) has set the machine's clock since boot. */
  isSynced(): boolean;
}
