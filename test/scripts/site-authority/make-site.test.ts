import {
  chmodSync,
  chownSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readTlsFiles } from '#broker/server/tls/tls-files.ts';
import { replaceFile, SECRET_MODE } from '#scripts/site-authority/durable-file.ts';
import { makeSite } from '#scripts/site-authority/make-site.ts';
import { openKey } from '#scripts/site-authority/sealed-key.ts';
import { siteFile } from '#scripts/site-authority/site-files.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { NOW_MS, newSite, PASSPHRASE, provision } from './support.ts';

t.test(
  'a new site has what the broker reads, an empty list among it, and keys for its owner alone',
  async (t) => {
    const { dir, fingerprint } = await newSite(t);
    const { own, authorities, revoked } = readTlsFiles(siteFile(dir, 'tls'));
    t.equal(own.checkHost('localhost'), 'localhost');
    t.equal(own.checkIP('127.0.0.1'), '127.0.0.1');
    t.equal(own.checkHost('elsewhere.example'), undefined);
    t.strictSame(
      authorities.map(({ subject }) => subject),
      ['CN=Watchpost mall', 'CN=Watchpost mall issuing'],
    );
    t.equal(authorities[0]?.fingerprint256, fingerprint);
    t.equal(revoked.size, 0);
    t.not(revoked.nextUpdateMs, null, 'a list, not the want of one');
    const secrets = [
      siteFile(dir, 'rootKey'),
      siteFile(dir, 'issuingKey'),
      join(siteFile(dir, 'tls'), 'server.key'),
    ];
    for (const file of secrets) t.equal(statSync(file).mode & 0o777, 0o600, file);
  },
);

t.test('the top key is nowhere but under its passphrase', async (t) => {
  const { dir } = await newSite(t);
  const sealed = readFileSync(siteFile(dir, 'rootKey'), 'utf8');
  const pem = await openKey(sealed, PASSPHRASE);
  const body = pem.split('\n')[1] ?? '';
  t.ok(body.length > 40);
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    t.notOk(readFileSync(join(entry.parentPath, entry.name)).includes(body), entry.name);
  }
});

t.test('what is wrong is said before anything is made', async (t) => {
  const dir = join(temporaryFolder(t), 'site');
  const good = { dir, site: 'mall', hosts: ['localhost'], passphrase: PASSPHRASE, by: 'a test' };
  const clock = new ManualClock(NOW_MS);
  const refused = (wanted: Partial<typeof good>, code: string, at = clock) =>
    t.rejects(makeSite({ ...good, clock: at, ...wanted }), { code });
  await refused({ site: 'The Mall' }, 'WP5024');
  await refused({ site: 'svc' }, 'WP5024');
  await refused({ hosts: ['localhost', 'no host'] }, 'WP4411');
  await refused({ hosts: ['-broker.example'] }, 'WP4411');
  await refused({}, 'WP4405', new ManualClock(0));
  await refused({ passphrase: 'short' }, 'WP4403');
  t.notOk(existsSync(dir), 'nothing is left of it');
});

t.test('a folder that has anything in it is left alone', async (t) => {
  const { dir, clock } = await newSite(t);
  const before = readFileSync(siteFile(dir, 'rootKey'), 'utf8');
  const again = { dir, site: 'mall', hosts: ['localhost'], passphrase: PASSPHRASE, by: 'a test', clock };
  await t.rejects(makeSite(again), { code: 'WP4401' });
  t.equal(readFileSync(siteFile(dir, 'rootKey'), 'utf8'), before);
  const file = join(temporaryFolder(t), 'a-file');
  writeFileSync(file, '');
  await t.rejects(makeSite({ ...again, dir: file }), { code: 'WP4401' });
});

t.test('a key that others may read signs nothing', async (t) => {
  const site = await newSite(t);
  chmodSync(siteFile(site.dir, 'issuingKey'), 0o640);
  await t.rejects(provision(site, { to: temporaryFolder(t) }), { code: 'WP4412' });
});

t.test(
  'what root renews for the broker can be read by whoever has its folder',
  { skip: process.getuid?.() === 0 ? false : 'only root gives files away' },
  async (t) => {
    const folder = temporaryFolder(t);
    chownSync(folder, 65_534, 65_534);
    replaceFile(join(folder, 'server.key'), 'a key', SECRET_MODE);
    t.match(statSync(join(folder, 'server.key')), { uid: 65_534, gid: 65_534 });
  },
);

t.test('root writes a key through no link, and into no file, that somebody has left in its place', (t) => {
  const folder = temporaryFolder(t);
  const victim = join(folder, 'shadow');
  writeFileSync(victim, 'of root');
  symlinkSync(victim, join(folder, 'server.key.new'));
  replaceFile(join(folder, 'server.key'), 'a key', SECRET_MODE);
  t.equal(readFileSync(victim, 'utf8'), 'of root');
  writeFileSync(join(folder, 'server.key.new'), '', { mode: 0o644 });
  replaceFile(join(folder, 'server.key'), 'another key', SECRET_MODE);
  t.equal(readFileSync(join(folder, 'server.key'), 'utf8'), 'another key');
  t.equal(statSync(join(folder, 'server.key')).mode & 0o777, SECRET_MODE);
  t.end();
});
