import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import t, { type Test } from 'tap';
import { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import { SITE_DATABASE } from '#broker/persistence/site-folder.ts';
import { SiteDatabase } from '#broker/persistence/store/database.ts';
import { auditCommand } from '#scripts/commands/audit.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { silentLog, temporaryFolder } from '#test/support/site-database.ts';

async function siteWithAudit(folder: string, subjects = ['a', 'b', 'c']): Promise<void> {
  const clock = new ManualClock();
  const db = new SiteDatabase({ path: join(folder, SITE_DATABASE), clock, log: silentLog });
  db.start();
  const audit = new AuditLog(clock);
  for (const subject of subjects) {
    await db.commit((sql) => audit.append(sql, { who: 'desk-1', action: 'looked', subject }));
  }
  db.close();
}

/** Runs it within this process: what it printed, and the exit code it asked for. */
async function run(t: Pick<typeof import('tap').t, 'capture'>, args: string[]) {
  const out = t.capture(process.stdout, 'write', () => true);
  const error = t.capture(process.stderr, 'write', () => true);
  process.exitCode = 0;
  await auditCommand().parseAsync(args, { from: 'user' });
  const code = process.exitCode;
  process.exitCode = 0;
  out.restore();
  error.restore();
  const text = (calls: { args: unknown[] }[]) => calls.map(({ args: [chunk] }) => String(chunk)).join('');
  return { code, out: text(out()), error: text(error()) };
}

async function siteWithHead(t: Test) {
  const folder = temporaryFolder(t);
  await siteWithAudit(folder, ['a', 'b', 'c', 'd', 'e', 'f']);
  const head = join(folder, 'head.json');
  writeFileSync(head, (await run(t, ['head', '--data', folder])).out);
  t.match(await run(t, ['verify', '--data', folder, '--head', head]), { code: 0 });
  return { folder, head };
}

function tamperWith(folder: string, tamper: (sql: Sqlite.Database) => void): void {
  const intruder = new Sqlite(join(folder, SITE_DATABASE));
  intruder.exec('DROP TRIGGER audit_is_not_removed; DROP TRIGGER audit_is_not_changed');
  tamper(intruder);
  intruder.close();
}

t.test('a whole chain verifies; a changed row is named and exits 1', async (t) => {
  const folder = temporaryFolder(t);
  await siteWithAudit(folder);
  const head = await run(t, ['head', '--data', folder]);
  t.match(JSON.parse(head.out), { row: 3, hash: /^[0-9a-f]{64}$/ });
  const kept = join(folder, 'head.json');
  writeFileSync(kept, head.out);
  t.match(await run(t, ['verify', '--data', folder, '--head', kept]), { code: 0, out: /^ok: 3 rows/ });
  const intruder = new Sqlite(join(folder, SITE_DATABASE));
  intruder.exec('DROP TRIGGER audit_is_not_removed; DELETE FROM audit WHERE row = 3');
  intruder.close();
  t.match(await run(t, ['verify', '--data', folder]), { code: 0 }, 'a cut end looks whole by itself');
  t.match(await run(t, ['verify', '--data', folder, '--head', kept]), { code: 1, error: /WP5005.*row 3/ });
  t.match(await run(t, ['verify', '--data', folder, '--head', kept, '--json']), {
    code: 1,
    out: /"ok":false,"row":3/,
  });
});

/** What somebody does who can write to the file, and the row that `verify` names, without and with a kept head. */
const TAMPERED = [
  ['a row changed', "UPDATE audit SET who = 'guard-1' WHERE row = 3", 3, 3],
  ['its detail changed', 'UPDATE audit SET detail = \'{"n":2}\' WHERE row = 3', 3, 3],
  ['its time moved', "UPDATE audit SET at = '2025-01-01T00:00:00.000Z' WHERE row = 3", 3, 3],
  ['a row in the middle removed', 'DELETE FROM audit WHERE row = 3', 3, 3],
  [
    'removed, and the rest moved up',
    'DELETE FROM audit WHERE row = 3; UPDATE audit SET row = row - 1 WHERE row > 3',
    3,
    3,
  ],
  ['the first row removed', 'DELETE FROM audit WHERE row = 1', 1, 1],
  ['the end cut off', 'DELETE FROM audit WHERE row > 4', null, 5],
  ['all of it removed', 'DELETE FROM audit', null, 1],
  [
    'a row put in between',
    `UPDATE audit SET row = row + 100 WHERE row > 2; UPDATE audit SET row = row - 99 WHERE row > 100;
     INSERT INTO audit SELECT 3, at, who, 'forged', subject, detail, hash FROM audit WHERE row = 2`,
    3,
    3,
  ],
  [
    'one added with a hash of nothing',
    'INSERT INTO audit SELECT 7, at, who, action, subject, detail, hash FROM audit WHERE row = 6',
    7,
    7,
  ],
  [
    'two that changed places',
    'UPDATE audit SET row = 99 WHERE row = 2; UPDATE audit SET row = 2 WHERE row = 4; UPDATE audit SET row = 4 WHERE row = 99',
    2,
    2,
  ],
] as const;

for (const [what, tamper, alone, withHead] of TAMPERED) {
  t.test(`a real database, tampered with: ${what}`, async (t) => {
    const { folder, head } = await siteWithHead(t);
    tamperWith(folder, (sql) => sql.exec(tamper));
    const plain = await run(t, ['verify', '--data', folder]);
    if (alone === null) t.equal(plain.code, 0, 'looks whole by itself');
    else t.match(plain, { code: 1, error: new RegExp(`WP5005.*row ${alone}:`) });
    const held = await run(t, ['verify', '--data', folder, '--head', head, '--json']);
    t.match([held.code, JSON.parse(held.out)], [1, { ok: false, row: withHead }]);
  });
}

t.test('a chain written anew from a row on is whole by itself; only the kept head knows', async (t) => {
  const { folder, head } = await siteWithHead(t);
  tamperWith(folder, (sql) => {
    const audit = new AuditLog(new ManualClock());
    sql.exec('DELETE FROM audit WHERE row >= 3');
    for (const subject of ['c', 'forged', 'e', 'f', 'g']) {
      audit.append(sql, { who: 'desk-1', action: 'looked', subject });
    }
  });
  t.match(await run(t, ['verify', '--data', folder]), { code: 0 });
  t.match(await run(t, ['verify', '--data', folder, '--head', head]), {
    code: 1,
    error: /row 6: this row is not the one whose head was exported/,
  });
});

t.test('heads of many days go into one file; an older one finds less, but still finds', async (t) => {
  const { folder, head } = await siteWithHead(t);
  const early = Number(JSON.parse(readFileSync(head, 'utf8')).row);
  const db = new Sqlite(join(folder, SITE_DATABASE));
  const audit = new AuditLog(new ManualClock());
  for (const subject of ['later', 'latest']) audit.append(db, { who: 'desk-1', action: 'looked', subject });
  db.close();
  appendFileSync(head, (await run(t, ['head', '--data', folder])).out);
  t.match(await run(t, ['verify', '--data', folder, '--head', head]), { code: 0, out: /^ok: 8 rows/ });
  tamperWith(folder, (sql) => sql.exec('DELETE FROM audit WHERE row > 7'));
  t.match(await run(t, ['verify', '--data', folder, '--head', head]), { code: 1, error: /row 8:/ });
  t.equal(early, 6);
});

t.test('a head taken after the chain was written anew does not make the one before it untrue', async (t) => {
  const { folder, head } = await siteWithHead(t);
  tamperWith(folder, (sql) => {
    const audit = new AuditLog(new ManualClock());
    sql.exec('DELETE FROM audit WHERE row >= 3');
    for (const subject of ['c', 'forged', 'e', 'f'])
      audit.append(sql, { who: 'desk-1', action: 'looked', subject });
  });
  // What is taken daily goes on being taken.
  const both = join(folder, 'heads.ndjson');
  writeFileSync(both, `${readFileSync(head, 'utf8')}${(await run(t, ['head', '--data', folder])).out}`);
  t.match(await run(t, ['verify', '--data', folder, '--head', both]), { code: 1, error: /row 6:/ });
  const file = join(folder, 'export.ndjson');
  writeFileSync(file, (await run(t, ['export', '--data', folder])).out);
  t.match(await run(t, ['verify', '--file', file]), { code: 0 }, 'whole by itself');
  t.match(
    await run(t, ['verify', '--file', file, '--head', head]),
    { code: 1, error: /row 6:/ },
    'the head in the file does not speak for itself',
  );
});

t.test('an export from a row on is held against the head of the row before it', async (t) => {
  const { folder, head } = await siteWithHead(t);
  const early = join(folder, 'early.json');
  const file = join(folder, 'export.ndjson');
  const whole = (await run(t, ['export', '--data', folder])).out;
  const hash = /"row":4,.*"hash":"([0-9a-f]{64})"/.exec(whole)?.[1] ?? '';
  writeFileSync(early, JSON.stringify({ row: 4, hash }));
  writeFileSync(file, (await run(t, ['export', '--data', folder, '--after', '4'])).out);
  t.match(await run(t, ['verify', '--file', file, '--head', early]), { code: 0, out: /behind row 4\n/ });
  t.match(await run(t, ['verify', '--file', file, '--head', head]), {
    code: 0,
    out: /row 4, of which no head/,
  });
  writeFileSync(early, JSON.stringify({ row: 4, hash: '1'.repeat(64) }));
  t.match(await run(t, ['verify', '--file', file, '--head', early]), { code: 1, error: /row 4:/ });
});

t.test('an export is verified without the database, from its beginning or from a row on', async (t) => {
  const { folder, head } = await siteWithHead(t);
  const file = join(folder, 'export.ndjson');
  for (const args of [[], ['--after', '4']]) {
    const { out } = await run(t, ['export', '--data', folder, ...args]);
    writeFileSync(file, out);
    t.match(await run(t, ['verify', '--file', file, '--head', head]), { code: 0, out: /^ok: 6 rows/ });
    writeFileSync(file, out.replace('"subject":"e"', '"subject":"x"'));
    t.match(await run(t, ['verify', '--file', file]), { code: 1, error: /row 5:/ });
    writeFileSync(file, out.split('\n').slice(0, -2).join('\n'));
    t.match(await run(t, ['verify', '--file', file]), { code: 1, error: /cut off/ });
  }
});

t.test('a folder without a site, or a head that is none, is named', async (t) => {
  const folder = temporaryFolder(t);
  await t.rejects(auditCommand().parseAsync(['head', '--data', folder], { from: 'user' }), {
    code: 'WP5006',
  });
  await siteWithAudit(folder);
  const wrong = join(folder, 'wrong.json');
  const { out } = await run(t, ['head', '--data', folder]);
  writeFileSync(wrong, out.replace(/"hash":"./, '"hash":"0'));
  await t.rejects(
    auditCommand().parseAsync(['verify', '--data', folder, '--head', wrong], { from: 'user' }),
    { code: 'WP5006', message: /not copied rightly/ },
  );
  await t.rejects(auditCommand().parseAsync(['verify'], { from: 'user' }), { code: 'WP5024' });
  writeFileSync(wrong, '{}');
  await t.rejects(
    auditCommand().parseAsync(['verify', '--data', folder, '--head', wrong], { from: 'user' }),
    { code: 'WP5006' },
  );
});
