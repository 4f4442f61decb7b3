import type { Database } from 'better-sqlite3';
import type { LedgerEvent } from '#broker/persistence/ports.ts';
import type { Envelope } from '#contract/envelope.ts';
import { EVENT_DATA } from '#contract/event-data.ts';
import { Sighting } from '#contract/http.ts';
import { topicOf } from './rules.ts';

/** What comes after the report of an object, and the state that it brings by itself. */
const FOLLOW_UPS: ReadonlyMap<string, Sighting['state']> = new Map([
  ['wp.object.updated.v1', undefined],
  ['wp.object.reclaimed.v1', 'reclaimed'],
  ['wp.object.removed.v1', 'removed'],
]);

/** What a camera says of an object in an event; null where the event is about none. */
export function sightingOf({ type, data }: Envelope): Sighting | null {
  if (type !== 'wp.object.left.v1' && !FOLLOW_UPS.has(type)) return null;
  const read = EVENT_DATA['wp.object.left.v1'].safeParse(data);
  if (!read.success) return null;
  const state = FOLLOW_UPS.get(type) ?? read.data.state;
  return Sighting.parse({ ...read.data, ...(state === undefined ? {} : { state }) });
}

/**
 * Adds what is told later to the alarm of the same object, whatever has become of the incident: a film may come when
 * it is resolved already. Answers the incident that changed, or null.
 */
export function followUp(sql: Database, { site, device, envelope }: LedgerEvent): string | null {
  const later = FOLLOW_UPS.has(envelope.type) ? sightingOf(envelope) : null;
  if (later === null) return null;
  const alarm = sql
    .prepare<[string, string, string], { row: number; incident_id: string; sighting: string }>(
      `SELECT a.row, a.incident_id, a.sighting FROM incident i JOIN incident_alarm a ON a.incident_id = i.id
       WHERE i.site = ? AND i.device = ? AND i.topic = ? AND a.sighting IS NOT NULL ORDER BY a.row DESC LIMIT 1`,
    )
    .get(site, device, topicOf(envelope.type, envelope.data));
  if (alarm === undefined) return null;
  const earlier = Sighting.parse(JSON.parse(alarm.sighting));
  const sighting = JSON.stringify(joined(earlier, later));
  if (sighting === alarm.sighting) return null;
  sql.prepare('UPDATE incident_alarm SET sighting = ? WHERE row = ?').run(sighting, alarm.row);
  sql.prepare('UPDATE incident SET rev = rev + 1 WHERE id = ?').run(alarm.incident_id);
  return alarm.incident_id;
}

/** The newest of everything; events may overtake each other, so a state that came later in the stream stays. */
function joined(earlier: Sighting, later: Sighting): Sighting {
  const isNewer = later.t >= earlier.t;
  // That a film is ready is no reason for an alarm.
  const { reason } = later.clip === undefined && isNewer ? later : earlier;
  return { ...(isNewer ? { ...earlier, ...later } : { ...later, ...earlier }), reason };
}
