import { statfsSync } from 'node:fs';
import * as z from 'zod';
import type { Clock } from '#contract/clock.ts';
import type { ErrorCode } from '#contract/errors.ts';

/** `monitoring` in the site configuration. */
export const MonitoringSettings = z.strictObject({
  /** With less room than this on the disk of the data folder the site says that it is not ready. MiB. */
  diskFreeMinMiB: z.number().min(0).max(1_000_000).default(256),
});
export type MonitoringSettings = z.infer<typeof MonitoringSettings>;

export interface Unready {
  readonly code: ErrorCode;
  readonly detail?: string;
}

export interface ReadinessParts {
  readonly clock: Clock;
  readonly dataDir: string;
  readonly settings: MonitoringSettings;
  /** Between start and stop. */
  readonly isRunning: () => boolean;
  /** False from a COMMIT that failed until one succeeds. */
  readonly isTaking: () => boolean;
  /** When the broker's own certificate ends; null where nothing listens with TLS. */
  readonly certificateEndsMs: () => number | null;
}

/** Whether devices and people can come, and why not. */
export class Readiness {
  readonly #parts: ReadinessParts;

  constructor(parts: ReadinessParts) {
    this.#parts = parts;
  }

  /** Every reason why the site should not be given work; none when it is ready. */
  reasons(): Unready[] {
    const { isRunning, isTaking } = this.#parts;
    if (!isRunning()) return [{ code: 'WP3133' }];
    const reasons: Unready[] = isTaking() ? [] : [{ code: 'WP3134' }];
    return [...reasons, ...this.#disk(), ...this.#certificate()];
  }

  #disk(): Unready[] {
    const { dataDir, settings } = this.#parts;
    const freeMiB = diskFreeBytes(dataDir) / 1024 / 1024;
    if (freeMiB >= settings.diskFreeMinMiB) return [];
    return [{ code: 'WP3135', detail: `${Math.floor(freeMiB)} MiB are free` }];
  }

  #certificate(): Unready[] {
    const { clock, certificateEndsMs } = this.#parts;
    const endsMs = certificateEndsMs();
    if (endsMs === null || endsMs > clock.wallMs()) return [];
    return [{ code: 'WP3317', detail: `it ended ${new Date(endsMs).toISOString()}` }];
  }
}

/** What an ordinary user may still write there. */
export function diskFreeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
