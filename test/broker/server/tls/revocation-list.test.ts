import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readRevocationLists } from '#broker/server/tls/revocation-list.ts';
import { WatchpostError } from '#contract/errors.ts';
import { TestAuthority } from '#test/support/certificates.ts';
import { seeded } from '#test/support/random.ts';
import { temporaryFolder } from '#test/support/site-database.ts';

const CONFIG = `[ca]
default_ca=site
[site]
database=index.txt
serial=serial
crlnumber=crlnumber
default_md=sha256
default_days=30
default_crl_days=30
new_certs_dir=.
policy=any
[any]
commonName=supplied
`;

const KEYS = {
  'RSA 2048': ['-newkey', 'rsa:2048'],
  'ECDSA P-384': ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  Ed25519: ['-newkey', 'ed25519'],
} as const;

for (const [kind, newkey] of Object.entries(KEYS)) {
  t.test(`what openssl makes with ${kind} is read: an empty list, and one with entries`, async (t) => {
    const dir = temporaryFolder(t);
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
    const read = (name: string) => readFileSync(join(dir, name), 'utf8');
    const md = kind === 'Ed25519' ? ['-md', 'null'] : [];
    for (const [name, text] of Object.entries({
      'ca.cnf': CONFIG,
      'index.txt': '',
      serial: '8000',
      crlnumber: '01',
    })) {
      writeFileSync(join(dir, name), text);
    }
    openssl(
      'req',
      '-x509',
      ...newkey,
      '-nodes',
      '-days',
      '30',
      '-subj',
      '/CN=Site',
      '-keyout',
      'ca.key',
      '-out',
      'ca.crt',
    );
    const ca = ['-config', 'ca.cnf', '-keyfile', 'ca.key', '-cert', 'ca.crt', ...md];
    const issue = (name: string) => {
      openssl(
        'req',
        ...newkey,
        '-nodes',
        '-subj',
        `/CN=${name}`,
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.csr`,
      );
      openssl('ca', ...ca, '-batch', '-notext', '-in', `${name}.csr`, '-out', `${name}.crt`);
      return new X509Certificate(read(`${name}.crt`));
    };
    const [kept, stolen] = [issue('north.pillar-1'), issue('north.pillar-2')];
    const authority = new X509Certificate(read('ca.crt'));
    const list = () => {
      openssl('ca', ...ca, '-gencrl', '-out', 'ca.crl');
      return readRevocationLists(read('ca.crl'), [authority]);
    };
    const empty = list();
    t.equal(empty.size, 0);
    t.notOk(empty.has(authority, stolen));
    t.ok((empty.nextUpdateMs ?? 0) > Date.now());
    openssl('ca', ...ca, '-revoke', 'north.pillar-2.crt', '-crl_reason', 'keyCompromise');
    const revoked = list();
    t.equal(revoked.size, 1);
    t.ok(revoked.has(authority, stolen));
    t.notOk(revoked.has(authority, kept));
  });
}

t.test('two authorities have a list each; a number of one says nothing about the other', async (t) => {
  const [one, two] = [await TestAuthority.make('CN=One'), await TestAuthority.make('CN=Two')];
  const [a, b] = [await one.issue('north.pillar-1'), await two.issue('north.pillar-2')];
  const [certA, certB] = [new X509Certificate(a.cert), new X509Certificate(b.cert)];
  t.equal(certA.serialNumber, certB.serialNumber);
  const authorities = [new X509Certificate(one.cert), new X509Certificate(two.cert)] as const;
  const list = readRevocationLists((await one.revoke([a.cert])) + (await two.revoke([])), authorities);
  t.ok(list.has(authorities[0], certA));
  t.notOk(list.has(authorities[1], certB));
});

t.test(
  'a list that was changed anywhere is refused with its code, and nothing else happens (seeded)',
  async (t) => {
    const authority = await TestAuthority.make();
    const device = await authority.issue('north.pillar-1');
    const ca = new X509Certificate(authority.cert);
    const der = Buffer.from(
      (await authority.revoke([device.cert])).replace(/-----[^-]+-----|\s/g, ''),
      'base64',
    );
    const pem = (bytes: Buffer) =>
      `-----BEGIN X509 CRL-----\n${bytes.toString('base64')}\n-----END X509 CRL-----\n`;
    t.equal(readRevocationLists(pem(der), [ca]).size, 1);
    const next = seeded(3315);
    let refused = 0;
    for (let round = 0; round < 1500; round += 1) {
      const changed = Buffer.from(der.subarray(0, next(4) === 0 ? next(der.length) : der.length));
      for (let flips = 1 + next(3); flips > 0 && changed.length > 0; flips -= 1) {
        const at = next(changed.length);
        changed[at] = (changed[at] ?? 0) ^ (1 + next(255));
      }
      if (changed.equals(der)) continue;
      try {
        const list = readRevocationLists(pem(changed), [ca]);
        // What stands in the signature's own wrapping may differ; what is signed may not.
        if (!list.has(ca, new X509Certificate(device.cert))) t.fail(`accepted: ${changed.toString('hex')}`);
      } catch (error) {
        refused += 1;
        if (!(error instanceof WatchpostError) || error.code !== 'WP3315') t.fail(String(error));
      }
    }
    t.ok(refused > 1300, `${refused} refused`);
  },
);
