import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import t from 'tap';
import { AuditLog } from '#broker/persistence/audit-log.ts';
import { SiteDatabase } from '#broker/persistence/database.ts';
import { SITE_DATABASE } from '#broker/persistence/site-folder.ts';
import { auditCommand } from '#scripts/commands/audit.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { silentLog, temporaryFolder } from '#test/support/site-database.ts';

async function siteWithAudit(folder: string): Promise<void> {
  const clock = new ManualClock();
  const db = new SiteDatabase({ path: join(folder, SITE_DATABASE), clock, log: silentLog });
  db.start();
  const audit = new AuditLog(clock);
  for (const subject of ['a', 'b', 'c']) {
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

t.test('a folder without a site, or a head that is none, is named', async (t) => {
  const folder = temporaryFolder(t);
  await t.rejects(auditCommand().parseAsync(['head', '--data', folder], { from: 'user' }), {
    code: 'WP5006',
  });
  await siteWithAudit(folder);
  const wrong = join(folder, 'wrong.json');
  writeFileSync(wrong, '{}');
  await t.rejects(
    auditCommand().parseAsync(['verify', '--data', folder, '--head', wrong], { from: 'user' }),
    { code: 'WP5006' },
  );
});
