import Sqlite, { type Database } from 'better-sqlite3';
import type { Test } from 'tap';
import { listAudit } from '#broker/persistence/ledger/audit-log.ts';
import { invariants } from '#scripts/care/invariants.ts';
import { addressOf, type DaySize, type SiteYears } from './site-years.ts';

const mebibytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);

/** Bytes of each table with its indexes, the largest first. */
export function sizesByTable(sql: Database): [string, number][] {
  return sql
    .prepare<[], [string, number]>(
      `SELECT schema.tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_master AS schema ON schema.name = dbstat.name
       GROUP BY 1 ORDER BY 2 DESC`,
    )
    .raw()
    .all();
}

export function describe(t: Pick<Test, 'comment'>, site: SiteYears, days: readonly DaySize[]): void {
  const every = Math.ceil(days.length / 24);
  for (const { day, bytes, freeBytes, logBytes } of days.filter(({ day: n }) => n % every === 0)) {
    t.comment(
      `day ${day}: ${mebibytes(bytes)} MiB, ${mebibytes(freeBytes)} free, log ${mebibytes(logBytes)}`,
    );
  }
  const named = sizesByTable(site.db.sql).map(([table, bytes]) => `${table} ${mebibytes(bytes)}`);
  t.comment(
    `${site.messages} messages, ${site.incidents} incidents; MiB by table: ${named.slice(0, 12).join(', ')}`,
  );
}

/** Neither the file, nor its free pages, nor its log, nor any table that outlives events grows without end. */
export function judgeSizes(
  t: Pick<Test, 'ok' | 'equal'>,
  days: readonly DaySize[],
  { settledDay, factor }: { settledDay: number; factor: number },
): void {
  const last = days.slice(-Math.floor(days.length / 4));
  const settled = days.slice(settledDay, settledDay + Math.max(2, Math.floor(days.length / 12)));
  const most = (list: readonly DaySize[]) => Math.max(...list.map(({ bytes }) => bytes));
  const growth = most(last) / most(settled);
  t.ok(growth <= factor, `the last quarter takes ${growth.toFixed(3)} of the first settled month`);
  const free = Math.max(...last.map(({ bytes, freeBytes }) => freeBytes / Math.max(bytes, 40 * 1024 * 1024)));
  t.ok(free <= 0.12, `at most ${(free * 100).toFixed(1)} % of the file are free`);
  // Not its highest peak: simulated time leaves the thread that moves the log no pause, and a busy machine no turn.
  const logs = days.map(({ logBytes }) => logBytes).sort((a, b) => a - b);
  const usual = logs[Math.floor(logs.length * 0.9)] ?? 0;
  t.ok(usual <= 64 * 1024 * 1024, `the log has at most ${mebibytes(usual)} MiB on nine days of ten`);
}

export function judgeTables(
  t: Pick<Test, 'ok' | 'equal' | 'same'>,
  { db }: SiteYears,
  devices: number,
): void {
  const count = (table: string) => Number(db.sql.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
  t.equal(count('ledger_lane'), devices * 3, 'one watermark a lane');
  t.ok(count('ledger_ahead') <= devices * 4, `${count('ledger_ahead')} ranges beyond a gap`);
  t.ok(count('ledger_boot') <= devices * 65, `${count('ledger_boot')} boots`);
  t.ok(count('path_test') <= devices * 33, `${count('path_test')} tests`);
  t.ok(count('mqtt_outgoing') <= 2001, `${count('mqtt_outgoing')} messages wait for the one who is away`);
  const wrong = [...invariants(db.sql)].filter(({ ok }) => !ok);
  t.same(wrong, [], 'what the check looks at holds');
}

/** Tables that are small whatever happens: they are read as a whole. */
const SMALL = new Set([
  'json_each',
  'json_tree',
  'device',
  'path_watch',
  'evidence_hold',
  'retention_mark',
  'site_time',
  'ledger_lane',
  'old',
  'ledger_boot',
  'ledger_ahead',
  'meta',
]);

/** Texts of statements, from now on; to be asked for before the database is opened. */
export class StatementWitness {
  readonly texts = new Set<string>();
  readonly #prepare = Object.getOwnPropertyDescriptor(Sqlite.prototype, 'prepare');
  isLooking = false;

  constructor() {
    const prepare = Sqlite.prototype.prepare;
    const see = (text: string) => {
      if (this.isLooking && /^\s*(SELECT|DELETE|UPDATE)/i.test(text)) this.texts.add(text);
    };
    const value = new Proxy(prepare, {
      apply: (target, self, [text, ...rest]) => {
        see(String(text));
        return Reflect.apply(target, self, [text, ...rest]);
      },
    });
    Object.defineProperty(Sqlite.prototype, 'prepare', { ...this.#prepare, value });
  }

  end(): void {
    Object.defineProperty(Sqlite.prototype, 'prepare', { ...this.#prepare });
  }
}

/** What ingest, lists, pages and rounds ask is found by an index: every text that they have prepared, explained. */
export function judgePlans(
  t: Pick<Test, 'ok' | 'same'>,
  { side, ledger, db }: SiteYears,
  witness: StatementWitness,
): void {
  const address = addressOf(1);
  const source = `/wp/${address.site}/${address.device}`;
  const after = 1e9;
  ledger.list({ after, limit: 100 });
  ledger.list({ source, after, limit: 100 });
  ledger.list({ type: 'wp.panic.pressed.v1', after, limit: 100 });
  ledger.list({ source, type: 'wp.path.tested.v1', after, limit: 100 });
  const [item] = side.view.list({ states: ['resolved', 'reviewed'], before: 1e9, limit: 100 });
  side.view.list({ states: ['open', 'acknowledged'], before: 1e9, limit: 100 });
  side.view.detail(item?.item.id ?? '');
  side.view.openIncidentOf(address);
  side.view.testsOf(address, 10);
  side.view.noticesFor(address, 0);
  side.view.incidentOfEvent('x');
  listAudit(db.sql, { before: 1e9, limit: 100 });
  const { texts } = witness;
  t.ok(texts.size > 40, `${texts.size} statements`);
  t.same(
    [...texts].flatMap((text) => scansIn(db.path, text)),
    [],
    'no table is read as a whole',
  );
}

function scansIn(path: string, text: string): string[] {
  const sql = new Sqlite(path, { readonly: true });
  try {
    // The plan does not depend on the values.
    const bound = text.replaceAll(/\?|@\w+/g, '1');
    return sql
      .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${bound}`)
      .all()
      .map(({ detail }) => detail)
      .filter((detail) => isScan(detail, text))
      .map((detail) => `${detail} in ${text.replaceAll(/\s+/g, ' ').slice(0, 120)}`);
  } finally {
    sql.close();
  }
}

/** An index over a few rows alone is read as a whole, and rows in their own order until there are enough. */
function isScan(detail: string, text: string): boolean {
  const [, table] = /^SCAN (\w+)/.exec(detail) ?? [];
  if (table === undefined || SMALL.has(table) || / (COVERING INDEX|INDEX incident_escalating)/.test(detail)) {
    return false;
  }
  return !/^SELECT [\w, ]+ FROM \w+ ORDER BY row DESC LIMIT 1$/.test(text);
}
