import t from 'tap';
import { may, mayGrant, PERMISSIONS, ROLES } from '#broker/auth/roles.ts';
import {
  checkPassword,
  hashPassword,
  hashSecret,
  NOBODYS_HASH,
  SCRYPT_PATTERN,
} from '#broker/auth/secrets.ts';
import { Turns } from '#broker/auth/turns.ts';
import { ADMIN, accessSide, PASSWORD, SUPERVISOR } from '../support/access.ts';

t.test(
  'a password is checked against its scrypt hash; another one and an unreadable hash fail',
  async (t) => {
    const kept = await hashPassword('correct horse １２');
    t.equal(await checkPassword('correct horse １２', kept), true);
    t.equal(await checkPassword('correct horse 12', kept), true, 'typed on another keyboard');
    t.equal(await checkPassword('wrong horse', kept), false);
    t.equal(await checkPassword('correct horse', 'scrypt$1'), false);
    t.match(NOBODYS_HASH, SCRYPT_PATTERN);
    t.equal(kept.split('$').slice(0, 4).join(), NOBODYS_HASH.split('$').slice(0, 4).join(), 'the same cost');
  },
);

t.test('at most so many passwords are worked on at once; who would wait too long is told so', async (t) => {
  const turns = new Turns(2, 3);
  const running: (() => void)[] = [];
  const most = { now: 0, ever: 0 };
  const work = () =>
    new Promise<void>((resolve) => {
      most.now += 1;
      most.ever = Math.max(most.ever, most.now);
      running.push(() => {
        most.now -= 1;
        resolve();
      });
    });
  const all = [1, 2, 3, 4, 5].map(() => turns.take(work));
  await t.rejects(turns.take(work), { code: 'WP3363' });
  while (running.length > 0) {
    running.shift()?.();
    await new Promise(setImmediate);
  }
  await Promise.all(all);
  t.equal(most.ever, 2);
  await t.rejects(
    turns.take(() => Promise.reject(new RangeError('inner'))),
    { message: 'inner' },
  );
  const after = turns.take(work);
  await new Promise(setImmediate);
  running.shift()?.();
  await after;
});

t.test('people are named, change, and go; each step is in the audit without a secret', async (t) => {
  const { people, db, actions } = accessSide(t);
  const made = await people.add({ name: 'desk-1', role: 'dispatcher', password: PASSWORD }, SUPERVISOR);
  t.match(made, { name: 'desk-1', role: 'dispatcher', source: 'site', disabled: false, hasPassword: true });
  t.same(await people.byPassword('desk-1', PASSWORD), { name: 'desk-1', role: 'dispatcher' });
  t.equal(await people.byPassword('desk-1', 'another password'), null);
  await people.change('desk-1', { role: 'technician' }, SUPERVISOR);
  t.same(people.find('desk-1'), { name: 'desk-1', role: 'technician' });
  await people.change('desk-1', { disabled: true }, SUPERVISOR);
  t.equal(people.find('desk-1'), null);
  t.equal(await people.byPassword('desk-1', PASSWORD), null);
  await people.change('desk-1', { disabled: false, password: 'nine louder lanterns' }, SUPERVISOR);
  t.ok(await people.byPassword('desk-1', 'nine louder lanterns'));
  await people.remove('desk-1', SUPERVISOR);
  t.same(people.list(), []);
  t.same(actions(), ['person.added', ...Array(3).fill('person.changed'), 'person.removed']);
  t.notMatch(JSON.stringify(db.sql.prepare('SELECT detail FROM audit').all()), /lantern|scrypt/);
});

t.test('what cannot be is refused with its code', async (t) => {
  const configured = [{ name: 'desk-2', role: 'dispatcher' as const, tokenSha256: hashSecret('x') }];
  const { people } = accessSide(t, { configured });
  const add = (name: string, password: string | null = PASSWORD, role: (typeof ROLES)[number] = 'auditor') =>
    people.add({ name, role, password }, SUPERVISOR);
  await add('auditor-1');
  await t.rejects(add('auditor-1'), { code: 'WP3357' });
  await t.rejects(add('desk-2'), { code: 'WP3356' }, 'in the configuration');
  await t.rejects(people.change('desk-2', { disabled: true }, ADMIN), { code: 'WP3356' });
  await t.rejects(people.change('admin', { disabled: true }, SUPERVISOR), { code: 'WP3356' });
  await t.rejects(people.change('nobody-1', { disabled: true }, ADMIN), { code: 'WP3358' });
  for (const weak of ['short', 'aaaaaaaaaaaaaaaa', 'guard-7guard-7']) {
    await t.rejects(add('guard-7', weak), { code: 'WP3359' }, weak);
  }
  await t.rejects(add('boss-1', PASSWORD, 'admin'), { code: 'WP3353' }, 'admins are named by admins');
  await people.add({ name: 'boss-1', role: 'admin', password: null }, ADMIN);
  await t.rejects(people.change('boss-1', { password: PASSWORD }, SUPERVISOR), { code: 'WP3353' });
  await t.rejects(people.remove('boss-1', SUPERVISOR), { code: 'WP3353' });
  await people.add({ name: 'supervisor-1', role: 'supervisor', password: null }, ADMIN);
  await t.rejects(people.change('supervisor-1', { role: 'auditor' }, SUPERVISOR), { code: 'WP3362' });
  await t.rejects(people.remove('supervisor-1', SUPERVISOR), { code: 'WP3362' });
});

t.test('what the configuration says of a name holds while it says it', async (t) => {
  const before = accessSide(t);
  await before.people.add({ name: 'guard-1', role: 'supervisor', password: PASSWORD }, ADMIN);
  const configured = [
    { name: 'guard-1', role: 'auditor' as const, password: await hashPassword('from the file') },
  ];
  const { people, signIn } = accessSide(t, { db: before.db, configured });
  t.same(people.overruled(), ['guard-1']);
  t.match(people.list(), [{ name: 'guard-1', role: 'auditor', source: 'configuration' }]);
  t.equal(await people.byPassword('guard-1', PASSWORD), null);
  t.same(await people.byPassword('guard-1', 'from the file'), { name: 'guard-1', role: 'auditor' });
  t.equal(signIn.byToken('wrong').kind, 'unknown');
});

t.test('whoever is disabled while a password is hashed has named nobody', async (t) => {
  const { people } = accessSide(t);
  for (const name of [SUPERVISOR.name, 'desk-1']) {
    await people.add({ name, role: name === 'desk-1' ? 'dispatcher' : 'supervisor', password: null }, ADMIN);
  }
  const naming = people.add({ name: 'guard-9', role: 'supervisor', password: PASSWORD }, SUPERVISOR);
  const changing = people.change('desk-1', { password: PASSWORD }, SUPERVISOR);
  const refused = [naming, changing].map((late) => t.rejects(late, { code: 'WP3353' }));
  await people.change(SUPERVISOR.name, { disabled: true }, ADMIN);
  await Promise.all(refused);
  t.equal(people.find('guard-9'), null);
  t.equal(await people.byPassword('desk-1', PASSWORD), null);
});

t.test('what somebody of the configuration had is not for whoever has the name later', async (t) => {
  const name = 'guard-1';
  const before = accessSide(t, { configured: [{ name, role: 'auditor', tokenSha256: hashSecret('a') }] });
  const { secret } = await before.tokens.create({ person: name, label: 'old', scopes: ['read'] }, ADMIN);
  t.equal(before.signIn.byToken(secret).kind, 'valid');
  const { people, signIn } = accessSide(t, { db: before.db });
  t.equal(signIn.byToken(secret).kind, 'unknown');
  await people.add({ name, role: 'auditor', password: PASSWORD }, ADMIN);
  t.equal(signIn.byToken(secret).kind, 'unknown');
});

t.test('the table of roles: who may what, and who may make whom', async (t) => {
  t.same(
    Object.fromEntries(ROLES.map((role) => [role, PERMISSIONS.filter((each) => may(role, each)).join(' ')])),
    {
      admin: 'read act review command evidence audit people provision system',
      supervisor: 'read act review command evidence audit people provision system',
      dispatcher: 'read act command evidence',
      technician: 'read command provision',
      auditor: 'read audit',
    },
  );
  const grants = (person: Parameters<typeof mayGrant>[0]) => ROLES.filter((role) => mayGrant(person, role));
  t.same(grants(ADMIN), ROLES);
  t.same(grants(SUPERVISOR), ROLES.slice(1));
  t.same(grants({ ...SUPERVISOR, scopes: ['people', 'read', 'audit'] }), ['auditor']);
});
