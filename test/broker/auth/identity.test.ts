import t from 'tap';
import {
  addressOfClient,
  identityOf,
  identityOfSession,
  readCommonName,
  speaksFor,
} from '#broker/auth/identity.ts';

t.test(
  'a client id of two names is a device, with .vda its second connection, anything else a service',
  (t) => {
    t.match(identityOf('north.pillar-1'), { kind: 'device', address: { site: 'north', device: 'pillar-1' } });
    t.match(identityOf('north.robot-1.vda'), {
      kind: 'vehicle',
      address: { site: 'north', device: 'robot-1' },
    });
    t.same(identityOf('svc.console'), { kind: 'service', name: 'console' });
    for (const id of [
      'tool',
      'North.Pillar',
      'a.b.c',
      '',
      'a..b',
      'user.guard-1',
      'svc.',
      'svc.a.vda',
      'a.b.vda.vda',
    ]) {
      t.same(identityOf(id), { kind: 'service', name: null }, id);
    }
    t.end();
  },
);

t.test('a CN is a device, a service or a person, and nothing else', (t) => {
  t.same(readCommonName('north.pillar-1'), {
    kind: 'device',
    address: { site: 'north', device: 'pillar-1' },
  });
  t.same(readCommonName('svc.fleet'), { kind: 'service', name: 'fleet' });
  t.same(readCommonName('user.guard-1'), { kind: 'person', name: 'guard-1' });
  const wrong = ['tool', '', 'a.b.c', 'north.robot-1.vda', 'user.guard-1.phone', 'user.', 'svc.', 'svc.a.b'];
  // Letters that only look alike: Cyrillic о, full-width dot, a zero-width space.
  const alike = [
    'nоrth.pillar-1',
    'north．pillar-1',
    'north.pillar-1\u200b',
    'north.pillar-1\0',
    'NORTH.pillar-1',
  ];
  for (const name of [...wrong, ...alike]) t.equal(readCommonName(name), null, JSON.stringify(name));
  t.end();
});

t.test('a certificate speaks for its CN, and a device’s for the robot’s second connection', (t) => {
  const speaks = (cn: string, clientId: string) => {
    const certified = readCommonName(cn);
    return certified !== null && speaksFor(certified, clientId);
  };
  const right = [
    ['north.robot-1', 'north.robot-1'],
    ['north.robot-1', 'north.robot-1.vda'],
    ['svc.fleet', 'svc.fleet'],
    ['user.guard-1', 'user.guard-1'],
  ] as const;
  for (const [cn, clientId] of right) t.ok(speaks(cn, clientId), `${cn} as ${clientId}`);
  const wrong = [
    ['north.robot-1', 'north.robot-2'],
    ['north.robot-1', 'north.robot-2.vda'],
    ['north.robot-1', 'north.robot-1.vda.vda'],
    ['north.robot-1', 'north.robot-1 '],
    ['north.robot-1', 'svc.robot-1'],
    ['north.robot-1', ''],
    ['svc.fleet', 'svc.fleet.vda'],
    ['svc.fleet', 'north.fleet'],
    ['user.guard-1', 'user.guard-2'],
    ['user.guard-1', 'user.guard-1.vda'],
  ] as const;
  for (const [cn, clientId] of wrong) t.notOk(speaks(cn, clientId), `${cn} as ${clientId}`);
  t.end();
});

t.test('the session of a person is theirs as long as the site knows them', (t) => {
  const person = { name: 'desk-1', role: 'dispatcher' } as const;
  const find = (name: string) => (name === 'desk-1' ? person : null);
  t.same(identityOfSession('user.desk-1', find), { kind: 'person', person });
  t.same(identityOfSession('user.desk-1.phone', find), { kind: 'person', person });
  t.same(identityOfSession('user.desk-2', find), { kind: 'nobody' });
  t.same(identityOfSession('user.', find), { kind: 'nobody' });
  t.match(identityOfSession('north.pillar-1', find), { kind: 'device' });
  t.end();
});

t.test('events about services and people stand under an address of their own', (t) => {
  t.same(addressOfClient('north.robot-1.vda'), { site: 'north', device: 'robot-1' });
  t.same(addressOfClient('svc.fleet'), { site: 'svc', device: 'fleet' });
  t.same(addressOfClient('user.desk-1.phone'), { site: 'user', device: 'desk-1' });
  t.equal(addressOfClient('tool'), null);
  t.end();
});
