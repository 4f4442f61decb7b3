import type { Database } from 'better-sqlite3';
import type { Envelope } from '#contract/envelope.ts';
import { lazy } from '../lazy.ts';
import type { GroupCommit } from '../ports.ts';

export type Dated = 'device' | 'boot' | 'arrival';

/** An event that was dated by its arrival and now by its boot. */
export interface Redated {
  readonly row: number;
  readonly happenedAt: string;
}

/**
 * When things happened, where devices start in 1970. A device counts milliseconds since its boot; the first message
 * of a boot whose clock is synced tells when that boot was, for what came before it and what comes after.
 */
export class Dating {
  readonly #store: GroupCommit;
  readonly #offset = lazy(() =>
    this.#store.sql
      .prepare<[string, string], number>('SELECT offset_ms FROM ledger_boot WHERE source = ? AND boot = ?')
      .pluck(),
  );
  readonly #learn = lazy(() =>
    this.#store.sql.prepare('INSERT OR IGNORE INTO ledger_boot (source, boot, offset_ms) VALUES (?, ?, ?)'),
  );
  readonly #undated = lazy(() =>
    this.#store.sql.prepare<[string, string], { row: number; mono_ms: number }>(
      "SELECT row, mono_ms FROM ledger_event WHERE source = ? AND boot = ? AND dated = 'arrival' ORDER BY row",
    ),
  );
  readonly #redate = lazy(() =>
    this.#store.sql.prepare("UPDATE ledger_event SET happened_at = ?, dated = 'boot' WHERE row = ?"),
  );

  constructor(store: GroupCommit) {
    this.#store = store;
  }

  date(envelope: Envelope, receivedAt: string): { happenedAt: string; dated: Dated } {
    if (envelope.wpclock !== 'unset') return { happenedAt: envelope.time, dated: 'device' };
    const offsetMs = this.#offset().get(envelope.source, envelope.wpboot);
    if (offsetMs === undefined) return { happenedAt: receivedAt, dated: 'arrival' };
    return { happenedAt: isoAt(offsetMs + Number(envelope.wpmono), receivedAt), dated: 'boot' };
  }

  /** Inside a commit: learns from a synced event when its boot was, and corrects what waited for that. */
  learn(envelope: Envelope): Redated[] {
    const { source, wpboot, wpmono, time, wpclock } = envelope;
    if (wpclock !== 'synced') return [];
    const offsetMs = Date.parse(time) - Number(wpmono);
    if (!Number.isFinite(offsetMs) || this.#learn().run(source, wpboot, offsetMs).changes === 0) return [];
    return this.#undated()
      .all(source, wpboot)
      .map(({ row, mono_ms }) => {
        const happenedAt = isoAt(offsetMs + mono_ms, time);
        this.#redate().run(happenedAt, row);
        return { row, happenedAt };
      });
  }
}

/** Boots remembered of each device besides those with events. */
const KEPT_BOOTS = 64;

/**
 * Inside a commit: forgets boots from which there are no events and that are not the device's present one, but for the
 * newest. Answers how many.
 */
export function pruneBoots(sql: Database): number {
  return sql
    .prepare(
      `DELETE FROM ledger_boot WHERE (source, boot) IN (
         SELECT source, boot FROM (SELECT source, boot,
                                     row_number() OVER (PARTITION BY source ORDER BY offset_ms DESC) AS age
                                   FROM ledger_boot) AS old
         WHERE age > ${KEPT_BOOTS}
           AND NOT EXISTS (SELECT 1 FROM device WHERE device.source = old.source
                             AND json_extract(device.state, '$.bootId') = old.boot)
           AND NOT EXISTS (SELECT 1 FROM ledger_event WHERE ledger_event.source = old.source
                             AND ledger_event.boot = old.boot AND dated = 'arrival'))`,
    )
    .run().changes;
}

/** A date outside of what ECMAScript can say (a device that counts nonsense) falls back to `otherwise`. */
function isoAt(wallMs: number, otherwise: string): string {
  const date = new Date(wallMs);
  return Number.isNaN(date.getTime()) ? otherwise : date.toISOString();
}
