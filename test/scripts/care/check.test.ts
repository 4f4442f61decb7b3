import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import t from 'tap';
import { Ledger } from '#broker/persistence/ledger/ledger.ts';
import { Quarantine } from '#broker/persistence/ledger/quarantine.ts';
import { type CheckResult, checkSite } from '#scripts/care/check.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { memoryDatabase, temporaryFolder } from '#test/support/site-database.ts';
import { incidentSide, ledgerEvent, PILLAR, type Teardown } from '../../broker/support/desk.ts';
import { watchpost } from './watchpost.ts';

/** A site with alarms, a gap, an incident, evidence, audit: everything that is checked. */
async function site(t: Teardown): Promise<string> {
  const data = temporaryFolder(t);
  const clock = new ManualClock();
  const db = memoryDatabase(t, { clock, path: join(data, 'site.db') });
  const side = incidentSide({ db, clock });
  const ledger = new Ledger({ store: db, quarantine: new Quarantine(db), clock });
  for (const skip of [0, 0, 5, 0]) {
    for (let n = 0; n < skip; n += 1) ledgerEvent(clock, { type: 'wp.panic.released.v1' });
    await db.commit(() => {
      const event = ledgerEvent(clock, { type: 'wp.panic.pressed.v1', data: { cause: 'edge', edges: 1 } });
      ledger.ingest(PILLAR, event.envelope, false);
      side.desk.onEvent(event);
    });
  }
  await db.commit((sql) => {
    sql.exec(
      `INSERT INTO evidence (source, blob_id, event_id, media_type, bytes, pieces, sha256, state, announced_at, completed_at)
         VALUES ('/wp/mall/pillar-001', 'pic-1', 'e', 'image/png', 3, 1, '${'a'.repeat(64)}', 'complete', '', '')`,
    );
  });
  side.escalation.close();
  await db.close();
  mkdirSync(join(data, 'evidence/mall/pillar-001'), { recursive: true });
  writeFileSync(join(data, 'evidence/mall/pillar-001/pic-1'), 'abc');
  return data;
}

async function wrongIn(data: string, depth: 'sizes' | 'hashes' = 'sizes'): Promise<string[]> {
  const results: CheckResult[] = [];
  await checkSite({ dataDir: data, depth, onResult: (result) => results.push(result) });
  for (const { ok, remedy } of results) if (!ok && remedy === null) throw new RangeError('no remedy');
  return results.filter(({ ok }) => !ok).map(({ check }) => check);
}

function change(data: string, work: (sql: Database) => void): void {
  const sql = new Sqlite(join(data, 'site.db'));
  work(sql);
  sql.close();
}

t.test('a sound site is sound', async (t) => {
  const data = await site(t);
  t.same(await wrongIn(data), []);
  const checked = await watchpost('broker', 'check', '--data', data, '--json');
  t.match(checked, { code: 0, json: { check: 'evidence', ok: true } });
});

const FAULTS: Record<string, (sql: Database) => unknown> = {
  events: (sql) => sql.exec("UPDATE ledger_event SET id = 'other' WHERE row = 1"),
  'settled-events': (sql) => sql.exec('DELETE FROM ledger_ahead; UPDATE ledger_lane SET up_to = 0'),
  watermarks: (sql) => sql.exec('UPDATE ledger_ahead SET seq_to = seq_to + 100'),
  'watermark-ids': (sql) =>
    sql.exec("UPDATE ledger_lane SET at_id = 'other', up_to = (SELECT max(seq) FROM ledger_event)"),
  incidents: (sql) => sql.exec('UPDATE incident SET alarm_count = alarm_count + 1'),
  alarms: (sql) =>
    sql.exec('DELETE FROM incident_alarm WHERE row = 1; UPDATE incident SET alarm_count = alarm_count - 1'),
  audit: (sql) =>
    sql.exec("DROP TRIGGER audit_is_not_changed; UPDATE audit SET who = 'nobody' WHERE row = 1"),
  'foreign-keys': (sql) => sql.exec('PRAGMA foreign_keys = OFF; DELETE FROM incident'),
  evidence: (sql) => sql.exec('UPDATE evidence SET bytes = 4'),
};

for (const [check, fault] of Object.entries(FAULTS)) {
  t.test(`${check}: what is wrong is found, with what to do`, async (t) => {
    const data = await site(t);
    change(data, fault);
    t.ok((await wrongIn(data)).includes(check));
  });
}

t.test('evidence that is missing or another is found', async (t) => {
  const data = await site(t);
  t.same(await wrongIn(data, 'hashes'), ['evidence'], 'another content of the same size, when it is read');
  rmSync(join(data, 'evidence/mall/pillar-001/pic-1'));
  t.same(await wrongIn(data), ['evidence']);
  const checked = await watchpost('broker', 'check', '--data', data);
  t.match(checked, { code: 1, out: /WRONG evidence .*is missing\n +→ Copy/, error: /WP3604/ });
});

t.test('the command says what was used wrongly', async (t) => {
  t.match(await watchpost('broker', 'check'), { code: 2, error: /WP5024/ });
  t.match(await watchpost('broker', 'check', '--data', '/nonexistent'), { code: 1, error: /WP5006/ });
  t.match(await watchpost('broker', 'polish'), { code: 2 });
  for (const command of ['backup', 'restore', 'check', 'compact']) {
    t.match(await watchpost('broker', command, '--help'), { code: 0, out: /Exit codes: 0 done, 1/ });
  }
});
