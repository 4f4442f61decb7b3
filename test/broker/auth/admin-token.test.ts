import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ADMIN_TOKEN_FILE, ensureAdminToken } from '#broker/auth/admin-token.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { ADMIN, accessSide } from '../support/access.ts';

t.test('it is kept over starts, readable by its owner alone, and known by its hash', async (t) => {
  const { signIn, actions, ...side } = accessSide(t);
  const { db } = side;
  const folder = temporaryFolder(t);
  const file = await ensureAdminToken(side, folder);
  const token = readFileSync(file, 'utf8').trim();
  t.equal(statSync(file).mode & 0o777, 0o600);
  await ensureAdminToken(side, folder);
  t.equal(readFileSync(file, 'utf8').trim(), token);
  t.same(actions(), ['token.created'], 'made once, and written down');
  t.match(signIn.byToken(token), { kind: 'valid', person: { name: 'admin', role: 'admin' } });
  t.notMatch(JSON.stringify(db.sql.prepare('SELECT * FROM access_token').all()), token);
});

t.test('removing or changing the file makes the old token worthless and ends what came of it', async (t) => {
  const { signIn, sessions, tokens, ...side } = accessSide(t);
  const folder = temporaryFolder(t);
  const file = join(folder, ADMIN_TOKEN_FILE);
  for (const spoil of [() => rmSync(file), () => writeFileSync(file, 'mine\n')]) {
    await ensureAdminToken(side, folder);
    const token = readFileSync(file, 'utf8').trim();
    const entrant = signIn.byToken(token);
    const session = entrant.kind === 'valid' ? await sessions.open(entrant) : '';
    const { secret } = await tokens.create({ label: 'of a thief', scopes: ['read'] }, ADMIN);
    t.equal(signIn.byToken(secret).kind, 'valid');
    t.ok(sessions.find(session));
    spoil();
    await ensureAdminToken(side, folder);
    t.equal(signIn.byToken(token).kind, 'unknown');
    t.equal(sessions.find(session), null);
    t.equal(signIn.byToken(secret).kind, 'unknown', 'nor what somebody has made by it');
    t.equal(signIn.byToken(readFileSync(file, 'utf8').trim()).kind, 'valid');
  }
  t.equal(signIn.byToken('mine').kind, 'unknown');
});
