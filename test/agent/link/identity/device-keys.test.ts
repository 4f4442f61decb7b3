import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { makeRequest, newKey } from '#agent/installer/identity/key-request.ts';
import { DeviceKeys, type DeviceKeysParts } from '#agent/link/identity/device-keys.ts';
import {
  type Authority,
  issueClient,
  makeIssuing,
  makeRoot,
  readAuthority,
} from '#scripts/site-authority/certificates.ts';
import { DeviceFolder } from '#scripts/site-authority/device-folder.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { silentLog } from '../../behaviours/fakes.ts';

const NAME = 'mall.pillar-001';
const DAY_MS = 86_400_000;
const validity = { fromMs: Date.now() - DAY_MS, toMs: Date.now() + DAY_MS };

/** A site's authorities, and a device that has its first certificate. */
async function newDevice(t: Test) {
  const dir = temporaryFolder(t);
  const top = await makeRoot('mall', validity);
  const below = await makeIssuing(await readAuthority(top), 'mall', validity);
  const issuing = await readAuthority(below);
  const device = new DeviceFolder(dir);
  const request = await makeRequest(await device.makeKey(), NAME);
  const first = await issueClient(issuing, { request, name: NAME, validity });
  device.install({ ...first, ca: top.certificate });
  const sign = async (csr: string, by: Authority = issuing, name = NAME) => {
    const { certificate, serial } = await issueClient(by, { request: csr, name, validity });
    return { pem: certificate + below.certificate, serial };
  };
  return { dir, first: first.serial, sign };
}

const keysOf = (dir: string, parts: Partial<DeviceKeysParts> = {}) =>
  new DeviceKeys({
    ...{ dir: join(dir, 'identity'), name: NAME, pastMs: () => Date.now(), log: silentLog },
    makeKey: async (folder, name) => {
      const key = newKey();
      writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 });
      return makeRequest(key, name);
    },
    unseal: async () => Buffer.from(''),
    ...parts,
  });

/** Its serial number, once it is seen to be a whole pair. */
function serialOf(t: Test, { key, cert }: { key: Buffer; cert: Buffer }): string {
  const own = new X509Certificate(cert);
  t.ok(own.checkPrivateKey(createPrivateKey(key)), 'key and certificate are of one pair');
  return own.serialNumber.toLowerCase();
}

t.test(
  'a new pair is in force from the next connection on, and the one before goes when it was let in',
  async (t) => {
    const { dir, first, sign } = await newDevice(t);
    const keys = keysOf(dir);
    await keys.start();
    t.equal(serialOf(t, keys.next()), first);
    t.equal(keys.cameIn(), 'none');
    const { pem, serial } = await sign(await keys.request());
    t.equal(serialOf(t, keys.read()), first, 'a request changes nothing');
    t.match(await keys.install(pem), { serial, keyIn: 'file' });
    t.equal(keys.certificate?.serial, first, 'the connection is still of the one before');
    t.equal(serialOf(t, keys.next()), serial);
    t.equal(keys.cameIn(), 'renewed');
    t.equal(keys.cameIn(), 'none', 'told once');
    t.strictSame(readdirSync(dir).sort(), ['identity', `identity-${serial}`]);
  },
);

t.test('a new pair that is let in nowhere is given back for the one before', async (t) => {
  const { dir, first, sign } = await newDevice(t);
  const keys = keysOf(dir);
  const { pem, serial } = await sign(await keys.request());
  await keys.install(pem);
  const tried = Array.from({ length: 6 }, () => serialOf(t, keys.next()));
  t.strictSame(tried, [serial, serial, serial, first, serial, first], 'three times, then by turns');
  t.equal(keys.cameIn(), 'put-off', 'the site may not know its authority yet');
  t.equal(keys.certificate?.serial, first);
  for (let turn = 0; turn < 4; turn += 1) keys.next();
  t.equal(keys.cameIn(), 'given-back');
  t.equal(serialOf(t, keys.next()), first);
  t.equal(keys.certificate?.serial, first);
  t.strictSame(readdirSync(dir).sort(), ['identity', `identity-${first}`]);
});

t.test('what the site takes at the second try is renewed all the same', async (t) => {
  const { dir, first, sign } = await newDevice(t);
  const keys = keysOf(dir);
  const { pem, serial } = await sign(await keys.request());
  await keys.install(pem);
  for (let turn = 0; turn < 4; turn += 1) keys.next();
  t.equal(keys.cameIn(), 'put-off');
  t.equal(serialOf(t, keys.next()), serial);
  t.equal(keys.cameIn(), 'renewed');
  t.not(serial, first);
});

t.test(
  'two renewals, one behind the other: what the site has let in is kept until another was',
  async (t) => {
    const { dir, first, sign } = await newDevice(t);
    const keys = keysOf(dir);
    t.equal(serialOf(t, keys.next()), first);
    keys.cameIn();
    await keys.install((await sign(await keys.request())).pem);
    const second = await sign(await keys.request());
    await keys.install(second.pem);
    const tried = Array.from({ length: 4 }, () => serialOf(t, keys.next()));
    t.strictSame(tried, [second.serial, second.serial, second.serial, first]);
    t.strictSame(
      readdirSync(dir)
        .filter((name) => /-[0-9a-f]+$/.test(name))
        .sort(),
      [`identity-${first}`, `identity-${second.serial}`].sort(),
    );
    keys.cameIn();
    for (let turn = 0; turn < 4; turn += 1) keys.next();
    t.equal(keys.cameIn(), 'given-back');
    t.equal(serialOf(t, keys.next()), first);
  },
);

t.test('what does not fit is refused, and nothing changes', async (t) => {
  const { dir, first, sign } = await newDevice(t);
  const keys = keysOf(dir);
  const refused = (pem: string) => t.rejects(keys.install(pem), { code: 'WP4422' });
  const old = await sign(await keys.request());
  const csr = await keys.request();
  await refused(old.pem);
  const stranger = await readAuthority(await makeRoot('other', validity));
  await refused((await sign(csr, stranger)).pem);
  const other = await sign(await makeRequest(newKey(), 'mall.pillar-002'), undefined, 'mall.pillar-002');
  await refused(other.pem);
  await refused('no certificate');
  await refused('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----');
  const late = keysOf(dir, { pastMs: () => validity.toMs + 1 });
  const { pem } = await sign(csr);
  await t.rejects(late.install(pem), { code: 'WP4422' });
  t.equal(serialOf(t, keys.read()), first);
  t.equal(keys.cameIn(), 'none');
  await t.resolves(keys.install(pem), 'the right one is taken after all of them');
});

t.test('an identity that is no link to a folder cannot be exchanged', async (t) => {
  const { dir, first } = await newDevice(t);
  rmSync(join(dir, 'identity'));
  renameSync(join(dir, `identity-${first}`), join(dir, 'identity'));
  const keys = keysOf(dir);
  await keys.start();
  await t.rejects(keys.request(), { code: 'WP4420' });
  t.equal(serialOf(t, keys.next()), first);
});

const STEPS = ['written', 'named', 'before', 'in-force'] as const;

for (const step of STEPS) {
  t.test(
    `cut off at identity.${step}, a start finds one whole pair, and the next renewal works`,
    async (t) => {
      const { dir, first, sign } = await newDevice(t);
      const cut = keysOf(dir, {
        failpoint: (reached) => {
          if (reached === `identity.${step}`) throw new RangeError('power is gone');
        },
      });
      const { pem, serial } = await sign(await cut.request());
      await t.rejects(cut.install(pem), RangeError);
      const after = keysOf(dir);
      await after.start();
      t.equal(serialOf(t, after.next()), step === 'in-force' ? serial : first);
      t.equal(after.cameIn(), step === 'in-force' ? 'renewed' : 'none');
      const again = await sign(await after.request());
      await after.install(again.pem);
      t.equal(serialOf(t, after.next()), again.serial);
      t.equal(after.cameIn(), 'renewed');
      t.strictSame(readdirSync(dir).sort(), ['identity', `identity-${again.serial}`]);
    },
  );
}

for (const step of ['given-back', 'settled'] as const) {
  t.test(`cut off at identity.${step} on the way back, the pair before is in force`, async (t) => {
    const { dir, first, sign } = await newDevice(t);
    let isArmed = false;
    const cut = keysOf(dir, {
      failpoint: (reached) => {
        if (isArmed && reached === `identity.${step}`) throw new RangeError('power is gone');
      },
    });
    const { pem } = await sign(await cut.request());
    await cut.install(pem);
    isArmed = true;
    for (let turn = 0; turn < 4; turn += 1) cut.next();
    t.equal(cut.cameIn(), 'put-off');
    for (let turn = 0; turn < 4; turn += 1) cut.next();
    t.throws(() => cut.cameIn(), RangeError);
    const after = keysOf(dir);
    await after.start();
    t.equal(serialOf(t, after.next()), first);
    t.equal(after.cameIn(), 'none');
    const again = await sign(await after.request());
    await after.install(again.pem);
    t.equal(serialOf(t, after.next()), again.serial);
  });
}

t.test(
  'a key that a TPM has sealed is opened at the start, and a connection before that is said',
  async (t) => {
    const { dir, first } = await newDevice(t);
    const folder = join(dir, `identity-${first}`);
    const key = readFileSync(join(folder, 'key.pem'));
    rmSync(join(folder, 'key.pem'));
    writeFileSync(join(folder, 'key.sealed'), 'sealed');
    const keys = keysOf(dir, { unseal: async () => key });
    t.throws(() => keys.next(), { code: 'WP4425' });
    await keys.start();
    t.equal(serialOf(t, keys.next()), first);
    t.match(keys.certificate, { keyIn: 'tpm' });
    const locked = keysOf(dir, {
      unseal: async () => {
        throw new RangeError('another TPM');
      },
    });
    await locked.start();
    t.throws(() => locked.next(), { code: 'WP4425' });
    t.notOk(existsSync(join(folder, 'key.pem')), 'nothing of it is written');
    mkdirSync(join(dir, 'x'));
  },
);
