import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { readDatabase } from '../doctor/journal-copy.ts';

const TYPES = [
  'wp.health.changed.v1',
  'wp.agent.restarted.v1',
  'wp.selftest.finished.v1',
  'wp.lane.dropped.v1',
];
const NEWEST = 500;
const Row = z.object({ type: z.string(), body: z.string() });

/** What a device has noted of its own health and the site has not received yet; received events are deleted. Newest first. */
export function healthHistory(dataDir: string): unknown[] {
  const file = join(dataDir, 'events.db');
  if (!existsSync(file)) return [];
  const marks = TYPES.map(() => '?').join(', ');
  const query = `SELECT type, body FROM eventRecords WHERE type IN (${marks}) ORDER BY seq DESC LIMIT ${NEWEST}`;
  const rows = readDatabase(file, (sql) => z.array(Row).parse(sql.prepare(query).all(...TYPES)));
  return rows.map(({ type, body }) => ({ type, envelope: JSON.parse(body) }));
}
