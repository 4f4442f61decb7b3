import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ADMIN_TOKEN_FILE, ensureAdminToken } from '#broker/auth/admin-token.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { accessSide } from '../support/access.ts';

t.test('it is kept over starts, readable by its owner alone, and known by its hash', async (t) => {
  const { db, signIn } = accessSide(t);
  const folder = temporaryFolder(t);
  const file = await ensureAdminToken(db, new ManualClock(), folder);
  const token = readFileSync(file, 'utf8').trim();
  t.equal(statSync(file).mode & 0o777, 0o600);
  await ensureAdminToken(db, new ManualClock(), folder);
  t.equal(readFileSync(file, 'utf8').trim(), token);
  t.match(signIn.byToken(token), { kind: 'valid', person: { name: 'admin', role: 'admin' } });
  t.notMatch(JSON.stringify(db.sql.prepare('SELECT * FROM access_token').all()), token);
});

t.test('removing or changing the file makes the old token worthless and ends its sessions', async (t) => {
  const { db, clock, signIn, sessions } = accessSide(t);
  const folder = temporaryFolder(t);
  const file = join(folder, ADMIN_TOKEN_FILE);
  for (const spoil of [() => rmSync(file), () => writeFileSync(file, 'mine\n')]) {
    await ensureAdminToken(db, clock, folder);
    const token = readFileSync(file, 'utf8').trim();
    const session = await sessions.open({ person: { name: 'admin', role: 'admin' }, tokenId: null });
    t.ok(sessions.find(session));
    spoil();
    await ensureAdminToken(db, clock, folder);
    t.equal(signIn.byToken(token).kind, 'unknown');
    t.equal(sessions.find(session), null);
    t.equal(signIn.byToken(readFileSync(file, 'utf8').trim()).kind, 'valid');
  }
  t.equal(signIn.byToken('mine').kind, 'unknown');
});
