import t from 'tap';
import {
  identityOf,
  identityOfCertificate,
  refusePublish,
  refuseSubscribe,
} from '#broker/auth/device-access.ts';

const device = identityOf('north.pillar-1');
const publish = (topic: string, retain = false) => refusePublish(device, { topic, retain });

t.test('a client id of two names is a device, anything else a service', (t) => {
  t.match(device, { kind: 'device', address: { site: 'north', device: 'pillar-1' } });
  for (const id of ['svc.console', 'tool', 'north.pillar-1.vda', 'North.Pillar', 'a.b.c', '', 'a..b']) {
    t.equal(identityOf(id).kind, 'service', id);
  }
  t.equal(identityOfCertificate('north.pillar-1', 'north.pillar-2'), null);
  t.equal(identityOfCertificate('tool', 'tool'), null);
  t.match(identityOfCertificate('svc.tool', 'svc.tool'), { kind: 'service' });
  t.end();
});

t.test('a device publishes under its own up/ and retains only its state', (t) => {
  t.equal(publish('wp/1/north/pillar-1/up/alarm'), null);
  t.equal(publish('wp/1/north/pillar-1/up/blob/a/0'), null);
  t.equal(publish('wp/1/north/pillar-1/up/state', true), null);
  t.equal(publish('wp/1/north/pillar-1/up/event', true), 'WP1011');
  t.equal(publish('wp/1/north/pillar-1/up'), 'WP1011');
  t.equal(publish('wp/1/north/pillar-10/up/alarm'), 'WP1010', 'a name that only begins alike');
  t.equal(publish('wp/1/north/pillar-1/down/receipt'), 'WP1011');
  t.equal(publish('wp/2/north/pillar-1/up/alarm'), 'WP1011');
  t.end();
});

t.test('open lets every client do everything but $SYS', (t) => {
  const open = { kind: 'open' } as const;
  t.equal(refusePublish(open, { topic: 'a/b', retain: true }), null);
  t.equal(refusePublish(open, { topic: '$SYS/a', retain: false }), 'WP1011');
  t.equal(refuseSubscribe(open, '#'), null);
  t.equal(refuseSubscribe(open, '$SYS/#'), 'WP1012');
  t.end();
});

t.test('a device hears only what is sent down to it', (t) => {
  t.equal(refuseSubscribe(device, 'wp/1/north/pillar-1/down/#'), null);
  t.equal(refuseSubscribe(device, 'wp/1/north/pillar-1/down/incident'), null);
  t.equal(refuseSubscribe(device, 'wp/1/north/pillar-10/down/#'), 'WP1012');
  t.equal(refuseSubscribe(device, 'wp/1/north/pillar-1/+/incident'), 'WP1012');
  t.equal(refuseSubscribe(device, '+/1/north/pillar-1/down/#'), 'WP1012');
  t.end();
});
