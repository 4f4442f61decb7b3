import { createHash, X509Certificate } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Signer } from '#broker/commissioning/signer.ts';
import { canonicalJson } from '#contract/commission/canonical.ts';
import { type Certificate, Certificate as CertificateSchema } from '#contract/commission/certificate.ts';
import { resultOf, type Step } from '#contract/commission/run.ts';
import { trustOf } from '#scripts/commission/trust.ts';
import { verifyCertificate } from '#scripts/commission/verify.ts';
import { siteFile } from '#scripts/site-authority/site-files.ts';
import { NOW_MS, newSite, provision, type Teardown } from '#test/scripts/site-authority/support.ts';
import { temporaryFolder } from '#test/support/site-database.ts';

const PICTURE = Buffer.from('not really a picture');
const BY = { name: 'Mei Lin', account: 'tech-1' };

const step = (id: string, fields: Partial<Step> = {}): Omit<Step, 'prompt'> => ({
  ...{ id, kind: 'path', subject: null, state: 'passed', attempts: 1, measured: [], facts: [], events: [] },
  ...{ pictures: [], code: null, detail: null, reason: null, by: BY, at: '2026-11-22T10:00:00.000Z' },
  ...fields,
});

const sample = (finishedAt = new Date(NOW_MS).toISOString()): Certificate =>
  CertificateSchema.parse({
    ...{
      format: 1,
      id: '01a2',
      site: 'mall',
      device: 'pillar-001',
      place: { label: '滨江路 3 号' },
      profile: null,
    },
    serials: { certificate: '4e10', certificateExpiresAt: null, bundle: null, versions: {}, parts: {} },
    ...{ startedAt: finishedAt, startedBy: BY, finishedAt, finishedBy: BY, result: 'passed', remark: null },
    steps: [
      step('path', { measured: [{ name: 'sent', value: 12.5, unit: 'ms' }] }),
      step('picture:front', {
        kind: 'picture',
        pictures: [
          {
            ...{ blobId: 'p-1', mediaType: 'image/png', bytes: PICTURE.length, zones: [] },
            sha256: createHash('sha256').update(PICTURE).digest('hex'),
          },
        ],
      }),
    ],
    madeBy: { broker: '0.1.0', auditRow: 7, auditHash: 'ab' },
  });

async function signed(t: Teardown) {
  const site = await newSite(t);
  const broker = siteFile(site.dir, 'broker');
  const file = await new Signer(broker).sign(sample());
  const pictures = temporaryFolder(t);
  writeFileSync(join(pictures, 'p-1.png'), PICTURE);
  const trust = trustOf({ site: site.dir });
  return { site, broker, file, pictures, trust, text: `${JSON.stringify(file, null, 2)}\n` };
}

const ANY = { device: null, pictures: null };

t.test(
  'a certificate that the site has signed is verified with nothing but its top certificate',
  async (t) => {
    const { site, text, pictures } = await signed(t);
    const trust = trustOf({ ca: siteFile(site.dir, 'rootCertificate') });
    for (const device of ['pillar-001', 'mall.pillar-001', null]) {
      const { certificate, signer } = await verifyCertificate(text, trust, { device, pictures });
      t.equal(certificate.device, 'pillar-001');
      t.match(signer, /mall commissioning/);
    }
    await t.rejects(verifyCertificate(text, trust, { device: 'pillar-002', pictures }), { code: 'WP4520' });
  },
);

t.test('no bit of the file can be changed', async (t) => {
  const { text, trust } = await signed(t);
  const bytes = Buffer.from(text);
  let refused = 0;
  // Every byte once, each time another of its bits.
  for (let at = 0; at < bytes.length - 1; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
    const verdict = await verifyCertificate(changed.toString('utf8'), trust, ANY).catch(({ code }) => code);
    if (typeof verdict === 'string' && /^WP45(17|18|19|22)$/.test(verdict)) refused += 1;
    else
      t.fail(
        `byte ${at}: ${JSON.stringify(text.slice(at - 10, at + 10))} ${JSON.stringify(verdict)?.slice(0, 80)}`,
      );
  }
  t.equal(refused, bytes.length - 1);
});

t.test('a signer whom the site does not know, or has taken back, is refused', async (t) => {
  const { text, trust, broker } = await signed(t);
  await t.rejects(verifyCertificate(text, { ...trust, ca: null }, ANY), { code: 'WP4519' });
  await t.rejects(verifyCertificate(text, { ...trust, ca: null, key: 'ab' }, ANY), { code: 'WP4519' });
  const leaf = new X509Certificate(readFileSync(join(broker, 'commissioning.crt')));
  const revoked = new Set([leaf.serialNumber.toLowerCase().replace(/^0+/, '')]);
  await t.rejects(verifyCertificate(text, { ...trust, revoked }, ANY), { code: 'WP4522' });
  const server = readFileSync(join(broker, 'tls/server.crt'), 'utf8');
  await t.rejects(verifyCertificate(text, { ...trust, ca: server }, ANY), { code: 'WP4519' });
});

t.test(
  'a device cannot sign with its own certificate, though the same authority stands above it',
  async (t) => {
    const { site, trust, file } = await signed(t);
    const card = temporaryFolder(t);
    await provision(site, { to: card });
    const forger = temporaryFolder(t);
    copyFileSync(join(card, 'identity/key.pem'), join(forger, 'commissioning.key'));
    const issuing = readFileSync(siteFile(site.dir, 'issuingCertificate'), 'utf8');
    const own = readFileSync(join(card, 'identity/cert.pem'), 'utf8');
    writeFileSync(join(forger, 'commissioning.crt'), own + issuing);
    const forged = JSON.stringify(await new Signer(forger).sign(file.certificate));
    await t.rejects(verifyCertificate(forged, trust, ANY), { code: 'WP4522' });
  },
);

t.test('a certificate signed before or after its signer’s time is refused', async (t) => {
  const { broker, trust } = await signed(t);
  const late = await new Signer(broker).sign(sample('2099-01-01T00:00:00.000Z'));
  await t.rejects(verifyCertificate(JSON.stringify(late), trust, ANY), { code: 'WP4522' });
});

t.test('a picture that is missing, or another one, is told', async (t) => {
  const { text, trust, pictures } = await signed(t);
  const wanted = { device: null, pictures };
  await verifyCertificate(text, trust, wanted);
  writeFileSync(join(pictures, 'p-1.png'), 'another');
  await t.rejects(verifyCertificate(text, trust, wanted), { code: 'WP4521', message: /another one/ });
  rmSync(join(pictures, 'p-1.png'));
  await t.rejects(verifyCertificate(text, trust, wanted), { code: 'WP4521', message: /not there/ });
  await verifyCertificate(text, trust, ANY);
});

t.test(
  'a site without an authority signs with a key of its own, which is believed by its fingerprint',
  async (t) => {
    const broker = temporaryFolder(t);
    const signer = new Signer(broker);
    const text = JSON.stringify(await signer.sign(sample()));
    const { signer: subject } = await verifyCertificate(text, trustOf({ key: signer.fingerprint() }), ANY);
    t.equal(subject, null);
    await verifyCertificate(text, trustOf({ site: broker }), ANY);
    const other = temporaryFolder(t);
    mkdirSync(join(other, 'broker'));
    await t.rejects(verifyCertificate(text, trustOf({ site: other }), ANY), { code: 'WP4519' });
    writeFileSync(join(broker, 'commissioning.key'), 'no key', { mode: 0o600 });
    await t.rejects(signer.sign(sample()), { code: 'WP4523' });
  },
);

t.test('the canonical form is that of RFC 8785', async (t) => {
  // §3.2.3: by UTF-16 code units; §3.2.2.3: numbers as ECMAScript writes them.
  const value = {
    '\u20ac': 1,
    '\r': 2,
    '1': 1 / 3,
    '\ufb33': 1e30,
    b: [true, null, '\u20ac$\n'],
  };
  const canonical = '{"\\r":2,"1":0.3333333333333333,"b":[true,null,"€$\\n"],"€":1,"\ufb33":1e+30}';
  t.equal(canonicalJson(value), canonical);
  t.throws(() => canonicalJson({ a: Number.NaN }), TypeError);
});

t.test(
  'a run is passed with every step, excepted with what somebody answers for, and else not',
  async (t) => {
    const steps = (...states: Step['state'][]) =>
      states.map((state) => ({ ...step('path', { state }), prompt: null }));
    t.equal(resultOf(steps('passed', 'passed')), 'passed');
    t.equal(resultOf(steps('passed', 'accepted', 'skipped')), 'excepted');
    for (const state of ['open', 'failed', 'running'] as const) {
      t.equal(resultOf(steps('passed', state)), 'not-passed');
    }
  },
);
