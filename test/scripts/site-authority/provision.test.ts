import { X509Certificate } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { certifiedSinceMs, readIdentity } from '#agent/link/transport.ts';
import { readTlsFiles } from '#broker/server/tls/tls-files.ts';
import { Register } from '#scripts/site-authority/register.ts';
import { revokeDevice } from '#scripts/site-authority/revoke.ts';
import { siteFile } from '#scripts/site-authority/site-files.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { DAY_MS, NOW_MS, newSite, provision } from './support.ts';

const identityOf = (card: string) => {
  const { key, cert, ca } = readIdentity(join(card, 'identity'));
  return { key: key.toString(), cert: new X509Certificate(cert), ca: new X509Certificate(ca) };
};

t.test('a device whose clock was never set finds a site good that was made after its program', async (t) => {
  const site = await newSite(t);
  const card = temporaryFolder(t);
  await provision(site, { to: card });
  const { own, authorities } = readTlsFiles(siteFile(site.dir, 'tls'));
  const atMs = certifiedSinceMs(() => readIdentity(join(card, 'identity')));
  t.equal(atMs, NOW_MS - 3_600_000);
  for (const { subject, validFrom, validTo } of [own, ...authorities]) {
    t.ok(Date.parse(validFrom) <= atMs && atMs < Date.parse(validTo), subject);
  }
});

t.test('a device gets a key that its owner alone may read, and a certificate that fits it', async (t) => {
  const site = await newSite(t);
  const card = temporaryFolder(t);
  const { serial, expiresAt } = await provision(site, { to: card });
  const { key, cert, ca } = identityOf(card);
  t.equal(cert.subject, 'CN=mall.pillar-001');
  t.equal(cert.serialNumber.toLowerCase(), serial);
  t.equal(Date.parse(cert.validTo), Date.parse(expiresAt));
  t.ok(cert.checkPrivateKey((await import('node:crypto')).createPrivateKey(key)));
  t.equal(ca.fingerprint256, site.fingerprint, 'it trusts the top of its site');
  t.equal(statSync(join(card, 'identity', 'key.pem')).mode & 0o777, 0o600);
  t.equal(statSync(join(card, 'identity')).mode & 0o777, 0o700);
  t.strictSame(readdirSync(card).sort(), ['identity', `identity-${serial}`]);
});

t.test('the key never leaves the card: nothing of it is in the site’s folder', async (t) => {
  const site = await newSite(t);
  const card = temporaryFolder(t);
  await provision(site, { to: card });
  const body = identityOf(card).key.split('\n')[1] ?? '';
  const raw = Buffer.from(body, 'base64').subarray(-28);
  for (const entry of readdirSync(site.dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = readFileSync(join(entry.parentPath, entry.name));
    t.notOk(bytes.includes(body) || bytes.includes(raw), entry.name);
  }
});

t.test('neither a card nor a name is given a second identity unless it is said', async (t) => {
  const site = await newSite(t);
  const [card, other] = [temporaryFolder(t), temporaryFolder(t)];
  await provision(site, { to: card });
  const before = identityOf(card).cert.serialNumber;
  await t.rejects(provision(site, { to: card, device: 'pillar-002' }), { code: 'WP4413' });
  await t.rejects(provision(site, { to: other }), { code: 'WP4406' });
  t.strictSame(readdirSync(other), [], 'no key is left behind');
  t.equal(identityOf(card).cert.serialNumber, before);
});

t.test('a replaced identity is another key, and the one before is taken back', async (t) => {
  const site = await newSite(t);
  const card = temporaryFolder(t);
  await provision(site, { to: card });
  const before = identityOf(card);
  const { serial } = await provision(site, { to: card, existing: 'replace' });
  const after = identityOf(card);
  t.not(after.key, before.key);
  t.strictSame(readdirSync(card).sort(), ['identity', `identity-${serial}`], 'the old key is gone');
  const { revoked, authorities } = readTlsFiles(siteFile(site.dir, 'tls'));
  const issuing = authorities.find(({ subject }) => subject.endsWith('issuing'));
  if (issuing === undefined) throw new RangeError('no issuing authority');
  t.ok(revoked.has(issuing, before.cert));
  t.notOk(revoked.has(issuing, after.cert));
});

t.test('a card that fails after the certificate was issued leaves the one before good', async (t) => {
  const site = await newSite(t);
  const card = temporaryFolder(t);
  await provision(site, { to: card });
  // In the way of the link that is renamed into place.
  mkdirSync(join(card, 'identity.new'));
  writeFileSync(join(card, 'identity.new', 'in-the-way'), '');
  await t.rejects(provision(site, { to: card, existing: 'replace' }), { code: 'WP4407' });
  const { cert } = identityOf(card);
  const register = new Register(siteFile(site.dir, 'register'));
  register.open();
  t.equal(
    register.goodOf('mall.pillar-001', NOW_MS).length,
    2,
    'the new one is known, so that it can be taken back',
  );
  register.close();
  t.equal(readTlsFiles(siteFile(site.dir, 'tls')).revoked.size, 0);
  rmSync(join(card, 'identity.new'), { recursive: true });
  const { serial } = await provision(site, { to: card, existing: 'replace' });
  t.equal(readTlsFiles(siteFile(site.dir, 'tls')).revoked.size, 2, 'both others are taken back now');
  t.not(serial, cert.serialNumber.toLowerCase());
});

t.test('a folder that is not there, or is a file, is said', async (t) => {
  const site = await newSite(t);
  const file = join(temporaryFolder(t), 'file');
  writeFileSync(file, '');
  await t.rejects(provision(site, { to: `${file}-not-there` }), { code: 'WP4407' });
  await t.rejects(provision(site, { to: file }), { code: 'WP4407' });
  mkdirSync(join(file, '..', 'identity'));
  await t.rejects(provision(site, { to: join(file, '..') }), { code: 'WP4413' });
});

t.test('a clock before the authority, and more days than it has, are refused', async (t) => {
  const site = await newSite(t);
  const early = { dir: site.dir, clock: new ManualClock(NOW_MS - 3 * DAY_MS) };
  await t.rejects(provision(early, { to: temporaryFolder(t) }), { code: 'WP4405' });
  await t.rejects(provision({ dir: site.dir, clock: new ManualClock(0) }, { to: temporaryFolder(t) }), {
    code: 'WP4405',
  });
  await t.rejects(provision(site, { to: temporaryFolder(t), days: 3_651 }), { code: 'WP4410' });
  await t.rejects(provision({ ...site, dir: temporaryFolder(t) }, { to: temporaryFolder(t) }), {
    code: 'WP4402',
  });
});

t.test('taking back is repeatable; a name that never had anything is said', async (t) => {
  const site = await newSite(t);
  await provision(site, { to: temporaryFolder(t) });
  const revoke = (device: string) =>
    revokeDevice({ siteDir: site.dir, device, reason: 'lost', clock: site.clock });
  t.match(await revoke('pillar-001'), { name: 'mall.pillar-001', revoked: 1, listed: 1 });
  t.match(await revoke('pillar-001'), { revoked: 0, listed: 1 });
  await t.rejects(revoke('pillar-009'), { code: 'WP4409' });
  await provision(site, { to: temporaryFolder(t) });
  t.match(await revoke('pillar-001'), { revoked: 1, listed: 2 }, 'a device that was found again');
});

t.test('two technicians at once, with one name on two cards: one of them is told', async (t) => {
  const site = await newSite(t);
  const cards = [temporaryFolder(t), temporaryFolder(t)];
  const outcomes = await Promise.allSettled(cards.map((to) => provision(site, { to })));
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  t.match(refused, [{ code: 'WP4406' }]);
  t.strictSame(
    cards.map((card) => readdirSync(card).length).sort(),
    [0, 2],
    'no key is left on the other card',
  );
});
