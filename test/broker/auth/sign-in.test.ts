import t from 'tap';
import { addressKey } from '#broker/auth/address-key.ts';
import { LoginLimit } from '#broker/auth/login-limit.ts';
import { hashSecret } from '#broker/auth/secrets.ts';
import { listAudit } from '#broker/persistence/ledger/audit-log.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { ADMIN, accessSide, PASSWORD } from '../support/access.ts';

t.test('a session ends with its time, for want of use, and with what it rests on', async (t) => {
  const { people, sessions, clock, enter, db, changes } = accessSide(t);
  await people.add({ name: 'desk-1', role: 'dispatcher', password: PASSWORD }, ADMIN);
  const open = async (password = PASSWORD) => {
    const verdict = await enter('desk-1', password);
    return verdict.kind === 'in' ? sessions.open(verdict) : t.fail(verdict.kind);
  };
  const used = String(await open());
  t.match(sessions.find(used), { person: { name: 'desk-1', role: 'dispatcher' } });
  t.equal(sessions.find(`${used}x`), null);
  t.notMatch(JSON.stringify(db.sql.prepare('SELECT * FROM session').all()), used);
  const idle = String(await open());
  for (let hour = 0; hour < 11; hour++) {
    await clock.advance(3_600_000);
    sessions.used(used);
  }
  t.ok(sessions.find(used), 'used all the time');
  t.equal(sessions.find(idle), null, 'not used for an hour');
  await clock.advance(3_600_000);
  t.equal(sessions.find(used), null, 'twelve hours');
  for (const change of [
    { password: 'nine louder lanterns' },
    { role: 'technician' },
    { disabled: true },
  ] as const) {
    const id = String(await open(change.password === undefined ? 'nine louder lanterns' : PASSWORD));
    const before = changes.count;
    t.ok(sessions.find(id));
    await people.change('desk-1', change, ADMIN);
    t.equal(sessions.find(id), null, Object.keys(change).join());
    t.equal(changes.count, before + 1, 'those who are connected are looked at again');
  }
});

t.test('whoever changes while they sign in is not let in as who they were', async (t) => {
  const { people, sessions, signIn, enter } = accessSide(t);
  await people.add({ name: 'desk-1', role: 'supervisor', password: PASSWORD }, ADMIN);
  for (const change of [{ role: 'technician' }, { disabled: true }] as const) {
    await people.change('desk-1', { role: 'supervisor', disabled: false }, ADMIN);
    // The password is being looked at.
    const entering = enter('desk-1');
    await people.change('desk-1', change, ADMIN);
    t.match(await entering, { kind: 'wrong' }, JSON.stringify(change));
    await people.change('desk-1', { role: 'supervisor', disabled: false }, ADMIN);
    const verdict = await enter('desk-1');
    if (verdict.kind !== 'in') return t.fail(verdict.kind);
    // It was right, and the session is about to be opened.
    await people.change('desk-1', change, ADMIN);
    t.equal(signIn.accessOf(verdict).isCurrent(), false);
    t.equal(sessions.find(await sessions.open(verdict)), null);
  }
});

t.test('a new session of the same browser ends the one before', async (t) => {
  const { sessions, people, signIn } = accessSide(t);
  await people.add({ name: 'desk-1', role: 'dispatcher', password: null }, ADMIN);
  const entrant = signIn.entrant('desk-1');
  if (entrant === null) return t.fail('nobody');
  const planted = await sessions.open(entrant);
  const fresh = await sessions.open(entrant, planted);
  t.equal(sessions.find(planted), null);
  t.ok(sessions.find(fresh));
});

t.test(
  'a person of the configuration who is another one after a restart has no session any more',
  async (t) => {
    const before = { name: 'guard-1', role: 'dispatcher' as const, tokenSha256: hashSecret('a') };
    const first = accessSide(t, { configured: [before] });
    const entrant = first.signIn.entrant('guard-1');
    const id = entrant === null ? '' : await first.sessions.open(entrant);
    const restarted = (configured: Parameters<typeof accessSide>[1]) =>
      accessSide(t, { ...configured, db: first.db });
    t.ok(restarted({ configured: [before] }).sessions.find(id));
    t.equal(restarted({ configured: [] }).sessions.find(id), null);
    t.equal(restarted({ configured: [{ ...before, role: 'auditor' }] }).sessions.find(id), null);
    t.equal(restarted({ configured: [{ ...before, tokenSha256: hashSecret('b') }] }).sessions.find(id), null);
  },
);

t.test('an address that is wrong too often waits; IPv6 counts by its /64', async (t) => {
  const { enter, clock, people } = accessSide(t, { settings: { attemptsPerAddress: 3 } });
  await people.add({ name: 'desk-1', role: 'dispatcher', password: PASSWORD }, ADMIN);
  for (const host of ['1', '2', '3']) {
    t.equal((await enter('desk-1', 'wrong', `2001:db8:0:7::${host}`)).kind, 'wrong');
  }
  t.match(await enter('desk-1', PASSWORD, '2001:db8:0:7:ffff::9'), { kind: 'limited', waitS: 30 });
  t.equal((await enter('desk-1', PASSWORD, '2001:db8:0:8::9')).kind, 'in', 'from elsewhere');
  await clock.advance(30_000);
  t.equal((await enter('desk-1', PASSWORD, '2001:db8:0:7::9')).kind, 'in', 'after the wait');
  t.equal(addressKey('::ffff:192.0.2.1'), '192.0.2.1');
  t.equal(addressKey('fe80::1%eth0'), 'fe80:0:0:0::/64');
});

t.test('a name that is guessed at from everywhere stays open to its owner’s own desk', async (t) => {
  const { enter, people } = accessSide(t, { settings: { attemptsPerName: 4 } });
  await people.add({ name: 'desk-1', role: 'dispatcher', password: PASSWORD }, ADMIN);
  t.equal((await enter('desk-1', PASSWORD, '192.0.2.1')).kind, 'in', 'the desk');
  for (let host = 1; host <= 4; host++) {
    t.equal((await enter('desk-1', 'guess', `198.51.100.${host}`)).kind, 'wrong');
  }
  t.equal((await enter('desk-1', PASSWORD, '198.51.100.77')).kind, 'limited', 'a strange place');
  t.equal((await enter('desk-1', PASSWORD, '192.0.2.1')).kind, 'in', 'the desk again');
});

t.test('many attempts at the same time gain nothing, and right ones cost nothing', async (t) => {
  const limit = new LoginLimit(new ManualClock());
  const attempt = { address: 'a', name: null, place: 'strange' } as const;
  const waits = Array.from({ length: 12 }, () => limit.take(attempt));
  t.equal(waits.filter((waitS) => waitS === 0).length, 10);
  limit.giveBack(attempt);
  t.equal(limit.take(attempt), 0);
});

t.test('sign-ins are recorded, also the refused; a flood of them is counted, not written out', async (t) => {
  const { enter, people, db, clock } = accessSide(t, { settings: { attemptsPerAddress: 1000 } });
  await people.add({ name: 'desk-1', role: 'dispatcher', password: PASSWORD }, ADMIN);
  await enter('desk-1');
  await enter('desk-1', 'wrong');
  await enter('a password in the wrong field', 'wrong');
  const rows = listAudit(db.sql, { before: 1e9, limit: 3 });
  t.match(rows, [
    { action: 'session.refused', who: 'somebody', subject: '192.0.2.1', detail: /^(?!.*field)/ },
    { action: 'session.refused', detail: /"name":"desk-1"/ },
    { action: 'session.opened', who: 'desk-1', detail: '{"over":"http","by":"password"}' },
  ]);
  const count = () => listAudit(db.sql, { before: 1e9, limit: 1000 }).length;
  const before = count();
  const flood = { address: '192.0.2.9', over: 'http' } as const;
  const side = accessSide(t, { db, clock, settings: { attemptsPerAddress: 1000 } });
  for (let guess = 0; guess < 300; guess++) await side.signIn.enter({ token: `guess-${guess}` }, flood);
  t.equal(count() - before, 60);
  await clock.advance(10_000);
  await side.signIn.enter({ token: 'guess' }, flood);
  t.match(listAudit(db.sql, { before: 1e9, limit: 1 }), [{ detail: /"notRecorded":240/ }]);
  t.notMatch(JSON.stringify(db.sql.prepare('SELECT * FROM audit').all()), /guess|wrong field/);
});
