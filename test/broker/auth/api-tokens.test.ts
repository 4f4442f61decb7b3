import t from 'tap';
import { hashSecret } from '#broker/auth/secrets.ts';
import { ADMIN, accessSide, SUPERVISOR } from '../support/access.ts';

const DAY_MS = 86_400_000;
const DISPATCHER = { name: 'desk-1', role: 'dispatcher' as const };
const PAGE = { person: null, before: Number.MAX_SAFE_INTEGER, limit: 100 };

async function sideWithDesk(...[t, setting]: Parameters<typeof accessSide>) {
  const side = accessSide(t, setting);
  await side.people.add({ ...DISPATCHER, password: null }, ADMIN);
  const create = (scopes: readonly ('read' | 'act')[] = ['read'], days?: number) =>
    side.tokens.create({ label: 'wall map', scopes, days }, DISPATCHER);
  return { ...side, create };
}

t.test(
  'a token is for some of what its person may; its secret is told once and kept by nobody',
  async (t) => {
    const { create, signIn, tokens, db } = await sideWithDesk(t);
    const { token, secret } = await create();
    t.match(secret, /^wpt_[\w-]{43}$/);
    t.match(signIn.byToken(secret), { kind: 'valid', person: { ...DISPATCHER, scopes: ['read'] } });
    t.match(tokens.list(PAGE), [{ id: token.id, label: 'wall map', scopes: ['read'], expired: false }]);
    t.notMatch(JSON.stringify([tokens.list(PAGE), db.sql.prepare('SELECT * FROM api_token').all()]), secret);
    t.notMatch(JSON.stringify(db.sql.prepare('SELECT * FROM audit').all()), secret);
  },
);

t.test('it says when it was used last, also after a restart', async (t) => {
  const { create, signIn, tokens, lastUse, clock, db } = await sideWithDesk(t);
  const { secret } = await create();
  t.equal(tokens.list(PAGE)[0]?.lastUsedAt, null);
  await clock.advance(5000);
  signIn.byToken(secret);
  t.equal(tokens.list(PAGE)[0]?.lastUsedAt, '2026-01-01T00:00:05.000Z');
  lastUse.start();
  await clock.advance(60_000);
  await lastUse.close();
  t.equal(accessSide(t, { db }).tokens.list(PAGE)[0]?.lastUsedAt, '2026-01-01T00:00:05.000Z');
  t.equal(clock.pending, 0);
});

t.test('an expired token is told apart from a wrong one, until a month later it is forgotten', async (t) => {
  const { create, signIn, clock, tokens } = await sideWithDesk(t);
  const { secret } = await create(['read'], 2);
  await clock.advance(2 * DAY_MS);
  t.equal(signIn.byToken(secret).kind, 'expired');
  t.match(tokens.list(PAGE), [{ expired: true }]);
  await clock.advance(31 * DAY_MS);
  await create();
  t.equal(signIn.byToken(secret).kind, 'unknown');
});

t.test('revoking it, another role, or a disabled person end it and its sessions at once', async (t) => {
  const side = await sideWithDesk(t);
  const ends = [
    (id: string) => side.tokens.revoke(id, DISPATCHER),
    () => side.people.change('desk-1', { role: 'supervisor' }, ADMIN),
    () => side.people.change('desk-1', { disabled: true }, ADMIN),
  ];
  for (const end of ends) {
    await side.people.change('desk-1', { role: 'dispatcher', disabled: false }, ADMIN);
    const { token, secret } = await side.create();
    const entrant = side.signIn.byToken(secret);
    const session = entrant.kind === 'valid' ? await side.sessions.open(entrant) : '';
    t.match(
      side.sessions.find(session),
      { person: { scopes: ['read'] } },
      'a session may no more than its token',
    );
    await end(token.id);
    t.equal(side.signIn.byToken(secret).kind, 'unknown');
    t.equal(side.sessions.find(session), null);
  }
  await side.people.change('desk-1', { role: 'dispatcher', disabled: false }, ADMIN);
  t.same(side.tokens.list(PAGE), [], 'and none comes back with the role');
});

t.test('nobody makes more of what they have', async (t) => {
  const { tokens, people } = await sideWithDesk(t, { settings: { tokensPerPerson: 2, tokenMaxDays: 30 } });
  const make = (by: Parameters<typeof tokens.create>[1], more: object = {}) =>
    tokens.create({ label: 'x', scopes: ['read'], days: 1, ...more }, by);
  await t.rejects(make({ ...DISPATCHER, scopes: ['read'] }), { code: 'WP3353' }, 'a token makes no tokens');
  await t.rejects(make(DISPATCHER, { scopes: ['read', 'audit'] }), { code: 'WP3353' }, 'beyond the role');
  await t.rejects(make(DISPATCHER, { person: 'admin' }), { code: 'WP3353' }, 'for somebody else');
  await t.rejects(make(SUPERVISOR, { person: 'nobody-1' }), { code: 'WP3358' });
  await people.add({ name: 'boss-1', role: 'admin', password: null }, ADMIN);
  await t.rejects(make(SUPERVISOR, { person: 'boss-1' }), { code: 'WP3353' });
  await t.rejects(make(DISPATCHER, { days: 31 }), { code: 'WP3364' });
  const { token } = await make(SUPERVISOR, { person: 'desk-1' });
  await make(DISPATCHER);
  await t.rejects(make(DISPATCHER), { code: 'WP3360' });
  await t.rejects(tokens.revoke(token.id, { name: 'auditor-1', role: 'auditor' }), { code: 'WP3361' });
  await t.rejects(tokens.revoke(token.id, { ...DISPATCHER, scopes: ['read'] }), { code: 'WP3361' });
  await tokens.revoke(token.id, SUPERVISOR);
  t.equal(tokens.list({ ...PAGE, person: 'desk-1' }).length, 1);
});

t.test('another role in the configuration ends a token, too', async (t) => {
  const configured = (role: 'dispatcher' | 'auditor') => [
    { name: 'guard-1', role, tokenSha256: hashSecret('x') },
  ];
  const before = accessSide(t, { configured: configured('dispatcher') });
  const guard = { name: 'guard-1', role: 'dispatcher' as const };
  const { secret } = await before.tokens.create({ label: 'map', scopes: ['read'] }, guard);
  const after = (role: 'dispatcher' | 'auditor') =>
    accessSide(t, { db: before.db, configured: configured(role) }).signIn.byToken(secret).kind;
  t.equal(after('dispatcher'), 'valid');
  t.equal(after('auditor'), 'unknown');
});
