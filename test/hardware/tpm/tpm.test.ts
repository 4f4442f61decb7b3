import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { unsealKey } from '#agent/installer/identity/tpm.ts';
import { DeviceKeys } from '#agent/link/identity/device-keys.ts';
import { makeKey } from '#agent/renewal-wiring.ts';
import { readBundleRoot } from '#scripts/site-authority/bundle-keys.ts';
import { issueClient } from '#scripts/site-authority/certificates.ts';
import { CardHolder } from '#scripts/site-authority/key-holder.ts';
import { readIssuing } from '#scripts/site-authority/site-files.ts';
import { silentLog } from '#test/agent/behaviours/fakes.ts';
import { NOW_MS, newSite, provision } from '#test/scripts/site-authority/support.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { missingTpm, SoftwareTpm } from './software-tpm.ts';

const skip = missingTpm() ?? false;
const address = { site: 'mall', device: 'pillar-001' };

function tpmOf(t: Test, name: string): SoftwareTpm {
  const tpm = new SoftwareTpm(t, join(temporaryFolder(t), name));
  tpm.start();
  process.env.TPM2TOOLS_TCTI = tpm.tcti;
  return tpm;
}
t.teardown(() => {
  delete process.env.TPM2TOOLS_TCTI;
});

/** A device whose key its TPM has sealed. */
async function sealedDevice(t: Test) {
  const site = await newSite(t);
  const card = temporaryFolder(t);
  const plan = {
    address,
    brokers: ['mqtts://localhost:8883'],
    chain: readBundleRoot(site.dir),
    nowMs: NOW_MS,
  };
  const holder = new CardHolder({ ...plan, to: card, keyIn: 'tpm' });
  const made = await provision(site, { to: holder });
  return { site, card, serial: made.serial };
}

const keysOf = (card: string) =>
  new DeviceKeys({
    ...{ dir: join(card, 'identity'), name: 'mall.pillar-001', pastMs: () => NOW_MS, log: silentLog },
    ...{ makeKey, unseal: unsealKey },
  });

t.test('a key that a TPM has sealed is opened by it, also after its power was off', { skip }, async (t) => {
  const tpm = tpmOf(t, 'own');
  const { card, serial } = await sealedDevice(t);
  const folder = join(card, `identity-${serial}`);
  t.notOk(existsSync(join(folder, 'key.pem')), 'it lies nowhere in the clear');
  t.notMatch(readFileSync(join(folder, 'key.sealed'), 'utf8'), 'PRIVATE KEY');
  tpm.stop();
  tpm.start();
  const keys = keysOf(card);
  await keys.start();
  t.match(keys.next().key.toString('utf8'), /^-----BEGIN PRIVATE KEY-----/);
  t.match(keys.certificate, { serial, keyIn: 'tpm' });
});

t.test(
  'a copied card is of no use with another TPM, nor without one, nor with a changed bit',
  { skip },
  async (t) => {
    const own = tpmOf(t, 'own');
    const { card, serial } = await sealedDevice(t);
    const copy = temporaryFolder(t);
    cpSync(card, copy, { recursive: true, verbatimSymlinks: true });
    const sealed = join(copy, `identity-${serial}`, 'key.sealed');
    const other = tpmOf(t, 'other');
    await t.rejects(unsealKey(sealed), { code: 'WP4424', message: /tpm2_load/ });
    const keys = keysOf(copy);
    await keys.start();
    t.throws(() => keys.next(), { code: 'WP4425' });
    other.stop();
    await t.rejects(unsealKey(sealed), { code: 'WP4424' });
    process.env.TPM2TOOLS_TCTI = own.tcti;
    const text = JSON.parse(readFileSync(sealed, 'utf8'));
    const content = Buffer.from(text.content, 'base64');
    content[0] = (content[0] ?? 0) ^ 1;
    writeFileSync(sealed, JSON.stringify({ ...text, content: content.toString('base64') }));
    await t.rejects(unsealKey(sealed), { code: 'WP4424', message: /was changed/ });
  },
);

t.test('a device renews into its TPM: the new key is sealed, too', { skip }, async (t) => {
  tpmOf(t, 'own');
  const { site, card, serial } = await sealedDevice(t);
  const keys = keysOf(card);
  await keys.start();
  const issuing = await readIssuing(site.dir);
  const validity = { fromMs: NOW_MS, toMs: NOW_MS + 86_400_000 };
  const request = await keys.request();
  const issued = await issueClient(issuing, { request, name: 'mall.pillar-001', validity });
  await keys.install(issued.certificate + issuing.certificate.toString('pem'));
  t.match(keys.next().key.toString('utf8'), /^-----BEGIN PRIVATE KEY-----/);
  t.equal(keys.cameIn(), 'renewed');
  t.not(keys.certificate?.serial, serial);
  t.notOk(existsSync(join(card, 'identity', 'key.pem')));
  mkdirSync(join(card, 'x'));
});
