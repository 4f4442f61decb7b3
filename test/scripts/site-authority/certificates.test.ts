import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { makeRequest, newKey } from '#agent/installer/identity/key-request.ts';
import { readRevocationLists } from '#broker/server/tls/revocation-list.ts';
import {
  issueClient,
  listRevoked,
  makeIssuing,
  makeRoot,
  readAuthority,
} from '#scripts/site-authority/certificates.ts';
import { temporaryFolder } from '#test/support/site-database.ts';

const DAY_MS = 86_400_000;
const validity = { fromMs: Date.now() - DAY_MS, toMs: Date.now() + 30 * DAY_MS };
const NAME = 'mall.pillar-001';

async function authorities() {
  const top = await makeRoot('mall', validity);
  const below = await makeIssuing(await readAuthority(top), 'mall', validity);
  return { top, below, issuing: await readAuthority(below) };
}

t.test(
  'OpenSSL finds the chain of a device good under its strict rules, for clients and for nothing else',
  async (t) => {
    const { top, below, issuing } = await authorities();
    const request = await makeRequest(newKey(), NAME);
    const { certificate } = await issueClient(issuing, { request, name: NAME, validity });
    const dir = temporaryFolder(t);
    const files = { root: top.certificate, below: below.certificate, leaf: certificate };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
    const verify = (purpose: string) =>
      execFileSync(
        'openssl',
        ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', 'root', '-untrusted', 'below', 'leaf'],
        { cwd: dir, encoding: 'utf8', stdio: 'pipe' },
      );
    t.equal(verify('sslclient'), 'leaf: OK\n');
    t.throws(() => verify('sslserver'), /unsuitable certificate purpose/i);
  },
);

t.test('a request is granted for its own key and name alone', async (t) => {
  const { issuing } = await authorities();
  const key = newKey();
  const request = await makeRequest(key, NAME);
  const { certificate, serial } = await issueClient(issuing, { request, name: NAME, validity });
  const leaf = new X509Certificate(certificate);
  t.equal(leaf.subject, `CN=${NAME}`);
  t.equal(leaf.ca, false);
  t.equal(leaf.serialNumber.toLowerCase(), serial);
  t.equal(leaf.keyUsage?.join(), '1.3.6.1.5.5.7.3.2');

  const refused = (text: string, name = NAME) =>
    t.rejects(issueClient(issuing, { request: text, name, validity }), { code: 'WP4408' });
  await refused(request, 'mall.pillar-002');
  await refused('cut off');
  await refused(request.repeat(20));
  const [first = ''] = request.split('\n').slice(3);
  const changed = first.startsWith('A') ? `B${first.slice(1)}` : `A${first.slice(1)}`;
  await refused(request.replace(first, changed));
});

t.test('only ECDSA P-256 is signed for', async (t) => {
  const { issuing } = await authorities();
  const dir = temporaryFolder(t);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  writeFileSync(join(dir, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const args = ['req', '-new', '-key', 'key.pem', '-subj', `/CN=${NAME}`];
  const request = execFileSync('openssl', args, { cwd: dir, encoding: 'utf8', stdio: 'pipe' });
  await t.rejects(issueClient(issuing, { request, name: NAME, validity }), { code: 'WP4408' });
});

t.test('the broker reads a list, knows what is on it and from whom', async (t) => {
  const { issuing, top } = await authorities();
  const issue = async () =>
    issueClient(issuing, { request: await makeRequest(newKey(), NAME), name: NAME, validity });
  const [stolen, good] = [await issue(), await issue()];
  const entry = { serial: stolen.serial, atMs: Date.now(), reason: 'lost' } as const;
  const known = [issuing.certificate.toString('pem'), top.certificate].map((pem) => new X509Certificate(pem));
  for (const number of [1, 128, 65_536]) {
    const list = readRevocationLists(await listRevoked(issuing, [entry], { number, validity }), known);
    const [issuer] = known;
    if (issuer === undefined) throw new RangeError('no issuer');
    t.equal(list.size, 1);
    t.ok(list.has(issuer, new X509Certificate(stolen.certificate)));
    t.notOk(list.has(issuer, new X509Certificate(good.certificate)));
  }
  const empty = await listRevoked(issuing, [], { number: 4, validity });
  t.equal(readRevocationLists(empty, known).size, 0);
});
