import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import t from 'tap';
import { TestAuthority, writeSiteTls, writeTls } from '#test/support/certificates.ts';
import { seen } from '../test-site.ts';
import { DAY_MS, TlsSite } from './tls-site.ts';

t.test('a revocation ends open connections within a minute, and lets nobody in again', async (t) => {
  const tls = await TlsSite.start(t);
  const stolen = await tls.authority.issue('north.pillar-1');
  const other = await tls.authority.issue('north.pillar-2');
  const thief = tls.client(t, stolen, { clientId: 'north.pillar-1' });
  const good = tls.client(t, other, { clientId: 'north.pillar-2' });
  await Promise.all([seen(thief, 'connect'), seen(good, 'connect')]);
  const cut = seen(thief, 'close');
  writeTls(tls.dir, { 'ca.crl': await tls.authority.revoke([stolen.cert]) });
  await tls.clock.advance(59_000);
  await cut;
  t.match(await tls.next('mqtt.refused'), { code: 'WP3306' });
  t.ok(good.connected, 'the others stay');
  t.equal(await tls.attempt(t, stolen, 'north.pillar-1'), 'refused');
  t.match(await tls.next('mqtt.refused'), { code: 'WP3306' });
  t.equal(
    await tls.attempt(t, await tls.authority.issue('north.pillar-1'), 'north.pillar-1'),
    'connected',
    'a new one',
  );
  t.equal(tls.site.tlsStatus?.revoked, 1);
  await tls.site.store.commit(() => undefined);
  const audited = tls.site.store.sql.prepare('SELECT action, detail FROM audit').all();
  t.match(audited, [{ action: 'tls.reloaded', detail: /"revoked":1/ }], 'it stands in the audit');
  t.match(
    tls.witness.events.map(({ envelope }) => envelope.data),
    [{ code: 'WP3306' }],
    'people hear of it',
  );
});

t.test('an authority below the site’s is revoked with all that it has issued', async (t) => {
  const tls = await TlsSite.start(t);
  const workshop = await tls.authority.delegate('Workshop');
  const { key, cert } = await workshop.issue('north.pillar-1');
  const identity = { key, cert };
  writeTls(tls.dir, { 'ca.crt': tls.authority.cert + workshop.cert });
  tls.site.reloadTls();
  t.equal(await tls.attempt(t, identity, 'north.pillar-1'), 'connected');
  writeTls(tls.dir, { 'ca.crl': await tls.authority.revoke([workshop.cert]) });
  tls.site.reloadTls();
  t.match(await tls.next('mqtt.refused'), { code: 'WP3306' });
  t.equal(await tls.attempt(t, identity, 'north.pillar-1'), 'refused');
});

t.test(
  'an authority that was renewed with its key lets devices in while its old certificate ends',
  async (t) => {
    const tls = await TlsSite.start(t);
    const device = await tls.authority.issue('north.pillar-1');
    const ended = await tls.authority.renew({ notAfterMs: Date.now() - 1000 });
    for (const order of [
      [ended, tls.authority],
      [tls.authority, ended],
    ]) {
      writeTls(tls.dir, { 'ca.crt': order.map(({ cert }) => cert).join('') });
      tls.site.reloadTls();
      t.equal(await tls.attempt(t, device, 'north.pillar-1'), 'connected');
    }
    writeTls(tls.dir, { 'ca.crt': ended.cert });
    tls.site.reloadTls();
    t.equal(await tls.attempt(t, device, 'north.pillar-1'), 'refused');
    t.match(await tls.next('mqtt.refused'), { code: 'WP3304' });
  },
);

t.test('a revocation holds whichever certificate of the authority stands first', async (t) => {
  const tls = await TlsSite.start(t);
  const stolen = await tls.authority.issue('north.pillar-1');
  const renamed = await tls.authority.renew({ notAfterMs: Date.now() + 900 * DAY_MS }, 'CN=Test site 2');
  writeTls(tls.dir, {
    'ca.crt': renamed.cert + tls.authority.cert,
    'ca.crl': await tls.authority.revoke([stolen.cert]),
  });
  tls.site.reloadTls();
  t.equal(await tls.attempt(t, stolen, 'north.pillar-1'), 'refused');
  t.match(await tls.next('mqtt.refused'), { code: 'WP3306' });
});

t.test('files of several parts that are cut off in the last one change nothing', async (t) => {
  const tls = await TlsSite.start(t);
  const second = await TestAuthority.make('CN=Second');
  const [stolen, device] = [await second.issue('north.pillar-1'), await second.issue('north.pillar-2')];
  const lists = (await tls.authority.revoke([])) + (await second.revoke([stolen.cert]));
  writeTls(tls.dir, { 'ca.crt': tls.authority.cert + second.cert, 'ca.crl': lists });
  tls.site.reloadTls();
  const open = tls.client(t, device, { clientId: 'north.pillar-2' });
  await seen(open, 'connect');
  writeTls(tls.dir, { 'ca.crl': lists.slice(0, -40) });
  tls.site.reloadTls();
  t.match(tls.site.tlsStatus, { revoked: 1, notLoaded: 'WP3315' });
  t.equal(await tls.attempt(t, stolen, 'north.pillar-1'), 'refused');
  const both = tls.authority.cert + second.cert;
  writeTls(tls.dir, { 'ca.crt': both.slice(0, -40), 'ca.crl': await tls.authority.revoke([]) });
  tls.site.reloadTls();
  t.match(tls.site.tlsStatus, { notLoaded: 'WP5009' });
  t.ok(open.connected);
});

t.test('a list that cannot be believed changes nothing, and neither does one that is gone', async (t) => {
  const tls = await TlsSite.start(t);
  const stolen = await tls.authority.issue('north.pillar-1');
  writeTls(tls.dir, { 'ca.crl': await tls.authority.revoke([stolen.cert]) });
  tls.site.reloadTls();
  t.equal(tls.site.tlsStatus?.revoked, 1);
  const foreign = await (await TestAuthority.make()).revoke([]);
  const own = await tls.authority.revoke([]);
  for (const broken of [foreign, own.slice(0, 200), 'nothing', own.replace(/[A-Z]{3}/, 'AAA')]) {
    writeTls(tls.dir, { 'ca.crl': broken });
    await tls.clock.advance(10_000);
    t.match(await tls.next('tls.not-reloaded'), { code: 'WP3313', cause: 'WP3315' });
    t.match(tls.site.tlsStatus, { revoked: 1, notLoaded: 'WP3315' });
  }
  t.equal(await tls.attempt(t, stolen, 'north.pillar-1'), 'refused');
  writeTls(tls.dir, { 'ca.crl': own });
  await tls.clock.advance(10_000);
  t.match(tls.site.tlsStatus, { revoked: 0, notLoaded: null });
  t.equal(await tls.attempt(t, stolen, 'north.pillar-1'), 'connected', 'taken from the list again');
});

t.test('a list past its time goes on being used, with a warning', async (t) => {
  const tls = await TlsSite.start(t);
  const stolen = await tls.authority.issue('north.pillar-1');
  writeTls(tls.dir, { 'ca.crl': await tls.authority.revoke([stolen.cert], Date.now() - 1000) });
  tls.site.reloadTls();
  t.match(await tls.next('tls.revocations-old'), { code: 'WP3318' });
  t.equal(await tls.attempt(t, stolen, 'north.pillar-1'), 'refused');
  t.equal(await tls.attempt(t, await tls.authority.issue('north.pillar-2'), 'north.pillar-2'), 'connected');
});

t.test('a renewed server certificate is in use without a restart, and nobody is cut off', async (t) => {
  const tls = await TlsSite.start(t);
  const device = await tls.authority.issue('north.pillar-1');
  const client = tls.client(t, device, { clientId: 'north.pillar-1' });
  await seen(client, 'connect');
  const served = async () => {
    const socket = connectTls({
      host: '127.0.0.1',
      port: tls.port,
      servername: 'localhost',
      ...device,
      ca: tls.authority.cert,
    });
    await once(socket, 'secureConnect');
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  };
  const before = await served();
  await writeSiteTls(tls.dir, tls.authority);
  await tls.clock.advance(10_000);
  await tls.next('tls.reloaded');
  t.not(await served(), before);
  t.ok(client.connected);
  await client.publishAsync('wp/1/north/pillar-1/up/reply', '{}', { qos: 1 });
  const { key } = await tls.authority.issue('broker');
  writeTls(tls.dir, { 'server.key': key });
  await tls.clock.advance(10_000);
  t.match(
    await tls.next('tls.not-reloaded'),
    { code: 'WP3313', cause: 'WP5009' },
    'a key of another certificate',
  );
  t.match(tls.site.tlsStatus, { notLoaded: 'WP5009' });
  await served();
});

t.test('an authority that is taken out ends what it had let in', async (t) => {
  const tls = await TlsSite.start(t);
  const next = await TestAuthority.make('CN=Next');
  const [old, renewed] = [await tls.authority.issue('north.pillar-1'), await next.issue('north.pillar-2')];
  writeTls(tls.dir, { 'ca.crt': tls.authority.cert + next.cert });
  tls.site.reloadTls();
  const first = tls.client(t, old, { clientId: 'north.pillar-1' });
  const second = tls.client(t, renewed, { clientId: 'north.pillar-2' });
  await Promise.all([seen(first, 'connect'), seen(second, 'connect')]);
  const cut = seen(first, 'close');
  writeTls(tls.dir, { 'ca.crt': next.cert });
  tls.site.reloadTls();
  await cut;
  t.match(await tls.next('mqtt.refused'), { code: 'WP3303' });
  t.ok(second.connected);
});

t.test('the end of certificates is announced 30 days before', async (t) => {
  const tls = await TlsSite.start(t);
  const soon = { notAfterMs: Date.now() + 20 * DAY_MS };
  await writeSiteTls(tls.dir, tls.authority, soon);
  await tls.clock.advance(10_000);
  t.match(await tls.next('tls.certificate-ends-soon'), { code: 'WP3316' });
  await tls.attempt(t, await tls.authority.issue('north.pillar-1', soon), 'north.pillar-1');
  t.match(await tls.next('mqtt.certificate-ends-soon'), { code: 'WP3316', client: 'north.pillar-1' });
  tls.clock.setWall(Date.now() + 21 * DAY_MS);
  tls.site.reloadTls();
  t.match(await tls.next('tls.certificate-ended'), { code: 'WP3317' });
});
