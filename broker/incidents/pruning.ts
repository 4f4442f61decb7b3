import type { Database } from 'better-sqlite3';
import type { MarkedRows } from '#broker/persistence/ledger/retention-marks.ts';
import type { Batch } from './retention.ts';

/** Rows in one commit. An incident has a dozen rows behind it. */
const ROWS = 250;
const INCIDENTS = 25;

const CHILDREN = ['notification', 'escalation_step', 'incident_step', 'incident_alarm'] as const;

/** Resolved incidents in which nothing was done since the mark, with everything that belongs to them. */
export function pruneIncidents(sql: Database, { incident, step }: MarkedRows): Batch {
  const ids = sql
    .prepare<[number, number], string>(
      `SELECT id FROM incident WHERE state IN ('resolved', 'reviewed') AND row <= ?
       AND NOT EXISTS (SELECT 1 FROM incident_step WHERE incident_id = incident.id AND row > ?)
       ORDER BY row LIMIT ${INCIDENTS}`,
    )
    .pluck()
    .all(incident, step);
  const gone = JSON.stringify(ids);
  for (const table of CHILDREN) {
    sql.prepare(`DELETE FROM ${table} WHERE incident_id IN (SELECT value FROM json_each(?))`).run(gone);
  }
  sql.prepare('DELETE FROM incident WHERE id IN (SELECT value FROM json_each(?))').run(gone);
  return { removed: ids.length, more: ids.length === INCIDENTS };
}

/** Those that wait for an attempt, and those of incidents that are not over, stay. */
export function pruneNotifications(sql: Database, { notification }: MarkedRows): Batch {
  const { changes } = sql
    .prepare(
      `DELETE FROM notification WHERE row IN (SELECT row FROM notification
       WHERE row <= ? AND next_attempt_ms IS NULL AND incident_id NOT IN
         (SELECT id FROM incident WHERE state IN ('open', 'acknowledged', 'assigned', 'on-scene'))
       ORDER BY row LIMIT ${ROWS})`,
    )
    .run(notification);
  return { removed: changes, more: changes === ROWS };
}

export const pruneCommands = (sql: Database, { command }: MarkedRows): Batch =>
  pruneOldest(sql, 'command', command);

export const pruneQuarantine = (sql: Database, { quarantine }: MarkedRows): Batch =>
  pruneOldest(sql, 'quarantine', quarantine);

function pruneOldest(sql: Database, table: 'command' | 'quarantine', upToRow: number): Batch {
  const { changes } = sql
    .prepare(
      `DELETE FROM ${table} WHERE row IN (SELECT row FROM ${table} WHERE row <= ? ORDER BY row LIMIT ${ROWS})`,
    )
    .run(upToRow);
  return { removed: changes, more: changes === ROWS };
}
