import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { readIdentity } from '#agent/link/transport.ts';
import { distrust } from '#broker/server/tls/client-certificate.ts';
import { readTlsFiles } from '#broker/server/tls/tls-files.ts';
import { Register } from '#scripts/site-authority/register.ts';
import { reissue, retire } from '#scripts/site-authority/reissue.ts';
import { siteFile } from '#scripts/site-authority/site-files.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { NOW_MS, newSite, PASSPHRASE, provision, type TestSite } from './support.ts';

async function deviceOf(t: Test, site: TestSite, device: string): Promise<X509Certificate> {
  const to = temporaryFolder(t);
  await provision(site, { to, device });
  return new X509Certificate(readIdentity(join(to, 'identity')).cert);
}

const topOf = ({ dir, clock }: TestSite, passphrase = PASSPHRASE) => ({
  dir,
  clock,
  passphrase,
  by: 'a test',
});

/** As the broker judges it by the files that it has. */
const judged = ({ dir }: TestSite, leaf: X509Certificate) =>
  distrust(leaf, readTlsFiles(siteFile(dir, 'tls')));

t.test('devices of two issuing authorities are let in, and each can be taken back', async (t) => {
  const site = await newSite(t);
  const old = await deviceOf(t, site, 'pillar-001');
  const before = readTlsFiles(siteFile(site.dir, 'tls'));
  const made = await reissue(topOf(site));
  t.strictSame(made.devices, ['mall.pillar-001'], 'whose authority is not the present one');
  const young = await deviceOf(t, site, 'pillar-002');
  t.not(young.issuer, old.issuer);
  t.equal(judged(site, old), null);
  t.equal(judged(site, young), null);
  const after = readTlsFiles(siteFile(site.dir, 'tls'));
  t.equal(after.own.issuer, young.issuer, 'the broker has its own from the new one');
  t.equal(
    after.own.validFrom,
    before.authorities.at(0)?.validFrom,
    'as old as the top, for devices without a clock',
  );
  const { revokeDevice } = await import('#scripts/site-authority/revoke.ts');
  for (const device of ['pillar-001', 'pillar-002']) {
    await revokeDevice({ siteDir: site.dir, device, reason: 'lost', clock: site.clock });
  }
  t.equal(judged(site, old), 'WP3306', 'by the authority before');
  t.equal(judged(site, young), 'WP3306');
});

t.test('an authority is taken back when no device depends on it, or when its key is lost', async (t) => {
  const site = await newSite(t);
  const old = await deviceOf(t, site, 'pillar-001');
  await reissue(topOf(site));
  const young = await deviceOf(t, site, 'pillar-002');
  await t.rejects(retire(topOf(site), 'exchanged'), { code: 'WP4428' });
  t.equal(judged(site, old), null, 'nothing has changed');
  const register = new Register(siteFile(site.dir, 'register'));
  register.open();
  const issued = { kind: 'device', name: 'mall.pillar-001', fromMs: NOW_MS, toMs: NOW_MS + 1e9 } as const;
  const present = register.goodOf('mall.pillar-002', NOW_MS)[0]?.issuer ?? null;
  const by = { issuedMs: NOW_MS, issuedBy: 'a test', issuer: present };
  register.add({ ...issued, ...by, serial: 'aa' }, 'beside');
  register.close();
  await t.rejects(
    retire(topOf(site), 'exchanged'),
    { code: 'WP4428' },
    'one that it has but may not use yet',
  );
  const { retired, devices } = await retire(topOf(site), 'lost');
  t.equal(retired.length, 1);
  t.strictSame(devices, ['mall.pillar-001']);
  t.equal(judged(site, old), 'WP3306');
  t.equal(judged(site, young), null);
  const former = join(site.dir, 'authority', 'former');
  t.notOk(
    readdirSync(former).some((name) => name.endsWith('.key')),
    'its key signs nothing any more',
  );
  t.equal(
    await retire(topOf(site), 'exchanged').catch(({ code }) => code),
    'WP4428',
    'the device is still out',
  );
  await provision(site, { to: temporaryFolder(t), existing: 'replace' });
  t.match(await retire(topOf(site), 'exchanged'), { devices: [] });
  t.equal(judged(site, old), 'WP3306', 'the list of the top is kept');
});

t.test('only the passphrase of the top makes another authority', async (t) => {
  const site = await newSite(t);
  const key = readFileSync(siteFile(site.dir, 'issuingKey'), 'utf8');
  await t.rejects(reissue(topOf(site, 'another passphrase')), { code: 'WP4404' });
  await t.rejects(retire(topOf(site, 'another passphrase'), 'lost'), { code: 'WP4404' });
  t.equal(readFileSync(siteFile(site.dir, 'issuingKey'), 'utf8'), key);
  t.notOk(existsSync(join(site.dir, 'authority', 'former')));
});
