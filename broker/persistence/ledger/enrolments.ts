import type { Database } from 'better-sqlite3';
import type { Clock } from '#contract/clock.ts';
import { Enrolment, type EnrolmentItem } from '#contract/http.ts';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';
import type { GroupCommit } from '../ports.ts';
import type { AuditLog } from './audit-log.ts';

interface EnrolmentRow {
  readonly site: string;
  readonly device: string;
  readonly place: string;
  readonly roles: string;
  readonly serial: string;
  readonly expires_at: string;
  readonly enrolled_at: string;
  readonly enrolled_by: string;
  readonly last_seen_at: string | null;
}

export interface EnrolmentsParts {
  readonly db: GroupCommit;
  readonly clock: Clock;
  readonly audit: Pick<AuditLog, 'append'>;
}

/** The devices that were given an identity (docs/provisioning.md); whoever changes the list is in the audit. */
export class Enrolments {
  readonly #parts: EnrolmentsParts;

  constructor(parts: EnrolmentsParts) {
    this.#parts = parts;
  }

  /** Enters a device, or changes what is entered of it. Resolves when it is on the disk. */
  async put(address: DeviceAddress, enrolment: Enrolment, by: string): Promise<EnrolmentItem> {
    const { db, clock, audit } = this.#parts;
    const { place, roles, serial, expiresAt } = enrolment;
    return db.commit((sql) => {
      sql
        .prepare(
          `INSERT INTO enrolment (site, device, place, roles, serial, expires_at, enrolled_at, enrolled_by)
           VALUES (@site, @device, @place, @roles, @serial, @expires_at, @enrolled_at, @enrolled_by)
           ON CONFLICT DO UPDATE SET place = excluded.place, roles = excluded.roles, serial = excluded.serial,
             expires_at = excluded.expires_at, enrolled_at = excluded.enrolled_at, enrolled_by = excluded.enrolled_by`,
        )
        .run({
          ...{ site: address.site, device: address.device, serial, expires_at: expiresAt, enrolled_by: by },
          ...{ place: JSON.stringify(place), roles: JSON.stringify(roles) },
          enrolled_at: new Date(clock.wallMs()).toISOString(),
        });
      const detail = { place: place.label, roles, serial, expiresAt };
      audit.append(sql, { who: by, action: 'device.enrolled', subject: clientIdOf(address), detail });
      return itemOf(rowsOf(sql, address)[0]);
    });
  }

  /** Takes a device off the list; answers whether it was on it. Its events stay. */
  async remove(address: DeviceAddress, by: string): Promise<'removed' | 'unknown'> {
    const { db, audit } = this.#parts;
    return db.commit((sql) => {
      const { changes } = sql
        .prepare('DELETE FROM enrolment WHERE site = ? AND device = ?')
        .run(address.site, address.device);
      if (changes === 0) return 'unknown';
      audit.append(sql, { who: by, action: 'device.dismissed', subject: clientIdOf(address) });
      return 'removed';
    });
  }

  /** By name, with when each was last heard of. */
  list(): EnrolmentItem[] {
    return rowsOf(this.#parts.db.sql, null).map(itemOf);
  }
}

function rowsOf(sql: Database, address: DeviceAddress | null): EnrolmentRow[] {
  return sql
    .prepare<{ site: string | null; device: string | null }, EnrolmentRow>(
      `SELECT enrolment.*, device.last_seen_at FROM enrolment
       LEFT JOIN device ON device.site = enrolment.site AND device.device = enrolment.device
       WHERE @site IS NULL OR (enrolment.site = @site AND enrolment.device = @device)
       ORDER BY enrolment.site, enrolment.device`,
    )
    .all({ site: address?.site ?? null, device: address?.device ?? null });
}

function itemOf(row: EnrolmentRow | undefined): EnrolmentItem {
  if (row === undefined) throw new RangeError('a row that was just written is there');
  const { place, roles, serial, expires_at: expiresAt } = row;
  return {
    id: clientIdOf(row),
    ...Enrolment.parse({ place: JSON.parse(place), roles: JSON.parse(roles), serial, expiresAt }),
    enrolledAt: row.enrolled_at,
    enrolledBy: row.enrolled_by,
    lastSeenAt: row.last_seen_at,
  };
}
