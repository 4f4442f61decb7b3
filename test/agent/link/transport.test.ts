import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import t from 'tap';
import { certifiedSinceMs, parseBrokerUrl, readIdentity, TcpTransport } from '#agent/link/transport.ts';
import { removeDir, tempDir } from '../core/support/device.ts';

t.test('addresses are read with their standard ports, and others are refused', async (t) => {
  t.same(parseBrokerUrl('mqtt://site.example'), { protocol: 'mqtt:', host: 'site.example', port: 1883 });
  t.same(parseBrokerUrl('mqtts://[::1]:9000'), { protocol: 'mqtts:', host: '::1', port: 9000 });
  for (const url of ['', 'site.example', 'http://site.example', 'mqtt:', 'ws://a:1']) {
    t.throws(() => parseBrokerUrl(url), { code: 'WP2206' }, url);
  }
});

t.test('mqtts without an identity is refused', async (t) => {
  t.throws(() => new TcpTransport().open('mqtts://127.0.0.1:1'), { code: 'WP2206' });
});

t.test('an identity folder without its files is refused', async (t) => {
  t.throws(() => readIdentity('/nowhere'), { code: 'WP2205' });
  const transport = new TcpTransport(() => readIdentity('/nowhere'));
  t.throws(() => transport.open('mqtts://127.0.0.1:1'), { code: 'WP2205' }, 'at the connection, not before');
});

t.test('a device knows of no time that is past by a certificate that it cannot read', async (t) => {
  t.equal(
    certifiedSinceMs(() => null),
    0,
  );
  t.equal(
    certifiedSinceMs(() => readIdentity('/nowhere')),
    0,
  );
  const broken = { key: Buffer.from(''), cert: Buffer.from('cut off'), ca: Buffer.from('') };
  t.equal(
    certifiedSinceMs(() => broken),
    0,
  );
});

const openssl = (dir: string, ...args: string[]) =>
  execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' });

/** Keys of a site: its authority, its server on 127.0.0.1, and one device. */
function makeKeys(dir: string): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl(
    dir,
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=test',
    '-days',
    '2',
  );
  for (const [name, cn] of [
    ['server', '127.0.0.1'],
    ['device', 'demo.pillar-001'],
  ] as const) {
    writeFileSync(join(dir, `${name}.ext`), 'subjectAltName=IP:127.0.0.1');
    openssl(dir, 'req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${cn}`);
    const sign = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2'];
    openssl(
      dir,
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...sign,
      '-out',
      `${name}.pem`,
      '-extfile',
      `${name}.ext`,
    );
  }
}

t.test('over TLS both sides prove who they are', async (t) => {
  const dir = tempDir();
  t.teardown(() => removeDir(dir));
  makeKeys(dir);
  const read = (name: string) => readFileSync(join(dir, name));
  const ca = read('ca.pem');
  const names: string[] = [];
  const server = createServer(
    { key: read('server.key'), cert: read('server.pem'), ca, requestCert: true, rejectUnauthorized: true },
    (socket) => {
      names.push(String(socket.getPeerCertificate().subject.CN));
      socket.on('error', () => socket.destroy());
      socket.end('hello');
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;

  const identity = { key: read('device.key'), cert: read('device.pem'), ca };
  const stream = new TcpTransport(() => identity).open(`mqtts://127.0.0.1:${port}`);
  const [data] = await once(stream, 'data');
  t.equal(String(data), 'hello');
  t.same(names, ['demo.pillar-001']);
  stream.destroy();

  const other = tempDir();
  t.teardown(() => removeDir(other));
  makeKeys(other);
  const stranger = new TcpTransport(() => ({ ...identity, ca: readFileSync(join(other, 'ca.pem')) }));
  const doubtful = stranger.open(`mqtts://127.0.0.1:${port}`);
  const [error] = await once(doubtful, 'error');
  t.match(
    error,
    { code: /SELF_SIGNED|UNABLE_TO_VERIFY|CERT_SIGNATURE/ },
    'a site of another authority is not trusted',
  );

  const at = (ms: number, ca = identity.ca, host = '127.0.0.1') =>
    new TcpTransport(
      () => ({ ...identity, ca }),
      () => ms,
    ).open(`mqtts://${host}:${port}`);
  const timeless = at(Date.now());
  t.equal(
    String((await once(timeless, 'data'))[0]),
    'hello',
    'without a clock of its own, at the time it is told',
  );
  timeless.destroy();
  const doubts = {
    'before the certificate': at(1_000),
    'after the certificate': at(Date.now() + 10 * 86_400_000),
    'another authority': at(Date.now(), readFileSync(join(other, 'ca.pem'))),
    'another name': at(Date.now(), identity.ca, 'localhost'),
  };
  for (const [why, stream] of Object.entries(doubts)) {
    stream.on('data', () => t.fail(`${why} was listened to`));
    t.match((await once(stream, 'error'))[0], { code: 'WP2201' }, why);
  }
});
