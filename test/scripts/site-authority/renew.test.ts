import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readTlsFiles } from '#broker/server/tls/tls-files.ts';
import { issueServerFiles } from '#scripts/site-authority/make-site.ts';
import { Register } from '#scripts/site-authority/register.ts';
import { siteFile } from '#scripts/site-authority/site-files.ts';
import { DAY_MS, NOW_MS, newSite } from './support.ts';

t.test(
  'a renewed broker has another key, other names, and a certificate that begins with its authority',
  async (t) => {
    const { dir } = await newSite(t);
    const tls = siteFile(dir, 'tls');
    const before = { ...readTlsFiles(tls), list: readFileSync(join(tls, 'ca.crl'), 'utf8') };
    const register = new Register(siteFile(dir, 'register'));
    register.open();
    t.teardown(() => register.close());
    const laterMs = NOW_MS + 600 * DAY_MS;
    const hosts = ['site.example', '192.0.2.10'];
    const toMs = await issueServerFiles({ dir, site: 'mall', register, hosts, by: 'a test', nowMs: laterMs });
    const after = readTlsFiles(tls);
    t.not(after.key, before.key);
    t.equal(after.own.checkHost('site.example'), 'site.example');
    t.equal(after.own.checkIP('192.0.2.10'), '192.0.2.10');
    t.equal(after.own.checkHost('localhost'), undefined);
    t.equal(after.own.validFrom, before.own.validFrom);
    t.equal(Date.parse(after.own.validTo), toMs);
    t.equal(toMs, laterMs + 730 * DAY_MS);
    t.equal(readFileSync(join(tls, 'ca.crl'), 'utf8'), before.list, 'nothing is taken back by it');
    t.equal(register.list().filter(({ kind }) => kind === 'server').length, 2);
  },
);

t.test('two years before its authority ends a broker is not renewed past that end', async (t) => {
  const { dir } = await newSite(t);
  const register = new Register(siteFile(dir, 'register'));
  register.open();
  t.teardown(() => register.close());
  const renew = (nowMs: number) =>
    issueServerFiles({ dir, site: 'mall', register, hosts: ['localhost'], by: 'a test', nowMs });
  await t.rejects(renew(NOW_MS + 2_921 * DAY_MS), { code: 'WP4410' });
  await t.resolves(renew(NOW_MS + 2_919 * DAY_MS));
});
