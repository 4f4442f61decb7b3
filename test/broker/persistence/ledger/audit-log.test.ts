import t from 'tap';
import { AuditLog, GENESIS, headOf, verifyChain } from '#broker/persistence/ledger/audit-log.ts';
import type { SiteDatabase } from '#broker/persistence/store/database.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { memoryDatabase } from '#test/support/site-database.ts';

async function filled(db: SiteDatabase): Promise<void> {
  const audit = new AuditLog(new ManualClock());
  for (const subject of ['a', 'b', 'c', 'd']) {
    await db.commit((sql) =>
      audit.append(sql, { who: 'desk-1', action: 'looked', subject, detail: { n: 1 } }),
    );
  }
}

/** What an intruder with the file does first. */
const unlock = (db: SiteDatabase) =>
  db.sql.exec('DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_removed');

t.test('an untouched chain verifies, and its head is the last row', async (t) => {
  const db = memoryDatabase(t);
  t.same(verifyChain(db.sql), { ok: true, head: GENESIS });
  await filled(db);
  t.match(verifyChain(db.sql), { ok: true, head: headOf(db.sql) });
  t.equal(headOf(db.sql).row, 4);
});

t.test('the database itself refuses to change or remove a row', async (t) => {
  const db = memoryDatabase(t);
  await filled(db);
  t.throws(() => db.sql.exec("UPDATE audit SET who = 'guard-1' WHERE row = 2"), /only added to/);
  t.throws(() => db.sql.exec('DELETE FROM audit'), /only added to/);
});

for (const [what, tamper, row] of [
  ['a changed field', "UPDATE audit SET who = 'guard-1' WHERE row = 2", 2],
  ['a changed detail', "UPDATE audit SET detail = '{}' WHERE row = 4", 4],
  ['a removed row', 'DELETE FROM audit WHERE row = 3', 3],
  ['rows that changed places', 'UPDATE audit SET row = 9 WHERE row = 2', 2],
] as const) {
  t.test(`${what} is found at its row`, async (t) => {
    const db = memoryDatabase(t);
    await filled(db);
    unlock(db);
    db.sql.exec(tamper);
    t.match(verifyChain(db.sql), { ok: false, row });
  });
}

t.test('a cut-off end, or one written anew, is found by a head exported before', async (t) => {
  const db = memoryDatabase(t);
  await filled(db);
  const exported = headOf(db.sql);
  unlock(db);
  db.sql.exec('DELETE FROM audit WHERE row >= 3');
  t.equal(verifyChain(db.sql).ok, true, 'alone it looks whole');
  t.match(verifyChain(db.sql, exported), { ok: false, row: 3 });
  await filled(db);
  t.equal(verifyChain(db.sql).ok, true);
  t.match(verifyChain(db.sql, exported), { ok: false, row: 4 });
});

t.test('what was refused by its transaction is not in the chain', async (t) => {
  const db = memoryDatabase(t);
  const audit = new AuditLog(new ManualClock());
  await t.rejects(
    db.commit((sql) => {
      audit.append(sql, { who: 'desk-1', action: 'looked', subject: 'a' });
      throw new RangeError('refused');
    }),
  );
  t.same(headOf(db.sql), GENESIS);
});
