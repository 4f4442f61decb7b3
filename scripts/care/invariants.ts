import type { Database } from 'better-sqlite3';
import type { CheckResult } from './check.ts';

interface Invariant {
  readonly check: string;
  /** What holds. */
  readonly holds: string;
  /** Names each breach, up to a few. */
  readonly breaches: string;
  readonly remedy: string;
}

const REPORT = 'This is a fault of the program: keep a backup and report it.';
const WRITTEN_BY_HAND = 'Something else has written to the database: restore the newest good backup.';

/** What the broker's own code keeps true between its tables; docs/care.md explains each. */
const INVARIANTS: readonly Invariant[] = [
  {
    check: 'events',
    holds: 'every event is what its columns say',
    breaches: `SELECT 'row ' || row FROM ledger_event WHERE NOT json_valid(envelope)
      OR envelope ->> '$.id' <> id OR envelope ->> '$.source' <> source OR envelope ->> '$.type' <> type
      OR (envelope ->> '$.wpseq') IS NOT seq`,
    remedy: WRITTEN_BY_HAND,
  },
  {
    check: 'watermarks',
    holds: 'nothing is settled twice or out of order',
    breaches: `SELECT ahead.source || ' ' || ahead.lane || ' ' || seq_from FROM ledger_ahead AS ahead
      LEFT JOIN ledger_lane AS lane USING (source, epoch, lane)
      WHERE lane.up_to IS NULL OR seq_from > seq_to OR seq_from <= lane.up_to + 1
        OR EXISTS (SELECT 1 FROM ledger_ahead AS other WHERE other.source = ahead.source
          AND other.epoch = ahead.epoch AND other.lane = ahead.lane
          AND other.seq_from > ahead.seq_from AND other.seq_from <= ahead.seq_to + 1)`,
    remedy: REPORT,
  },
  {
    check: 'settled-events',
    holds: 'every event of the ledger is settled',
    breaches: `SELECT 'row ' || event.row FROM ledger_event AS event
      LEFT JOIN ledger_lane AS lane USING (source, epoch, lane)
      WHERE event.epoch <> 'site' AND event.seq IS NOT NULL AND (lane.up_to IS NULL OR (event.seq > lane.up_to
        AND NOT EXISTS (SELECT 1 FROM ledger_ahead AS ahead WHERE ahead.source = event.source
          AND ahead.epoch = event.epoch AND ahead.lane = event.lane
          AND event.seq BETWEEN ahead.seq_from AND ahead.seq_to)))`,
    remedy: REPORT,
  },
  {
    check: 'watermark-ids',
    holds: 'each watermark names the event that it stands at',
    breaches: `SELECT lane.source || ' ' || lane.lane || ' ' || up_to FROM ledger_lane AS lane
      JOIN ledger_event AS event ON event.source = lane.source AND event.epoch = lane.epoch
        AND event.lane = lane.lane AND event.seq = lane.up_to
      WHERE lane.at_id IS NOT NULL AND lane.at_id <> event.id`,
    remedy: REPORT,
  },
  {
    check: 'incidents',
    holds: 'every incident has its alarms and begins with its opening',
    breaches: `SELECT id FROM incident WHERE alarm_count <>
        (SELECT count(*) FROM incident_alarm WHERE incident_id = incident.id)
      OR alarm_count = 0
      OR NOT EXISTS (SELECT 1 FROM incident_step WHERE incident_id = incident.id)`,
    remedy: REPORT,
  },
  {
    check: 'alarms',
    holds: 'every alarm of the last day is in an incident',
    breaches: `SELECT 'row ' || row || ' ' || type FROM ledger_event AS event
      WHERE lane = 'alarm' AND epoch <> 'site' AND type <> 'wp.path.tested.v1'
        AND NOT EXISTS (SELECT 1 FROM incident_alarm WHERE event_id = event.id)
        -- Incidents go by a time of their own, after a day at the earliest.
        AND received_at > (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', max(received_at), '-1 day') FROM ledger_event)`,
    remedy: REPORT,
  },
  {
    check: 'queues',
    holds: 'what waits for sessions has one packet id each and the size that is counted',
    breaches: `SELECT 'session ' || session || ' packet ' || packet_id FROM mqtt_outgoing
      WHERE packet_id IS NOT NULL GROUP BY session, packet_id HAVING count(*) > 1
      UNION ALL
      SELECT 'session ' || session || ' message ' || number FROM mqtt_outgoing
      WHERE bytes <> length(CAST(topic AS BLOB)) + coalesce(length(CAST(payload AS BLOB)), 0)
        OR qos NOT IN (1, 2) OR (released = 1 AND qos <> 2)`,
    remedy: REPORT,
  },
];

/** Breaches named in one finding. */
const SHOWN = 5;

export function* invariants(sql: Database): Generator<CheckResult> {
  for (const { check, holds, breaches, remedy } of INVARIANTS) {
    const found = sql
      .prepare<[number], string>(`${breaches} LIMIT ?`)
      .pluck()
      .all(SHOWN + 1);
    if (found.length === 0) yield { check, ok: true, detail: holds, remedy: null };
    else {
      const more = found.length > SHOWN ? ' and more' : '';
      const detail = `not so: ${holds}: ${found.slice(0, SHOWN).join(', ')}${more}`;
      yield { check, ok: false, detail, remedy };
    }
  }
}
