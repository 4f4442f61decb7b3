import t from 'tap';
import { readSettings } from '#agent/settings.ts';

const REST = ['--profile', 'p.yaml', '--device', 'd', '--site', 's', '--data', 'x y/d'];
const withBroker = (broker: string) => readSettings([...REST, '--broker', broker]);

t.test('several brokers are taken in order, and a relative folder is made absolute', async (t) => {
  const { brokers, dataDir } = withBroker('mqtt://a:1, mqtt://[::1]:2');
  t.same(brokers, ['mqtt://a:1', 'mqtt://[::1]:2']);
  t.equal(dataDir, `${process.cwd()}/x y/d`);
});

t.test('an address that no device could reach is wrong use, told at once', async (t) => {
  for (const broker of ['a:1883', 'http://a', 'mqtt://', 'mqtt://a,http://b', 'mqtts://a', 'mqtt://u:p@a']) {
    t.throws(() => withBroker(broker), { code: 'WP5024' }, broker);
  }
  t.ok(readSettings([...REST, '--broker', 'mqtts://a', '--identity', 'id']));
});

t.test('a password in an address is not repeated', async (t) => {
  try {
    withBroker('mqtt://user:hush@a');
    t.fail('it was taken');
  } catch (error) {
    t.notMatch(String(error), /hush/);
  }
});

t.test('a card says all itself; brokers may be named, nothing else', async (t) => {
  const facts = {
    ...{ format: 1, site: 'mall', device: 'p', madeAt: '2026-01-01T00:00:00.000Z', inbox: '/boot' },
    brokers: ['mqtts://site:8883'],
  };
  const card = t.testdir({ 'device.json': JSON.stringify(facts), identity: {} });
  t.match(readSettings(['--card', card]), {
    address: { site: 'mall', device: 'p' },
    dataDir: `${card}/data`,
    identityDir: `${card}/identity`,
    brokers: ['mqtts://site:8883'],
    card: { dir: card, inboxes: ['/boot'] },
  });
  t.match(readSettings(['--card', card, '--broker', 'mqtt://a', '--inbox', '/media/stick']), {
    brokers: ['mqtt://a'],
    card: { inboxes: ['/media/stick', '/boot'] },
  });
  t.throws(() => readSettings(['--card', card, '--device', 'other']), { code: 'WP5024' });
  t.throws(() => readSettings([...REST, '--broker', 'mqtt://a', '--inbox', 'x']), { code: 'WP5024' });
  t.throws(() => readSettings(['--card', t.testdir()]), { code: 'WP4211' });
});
