import t from 'tap';
import { type MarkedRows, RetentionMarks } from '#broker/persistence/ledger/retention-marks.ts';
import { memoryDatabase } from '#test/support/site-database.ts';

const DAY_MS = 86_400_000;

const ROWS: Readonly<Partial<Record<keyof MarkedRows, readonly [string, string]>>> = {
  evidence: [
    'evidence',
    "(source, blob_id, event_id, media_type, bytes, pieces, sha256, state, announced_at) VALUES ('s', ?, 'e', 'm', 1, 1, 'x', 'waiting', 'now')",
  ],
  piece: [
    'evidence_piece',
    "(source, blob_id, piece, content, received_at) VALUES ('s', ?, 0, x'00', 'now')",
  ],
  step: ['incident_step', "(incident_id, state, at, who) VALUES (?, 'open', 'now', 'site')"],
  notification: [
    'notification',
    "(id, incident_id, round, step, notifier, body, created_at, attempts) VALUES (?, 'i', 1, 1, 'n', 'b', 'now', 0)",
  ],
  command: [
    'command',
    "(id, site, device, name, args, who, issued_at, expires_at) VALUES (?, 's', 'd', 'n', '{}', 'w', 'now', 'then')",
  ],
};

for (const [name, [table, values]] of Object.entries(ROWS)) {
  t.test(`what comes after all rows of ${table} were forgotten is new`, async (t) => {
    const db = memoryDatabase(t);
    db.sql.pragma('foreign_keys = OFF');
    const time = { seenMs: 0 };
    const marks = new RetentionMarks(db, time);
    const add = (id: string) =>
      db.commit((sql) => Number(sql.prepare(`INSERT INTO ${table} ${values}`).run(id).lastInsertRowid));
    for (const id of ['a', 'b', 'c']) await add(id);
    await marks.mark(1000);
    await db.commit((sql) => sql.exec(`DELETE FROM ${table}`));
    time.seenMs += 40 * DAY_MS;
    await marks.mark(1000);
    const row = await add('d');
    const old = Object.entries(marks.olderThan(30) ?? {}).find(([each]) => each === name)?.[1] ?? 0;
    t.equal(old, 3, 'those of forty days ago');
    t.ok(row > old, `${row} is not among them`);
  });
}
