import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import t from 'tap';
import type { ErrorCode } from '#contract/errors.ts';
import { type KeyAndCertificate, selfSigned, TestAuthority, writeTls } from '#test/support/certificates.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { CONNECT, closed, DAY_MS, TlsSite } from './tls-site.ts';

t.test('with TLS a client is the CN of its certificate, and nobody else', async (t) => {
  const tls = await TlsSite.start(t);
  const robot = await tls.authority.issue('north.robot-1');
  t.equal(await tls.attempt(t, robot, 'north.robot-1'), 'connected');
  t.equal(await tls.attempt(t, robot, 'north.robot-1.vda'), 'connected', 'its second connection');
  t.equal(await tls.attempt(t, await tls.authority.issue('svc.tool'), 'svc.tool'), 'connected');
  t.equal(await tls.attempt(t, await tls.authority.issue('user.desk-1'), 'user.desk-1'), 'connected');
  t.equal(
    await tls.attempt(
      t,
      await tls.authority.issue('x', { usage: 'none', subject: 'CN=north.pillar-1' }),
      'north.pillar-1',
    ),
    'connected',
    'a certificate for every use',
  );
  for (const name of ['north.robot-2', 'north.robot-2.vda', 'svc.robot-1', 'tool', 'user.desk-1']) {
    t.equal(await tls.attempt(t, robot, name), 'refused', name);
    t.match(await tls.next('mqtt.refused'), { code: 'WP3300', detail: `north.robot-1 as ${name}` });
  }
  t.equal(await tls.attempt(t, await tls.authority.issue('user.desk-2'), 'user.desk-2'), 'refused');
  t.match(await tls.next('mqtt.refused'), { code: 'WP3321' });
});

t.test('each certificate that is not good has its code, in the log and in the metric', async (t) => {
  const tls = await TlsSite.start(t);
  const { authority } = tls;
  const stranger = await TestAuthority.make('CN=Another site');
  const impostor = await TestAuthority.make();
  const device = await authority.issue('north.pillar-1');
  const dayAgo = Date.now() - DAY_MS;
  const bad: readonly [ErrorCode, string, Partial<KeyAndCertificate>][] = [
    ['WP3301', 'none', {}],
    ['WP3302', 'self-signed', await selfSigned('north.pillar-1')],
    ['WP3303', 'another authority', await stranger.issue('north.pillar-1')],
    ['WP3303', 'another authority of the same name', await impostor.issue('north.pillar-1')],
    [
      'WP3304',
      'ended',
      await authority.issue('north.pillar-1', { notBeforeMs: dayAgo - DAY_MS, notAfterMs: dayAgo }),
    ],
    ['WP3305', 'not yet', await authority.issue('north.pillar-1', { notBeforeMs: Date.now() + DAY_MS })],
    ['WP3307', 'no name', await authority.issue('tool')],
    ['WP3307', 'a second connection’s name', await authority.issue('north.robot-1.vda')],
    ['WP3307', 'two names', await authority.issue('', { subject: 'CN=north.pillar-1, CN=north.pillar-2' })],
    ['WP3307', 'no CN', await authority.issue('', { subject: 'O=north.pillar-1' })],
    ['WP3308', 'a server’s', await authority.issue('north.pillar-1', { usage: 'server' })],
    [
      'WP3303',
      'ended, of another authority',
      await stranger.issue('north.pillar-1', { notBeforeMs: dayAgo - DAY_MS, notAfterMs: dayAgo }),
    ],
    [
      'WP3303',
      'not yet, of another authority',
      await stranger.issue('north.pillar-1', { notBeforeMs: Date.now() + DAY_MS }),
    ],
  ];
  for (const [code, what, identity] of bad) {
    const before = await tls.refusals(code);
    t.equal(await tls.attempt(t, identity, 'north.pillar-1'), 'refused', what);
    t.match(await tls.next('mqtt.refused'), { code }, what);
    t.equal(await tls.refusals(code), before + 1, what);
  }
  t.equal(await tls.attempt(t, device, 'north.pillar-1'), 'connected', 'the right one all the while');
});

t.test('every authority that issues stands in ca.crt, also one below another', async (t) => {
  const tls = await TlsSite.start(t);
  const workshop = await tls.authority.delegate('Workshop');
  const { key, cert } = await workshop.issue('north.pillar-1');
  const withChain = { key, cert: cert + workshop.cert };
  t.equal(await tls.attempt(t, withChain, 'north.pillar-1'), 'refused');
  t.match(await tls.next('mqtt.refused'), { code: 'WP3303' }, 'what it sends along is not enough');
  writeTls(tls.dir, { 'ca.crt': tls.authority.cert + workshop.cert });
  tls.site.reloadTls();
  t.equal(await tls.attempt(t, { key, cert }, 'north.pillar-1'), 'connected');
  writeTls(tls.dir, { 'ca.crt': workshop.cert });
  tls.site.reloadTls();
  t.equal(await tls.attempt(t, { key, cert }, 'north.pillar-1'), 'refused', 'without the one above it');
  t.match(await tls.next('mqtt.refused'), { code: 'WP3309', detail: /UNABLE_TO_GET_ISSUER_CERT/ });
  const device = await workshop.issue('north.pillar-2');
  const forged = await (await TestAuthority.misusing(device)).issue('north.pillar-3');
  const forgedChain = { key: forged.key, cert: forged.cert + device.cert };
  t.equal(await tls.attempt(t, forgedChain, 'north.pillar-3'), 'refused');
  t.match(await tls.next('mqtt.refused'), { code: 'WP3303' }, 'a device is no authority');
});

t.test('what does not get as far as a certificate has its code, too', async (t) => {
  const tls = await TlsSite.start(t);
  const device = await tls.authority.issue('north.pillar-1');
  const handshake = async (options: ConnectionOptions) => {
    const socket = connectTls({
      host: '127.0.0.1',
      port: tls.port,
      servername: 'localhost',
      ...device,
      ca: tls.authority.cert,
      ...options,
    });
    socket.on('error', () => undefined);
    await closed(socket);
  };
  await handshake({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
  t.match(await tls.next('mqtt.refused'), { code: 'WP3310' }, 'TLS 1.1');
  const other = join(temporaryFolder(t), 'other.pem');
  writeFileSync(other, (await TestAuthority.make('CN=Another')).cert);
  // Not Node: it looks at certificates only behind the handshake and tells nobody what it found.
  const options = ['-connect', `127.0.0.1:${tls.port}`, '-CAfile', other, '-verify_return_error'];
  await once(spawn('openssl', ['s_client', ...options], { stdio: 'ignore' }), 'close');
  t.match(await tls.next('mqtt.refused'), { code: 'WP3312' }, 'a client that does not trust the site');
  await handshake({ ALPNProtocols: ['h2'] });
  t.match(await tls.next('mqtt.refused'), { code: 'WP3314' }, 'another protocol');
  for (const bytes of ['\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04abcd', 'GET / HTTP/1.1\r\n\r\n']) {
    const plain = connectTcp(tls.port, '127.0.0.1');
    plain.on('error', () => undefined);
    plain.end(Buffer.from(bytes, 'latin1'));
    await closed(plain.resume());
    t.match(await tls.next('mqtt.refused'), { code: 'WP3311' }, JSON.stringify(bytes));
  }
  t.equal(await tls.attempt(t, device, 'north.pillar-1'), 'connected');
});

t.test('nothing of a connection that is not let in is read as MQTT', async (t) => {
  const tls = await TlsSite.start(t);
  const stranger = await TestAuthority.make();
  const socket = connectTls({
    host: '127.0.0.1',
    port: tls.port,
    servername: 'localhost',
    ...(await stranger.issue('north.pillar-1')),
    ca: tls.authority.cert,
  });
  const heard: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => heard.push(chunk));
  socket.on('error', () => undefined);
  // CONNECT and a PUBLISH with QoS 0 behind it, in the first bytes that TLS carries.
  socket.write(Buffer.from('\x10\x1a\x00\x04MQTT\x04\x02\x00\x3c\x00\x0enorth.pillar-1', 'latin1'));
  socket.write(Buffer.from('\x30\x1f\x00\x1bwp/1/north/pillar-1/up/alarm{}', 'latin1'));
  await closed(socket);
  await tls.next('mqtt.refused');
  await tls.site.store.commit(() => undefined);
  t.same(heard, []);
  t.same(tls.site.quarantine.list(5), []);
  t.same(tls.site.devices(), []);
});

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  t.test(`${version}: a session is never resumed, so that no revocation is passed by`, async (t) => {
    const tls = await TlsSite.start(t);
    const device = await tls.authority.issue('north.pillar-1');
    const open = (identity: Partial<KeyAndCertificate>, session: Buffer | undefined) =>
      connectTls({
        ...{
          host: '127.0.0.1',
          port: tls.port,
          servername: 'localhost',
          ca: tls.authority.cert,
          ...identity,
        },
        ...{ minVersion: version, maxVersion: version, ...(session === undefined ? {} : { session }) },
      });
    const first = open(device, undefined);
    const sessions: Buffer[] = [];
    first.on('session', (session: Buffer) => sessions.push(session));
    first.on('error', () => undefined);
    await once(first, 'secureConnect');
    // CONNECT: the answer comes behind whatever tickets there are.
    first.write(CONNECT);
    await once(first, 'data');
    const kept = sessions.at(-1) ?? first.getSession();
    first.destroy();
    const second = open(device, kept);
    second.on('error', () => undefined);
    second.write(CONNECT);
    await once(second, 'data');
    t.notOk(second.isSessionReused());
    second.destroy();
    const without = open({}, kept);
    without.on('error', () => undefined);
    await closed(without);
    t.match(await tls.next('mqtt.refused'), { code: 'WP3301' }, 'the ticket is no certificate');
  });
}

t.test('a certificate of the site that is misused is brought to people, once', async (t) => {
  const tls = await TlsSite.start(t);
  const stolen = await tls.authority.issue('north.pillar-1');
  for (const name of ['north.pillar-2', 'north.pillar-3']) await tls.attempt(t, stolen, name);
  await tls.site.store.commit(() => undefined);
  t.match(
    tls.witness.events.map(({ envelope }) => envelope),
    [
      {
        type: 'wp.identity.refused.v1',
        source: '/wp/north/pillar-1',
        data: { code: 'WP3300', address: '127.0.0.1' },
      },
    ],
  );
  await tls.attempt(t, await selfSigned('north.pillar-1'), 'north.pillar-1');
  await tls.next('mqtt.refused');
  await tls.site.store.commit(() => undefined);
  t.equal(tls.witness.events.length, 1, 'what anybody could have made is no news of the device');
  await tls.clock.advance(11 * 60_000);
  await tls.attempt(t, stolen, 'north.pillar-2');
  await tls.site.store.commit(() => undefined);
  t.equal(tls.witness.events.length, 2, 'again after ten minutes');
});

t.test(
  'a site whose clock is not set lets certificates in that are not valid yet, and says why',
  async (t) => {
    // 1970, as after a dead battery. OpenSSL goes by the machine’s own clock, so the certificate is of tomorrow.
    const tls = await TlsSite.start(t, { wallMs: 1000 });
    t.match(await tls.next('tls.clock-behind'), { code: 'WP3319' });
    t.ok(tls.site.tlsStatus?.isClockBehind);
    const early = { notBeforeMs: Date.now() + DAY_MS };
    t.equal(
      await tls.attempt(t, await tls.authority.issue('north.pillar-1', early), 'north.pillar-1'),
      'connected',
    );
    const dayAgo = Date.now() - 2 * DAY_MS;
    const ended = { notBeforeMs: dayAgo - 400 * DAY_MS, notAfterMs: dayAgo - 300 * DAY_MS };
    t.equal(
      await tls.attempt(t, await tls.authority.issue('north.pillar-2', ended), 'north.pillar-2'),
      'refused',
    );
    t.match(
      await tls.next('mqtt.refused'),
      { code: 'WP3304' },
      'what had ended before is known all the same',
    );
    const stranger = await TestAuthority.make();
    t.equal(await tls.attempt(t, await stranger.issue('north.pillar-3', early), 'north.pillar-3'), 'refused');
    t.match(await tls.next('mqtt.refused'), { code: 'WP3303' }, 'the time excuses nothing else');
    const server = await tls.authority.issue('north.pillar-4', { ...early, usage: 'server' });
    t.equal(await tls.attempt(t, server, 'north.pillar-4'), 'refused');
    t.match(await tls.next('mqtt.refused'), { code: 'WP3308' });
    tls.clock.setWall(Date.now());
    t.equal(
      await tls.attempt(t, await tls.authority.issue('north.pillar-5', early), 'north.pillar-5'),
      'refused',
    );
    t.match(await tls.next('mqtt.refused'), { code: 'WP3305' }, 'with a clock it counts again');
  },
);
