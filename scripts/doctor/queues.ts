import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import { readDatabase } from './journal-copy.ts';

/** What a device still has to tell, and what it knows of the site. */
export interface Queues {
  readonly alarm: number;
  readonly event: number;
  readonly telemetry: number;
  /** The site's time in its newest receipt that was stored; 0 before the first. */
  readonly siteTimeMs: number;
  /** What SQLite says is damaged. */
  readonly damage: readonly string[];
}

const Count = z.object({ n: z.int() });
const Newest = z.object({ ms: z.number().nullable() });

/** Null before the first start. Throws what SQLite throws for a file that is none of its own. */
export function queuesIn(dataDir: string): Queues | null {
  const [alarms, events] = [join(dataDir, 'alarm.db'), join(dataDir, 'events.db')];
  if (!existsSync(alarms)) return null;
  const one = readDatabase(alarms, (sql) => ({
    alarm: count(sql, 'SELECT count(*) AS n FROM records WHERE pending = 1'),
    ...commonOf(sql),
  }));
  if (!existsSync(events)) return { ...one, event: 0, telemetry: 0 };
  const other = readDatabase(events, (sql) => ({
    event: count(sql, 'SELECT count(*) AS n FROM eventRecords'),
    telemetry: count(sql, 'SELECT count(*) AS n FROM telemetryRecords'),
    ...commonOf(sql),
  }));
  return {
    ...{ alarm: one.alarm, event: other.event, telemetry: other.telemetry },
    siteTimeMs: Math.max(one.siteTimeMs, other.siteTimeMs),
    damage: [...one.damage, ...other.damage],
  };
}

const count = (sql: Database, query: string): number => Count.parse(sql.prepare(query).get()).n;

function commonOf(sql: Database): Pick<Queues, 'siteTimeMs' | 'damage'> {
  const { ms } = Newest.parse(sql.prepare('SELECT max(siteTimeMs) AS ms FROM lanes').get());
  const said = z.array(z.string()).parse(sql.prepare('PRAGMA quick_check(5)').pluck().all());
  return { siteTimeMs: ms ?? 0, damage: said.filter((line) => line !== 'ok') };
}
