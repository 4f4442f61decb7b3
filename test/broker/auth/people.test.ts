import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ADMIN_TOKEN_FILE, ensureAdminToken } from '#broker/auth/admin-token.ts';
import { LoginLimit } from '#broker/auth/login-limit.ts';
import { People } from '#broker/auth/people.ts';
import { may, ROLES } from '#broker/auth/roles.ts';
import { checkPassword, hashPassword, hashSecret, newSecret } from '#broker/auth/secrets.ts';
import { SESSION_MS, Sessions } from '#broker/auth/sessions.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { memoryDatabase, temporaryFolder } from '#test/support/site-database.ts';

t.test(
  'the admin token is kept over starts, readable by its owner alone, and known by its hash',
  async (t) => {
    const db = memoryDatabase(t);
    const folder = temporaryFolder(t);
    const file = await ensureAdminToken(db, new ManualClock(), folder);
    const token = readFileSync(file, 'utf8').trim();
    t.equal(statSync(file).mode & 0o777, 0o600);
    await ensureAdminToken(db, new ManualClock(), folder);
    t.equal(readFileSync(file, 'utf8').trim(), token);
    t.same(new People(db, []).byToken(token), { name: 'admin', role: 'admin' });
    t.notMatch(JSON.stringify(db.sql.prepare('SELECT * FROM access_token').all()), token);
  },
);

t.test('removing or changing the file makes the old token worthless and ends its sessions', async (t) => {
  const db = memoryDatabase(t);
  const clock = new ManualClock();
  const folder = temporaryFolder(t);
  const people = new People(db, []);
  const sessions = new Sessions(db, clock);
  const file = join(folder, ADMIN_TOKEN_FILE);
  for (const spoil of [() => rmSync(file), () => writeFileSync(file, 'mine\n')]) {
    await ensureAdminToken(db, clock, folder);
    const token = readFileSync(file, 'utf8').trim();
    const session = await sessions.open({ name: 'admin', role: 'admin' });
    spoil();
    await ensureAdminToken(db, clock, folder);
    t.equal(people.byToken(token), null);
    t.equal(sessions.find(session), null);
    t.ok(people.byToken(readFileSync(file, 'utf8').trim()));
  }
  t.equal(people.byToken('mine'), null);
});

t.test(
  'a password is checked against its scrypt hash; another one and an unreadable hash fail',
  async (t) => {
    const kept = await hashPassword('correct horse');
    t.equal(await checkPassword('correct horse', kept), true);
    t.equal(await checkPassword('wrong horse', kept), false);
    t.equal(await checkPassword('correct horse', 'scrypt$1'), false);
  },
);

t.test('people are recognised by name and password, or by token, with their role', async (t) => {
  const token = newSecret('wp_');
  const people = new People(memoryDatabase(t), [
    { name: 'guard-1', role: 'dispatcher', password: await hashPassword('correct horse') },
    { name: 'auditor-1', role: 'auditor', tokenSha256: hashSecret(token) },
  ]);
  const auditor = { name: 'auditor-1', role: 'auditor' };
  t.same(await people.recognise({ name: 'guard-1', password: 'correct horse' }), {
    name: 'guard-1',
    role: 'dispatcher',
  });
  t.same(await people.recognise({ token }), auditor);
  t.equal(await people.recognise({ name: 'guard-1', password: 'wrong' }), null);
  t.equal(await people.recognise({ name: 'auditor-1', password: 'wrong' }), null);
  t.equal(await people.recognise({ name: 'Nobody', password: 'nobody has this password' }), null);
  t.equal(await people.recognise({ token: 'wrong' }), null);
});

t.test('a session ends with its time, and with the person’s place in the configuration', async (t) => {
  const db = memoryDatabase(t);
  const clock = new ManualClock();
  const sessions = new Sessions(db, clock);
  const guard = { name: 'guard-1', role: 'dispatcher' as const };
  const id = await sessions.open(guard);
  t.same(sessions.find(id), guard);
  t.equal(sessions.find(`${id}x`), null);
  t.equal(new People(db, []).isCurrent(guard), false);
  t.equal(new People(db, [{ ...guard, tokenSha256: hashSecret('x') }]).isCurrent(guard), true);
  t.equal(
    new People(db, [{ ...guard, role: 'auditor', tokenSha256: hashSecret('x') }]).isCurrent(guard),
    false,
  );
  await clock.advance(SESSION_MS);
  t.equal(sessions.find(id), null);
  t.notMatch(JSON.stringify(db.sql.prepare('SELECT * FROM session').all()), id);
});

t.test('an address that fails waits; another does not; time gives attempts back', async (t) => {
  const clock = new ManualClock();
  const limit = new LoginLimit(clock);
  for (let attempt = 0; attempt < 10; attempt++) {
    t.equal(limit.waitS('a'), 0);
    limit.failed('a');
  }
  t.equal(limit.waitS('a'), 30);
  t.equal(limit.waitS('b'), 0);
  await clock.advance(30_000);
  t.equal(limit.waitS('a'), 0);
});

t.test('every role may read, and only those who should may act', async (t) => {
  for (const role of ROLES) t.equal(may(role, 'read'), true, role);
  t.same(
    ROLES.filter((role) => may(role, 'act')),
    ['admin', 'supervisor', 'dispatcher'],
  );
  t.same(
    ROLES.filter((role) => may(role, 'audit')),
    ['admin', 'supervisor', 'auditor'],
  );
});
