import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import t, { type Test } from 'tap';
import { withBundleFile } from '#contract/bundle/bundle-file.ts';
import { verifyBundle } from '#contract/bundle/verify.ts';
import { newestOf } from '#scripts/bundle/root-chain.ts';
import { newSigner } from '#scripts/bundle/signer.ts';
import { resolved } from '#scripts/profiles/sources.ts';
import { ROOT } from '#scripts/site/demo-site.ts';
import { readBundleRoot, readSigner } from '#scripts/site-authority/bundle-keys.ts';
import { makeRoom, nameCard } from '#scripts/site-authority/device-card.ts';
import { makeSite } from '#scripts/site-authority/make-site.ts';
import { makeNextBundle } from '#scripts/site-authority/next-bundle.ts';
import { Register } from '#scripts/site-authority/register.ts';
import { openKey } from '#scripts/site-authority/sealed-key.ts';
import { readSiteSettings, siteFile } from '#scripts/site-authority/site-files.ts';
import { updateSite } from '#scripts/site-authority/update-site.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { TINY_PROFILE } from '#test/support/tiny-profile.ts';
import { NOW_MS, newSite, PASSPHRASE, type TestSite } from './support.ts';

function prepared(t: Test): string {
  const dir = temporaryFolder(t);
  writeFileSync(join(dir, 'p.yaml'), TINY_PROFILE);
  writeFileSync(join(dir, 'profile.json'), JSON.stringify(resolved(join(dir, 'p.yaml'), {}).profile));
  return dir;
}

const bundleOf = (site: Pick<TestSite, 'dir' | 'clock'>, folder: string) =>
  makeNextBundle({
    ...{ siteDir: site.dir, device: 'pillar-001', prepared: folder, firmware: new Map(), agent: '>=0.1.0' },
    ...{ days: 30, by: 'a test', clock: site.clock },
  });

const verified = (site: Pick<TestSite, 'dir'>, file: string) =>
  withBundleFile(file, (reader) =>
    verifyBundle(reader, {
      ...{ root: newestOf(readBundleRoot(site.dir)), device: 'mall.pillar-001', floor: null, agent: null },
      clock: { quality: 'synced', nowMs: NOW_MS },
    }),
  );

t.test('bundles of a device count up, and are what its site signs', async (t) => {
  const site = await newSite(t);
  const folder = prepared(t);
  for (const generation of [1, 2]) {
    const made = await bundleOf(site, folder);
    t.match(made, { generation, signatures: 1, threshold: 1 });
    t.equal(made.file, join(site.dir, 'bundles', `pillar-001-${generation}.wpb`));
    t.equal((await verified(site, made.file)).manifest.generation, generation);
  }
});

t.test('a number that came to no file is not given again', async (t) => {
  const site = await newSite(t);
  mkdirSync(join(site.dir, 'bundles'));
  writeFileSync(join(site.dir, 'bundles', 'pillar-001-1.wpb'), 'in the way');
  await t.rejects(bundleOf(site, prepared(t)), { code: 'WP4115' });
  t.equal((await bundleOf(site, prepared(t))).generation, 2);
});

t.test('where two of three must sign, the site’s own key alone does not do', async (t) => {
  const dir = join(temporaryFolder(t), 'mall');
  const clock = new ManualClock(NOW_MS);
  const signers = [newSigner(), newSigner()].map(({ publicKey }) => publicKey);
  const wanted = { dir, site: 'mall', hosts: ['localhost'], passphrase: PASSPHRASE, by: 'a test', clock };
  await t.rejects(makeSite({ ...wanted, signing: { signers, threshold: 4 } }), { code: 'WP4114' });
  t.notOk(existsSync(dir), 'before anything is made');
  await makeSite({ ...wanted, signing: { signers, threshold: 2 } });
  const made = await bundleOf({ dir, clock }, prepared(t));
  t.match(made, { signatures: 1, threshold: 2 });
  await t.rejects(verified({ dir }, made.file), { code: 'WP4102' });
  rmSync(siteFile(dir, 'signingKey'));
  t.match(await bundleOf({ dir, clock }, prepared(t)), { signatures: 0 }, 'kept elsewhere');
});

t.test(
  'the keys of bundles: one is sealed, the other for its owner alone, and the broker has the public part',
  async (t) => {
    const { dir } = await newSite(t);
    t.match(await openKey(readFileSync(siteFile(dir, 'bundleRootKey'), 'utf8'), PASSPHRASE), 'PRIVATE KEY');
    t.equal(statSync(siteFile(dir, 'signingKey')).mode & 0o777, 0o600);
    t.strictSame(readFileSync(siteFile(dir, 'brokerBundleRoot')), readFileSync(siteFile(dir, 'bundleRoot')));
    chmodSync(siteFile(dir, 'signingKey'), 0o644);
    t.throws(() => readSigner(dir), { code: 'WP4412' });
  },
);

t.test('the broker’s key of acceptance is certified by the site, to sign and for nothing else', async (t) => {
  const { dir } = await newSite(t);
  const chain = readFileSync(siteFile(dir, 'commissioningCertificate'), 'utf8').split(
    /(?<=-----END CERTIFICATE-----\n)/,
  );
  const [own, issuing] = chain.slice(0, 2).map((pem) => new X509Certificate(pem));
  if (own === undefined || issuing === undefined) throw new RangeError('two certificates');
  t.ok(own.verify(issuing.publicKey));
  t.ok(issuing.verify(new X509Certificate(readFileSync(siteFile(dir, 'rootCertificate'))).publicKey));
  t.equal(own.subject, 'CN=Watchpost mall commissioning');
  t.strictSame(own.keyUsage, ['1.3.6.1.5.5.7.3.36'], 'RFC 9336: not for clients, not for servers');
  t.equal(statSync(siteFile(dir, 'commissioningKey')).mode & 0o777, 0o600);
});

t.test('a site of the version before is brought up, with its own passphrase alone', async (t) => {
  const { dir, clock } = await newSite(t);
  for (const file of ['bundleRoot', 'bundleRootKey', 'signingKey', 'brokerBundleRoot'] as const)
    rmSync(siteFile(dir, file));
  for (const file of ['commissioningKey', 'commissioningCertificate'] as const) rmSync(siteFile(dir, file));
  const sql = new Sqlite(siteFile(dir, 'register'));
  sql.exec('DROP TABLE bundle; ALTER TABLE certificate DROP COLUMN issuer; PRAGMA user_version = 1;');
  sql.close();
  await t.rejects(bundleOf({ dir, clock }, prepared(t)), { code: 'WP4416' });
  const update = (passphrase: string) => updateSite({ dir, passphrase, by: 'a test', clock });
  await t.rejects(update('another passphrase'), { code: 'WP4404' });
  t.equal((await update(PASSPHRASE)).length, 2);
  t.equal((await update(PASSPHRASE)).length, 0, 'what is there stays');
  t.equal((await bundleOf({ dir, clock }, prepared(t))).generation, 1);
  const register = new Register(siteFile(dir, 'register'));
  register.open();
  t.teardown(() => register.close());
  t.strictSame(
    register.list().map(({ kind }) => kind),
    ['server', 'signer', 'signer'],
  );
  t.equal(readSiteSettings(dir).site, 'mall');
});

t.test('by commands: the next bundle of a site, held against a device’s card', async (t) => {
  const { dir } = await newSite(t);
  const [own, other] = ['pillar-001', 'pillar-002'].map((device) => ({ device, to: temporaryFolder(t) }));
  if (own === undefined || other === undefined) throw new RangeError('two cards');
  for (const { device, to } of [own, other]) {
    await makeRoom({ to, chain: readBundleRoot(dir) });
    nameCard({ to, address: { site: 'mall', device }, brokers: ['mqtts://localhost:8883'], nowMs: NOW_MS });
  }
  const run = (...words: string[]) => {
    const args = ['scripts/cli.ts', 'bundle', ...words];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
    return { status, text: stdout + stderr };
  };
  const made = run('make', '--site-dir', dir, '--device', 'pillar-001', '--prepared', prepared(t));
  t.match(made, { status: 0, text: /next: scripts\/watchpost flash .*pillar-001-1\.wpb/ });
  const file = join(dir, 'bundles', 'pillar-001-1.wpb');
  t.match(run('verify', file, '--card', own.to), { status: 0, text: /^ok: mall\.pillar-001 generation 1/ });
  t.match(run('verify', file, '--card', other.to), { status: 1, text: /WP4105/ });
  t.match(run('verify', file), { status: 2, text: /WP5024/ });
  t.match(run('make', '--site-dir', dir, '--device', 'x', '--generation', '3', '--prepared', '.'), {
    ...{ status: 2, text: /WP5024/ },
  });
});
