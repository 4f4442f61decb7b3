import type { Database } from 'better-sqlite3';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import type { Cancel, Clock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';
import type { DeviceDirectory, KnownDevice, SiteEvents } from './ports.ts';
import { REHEARSED_S } from './test-mode.ts';

export interface SupervisionOptions {
  readonly db: GroupCommit;
  readonly clock: Clock;
  readonly log: Log;
  readonly devices: DeviceDirectory;
  readonly events: SiteEvents;
  /** For a device that has not said its own interval. */
  readonly defaultS: number;
  /** Whether the absence of this device is being rehearsed: nobody waits long for that. */
  readonly isRehearsed?: (address: DeviceAddress) => boolean;
}

/** How often silence is looked for; finer than any interval a profile may name. */
const LOOK_EVERY_MS = 1_000;

/**
 * Judges at the site whether devices are still heard: a device cannot report its own silence. One that was silent
 * past its interval raises `wp.supervision.lost.v1` once; when it is heard again, `wp.supervision.restored.v1`.
 * Silence counts by the monotonic clock from when we first saw the device's newest sign of life: a step of the wall
 * clock raises nothing, and after a start of the site, when nobody was listening, every device has its interval.
 */
export class Supervision {
  readonly #options: SupervisionOptions;
  readonly #heard = new Map<string, { readonly lastSeenAt: string | null; readonly atMonoMs: number }>();
  #cancel: Cancel | null = null;
  #looking = false;

  constructor(options: SupervisionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#cancel = this.#options.clock.every(LOOK_EVERY_MS, () => void this.look());
  }

  /** Idempotent. */
  close(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  /** One look at every device; resolves when what changed is on disk. What fails is looked at again. */
  async look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const faults = readFaults(this.#options.db.sql);
      for (const device of this.#options.devices.devices()) {
        await this.#judge(device, faults.get(clientIdOf(device)));
      }
    } catch (error) {
      this.#options.log.error({ error: String(error) }, 'supervision.failed');
    } finally {
      this.#looking = false;
    }
  }

  async #judge(device: KnownDevice, fault: Fault | undefined): Promise<void> {
    const { silentMs, anew } = this.#listen(device);
    if (fault === undefined) {
      if (silentMs > this.#intervalS(device) * 1000) await this.#change(device, 'lost');
    } else if (anew || (device.lastSeenAt ?? '') > fault.last_seen_at) {
      await this.#change(device, 'restored');
    }
  }

  async #change(device: KnownDevice, to: 'lost' | 'restored'): Promise<void> {
    const { db, log, events } = this.#options;
    const { lastSeenAt, online } = device;
    try {
      await db.commit((sql) => {
        remember(sql, device, to);
        events.record(device, `wp.supervision.${to}.v1`, {
          device: device.device,
          lastSeenAt,
          intervalS: this.#intervalS(device),
          ...(to === 'lost' ? { cause: online ? 'silent' : 'will' } : {}),
        });
      });
      log.info({ device: clientIdOf(device) }, `supervision.${to}`);
    } catch (error) {
      log.error({ device: clientIdOf(device), error: String(error) }, 'supervision.not-stored');
    }
  }

  /** `anew`: a sign of life since the last look, whatever the wall clock says of it; the first look cannot know. */
  #listen(device: KnownDevice): { silentMs: number; anew: boolean } {
    const nowMs = this.#options.clock.monoMs();
    const id = clientIdOf(device);
    const heard = this.#heard.get(id);
    if (heard !== undefined && heard.lastSeenAt === device.lastSeenAt) {
      return { silentMs: nowMs - heard.atMonoMs, anew: false };
    }
    this.#heard.set(id, { lastSeenAt: device.lastSeenAt, atMonoMs: nowMs });
    return { silentMs: 0, anew: heard !== undefined };
  }

  #intervalS(device: KnownDevice): number {
    const { defaultS, isRehearsed } = this.#options;
    const intervalS = device.state?.supervisionS ?? defaultS;
    return isRehearsed?.(device) === true ? Math.min(intervalS, REHEARSED_S) : intervalS;
  }
}

interface Fault extends DeviceAddress {
  /** What the device's newest sign of life was when it was declared lost; '' for none. */
  readonly last_seen_at: string;
}

function readFaults(sql: Database): Map<string, Fault> {
  const rows = sql.prepare<[], Fault>('SELECT site, device, last_seen_at FROM supervision_fault').all();
  return new Map(rows.map((fault) => [clientIdOf(fault), fault]));
}

function remember(sql: Database, { site, device, lastSeenAt }: KnownDevice, to: 'lost' | 'restored'): void {
  if (to === 'lost') {
    sql
      .prepare('INSERT INTO supervision_fault (site, device, last_seen_at) VALUES (?, ?, ?)')
      .run(site, device, lastSeenAt ?? '');
  } else {
    sql.prepare('DELETE FROM supervision_fault WHERE site = ? AND device = ?').run(site, device);
  }
}
