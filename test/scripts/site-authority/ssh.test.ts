import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { readCard } from '#agent/profile/card.ts';
import { FileDisk } from '#agent/profile/slots/file-disk.ts';
import { SlotStore } from '#agent/profile/slots/slot-store.ts';
import { systemClock } from '#contract/clock.ts';
import { sshPlaceOf } from '#scripts/remote/ssh.ts';
import { ROOT } from '#scripts/site/demo-site.ts';
import { makeSite } from '#scripts/site-authority/make-site.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { PASSPHRASE } from './support.ts';

/** In the place of ssh: does here what it is told to do there, and notes what it was given. */
const SSH = `#!/bin/sh
echo "$*" >> "$SSH_LOG"
for last; do :; done
[ "$SSH_FAILS" = 1 ] && { echo 'Host key verification failed.' >&2; exit 255; }
exec sh -c "$last"
`;

async function lab(t: Test) {
  const dir = temporaryFolder(t);
  const [site, bin, log, card] = ['mall', 'bin', 'ssh.log', "o'neil card"].map((name) => join(dir, name));
  if (site === undefined || bin === undefined || log === undefined || card === undefined)
    throw new RangeError();
  mkdirSync(bin);
  writeFileSync(join(bin, 'ssh'), SSH);
  writeFileSync(
    join(bin, 'watchpost'),
    `#!/bin/sh\nexec "${process.execPath}" "${ROOT}scripts/cli.ts" "$@"\n`,
  );
  for (const name of ['ssh', 'watchpost']) chmodSync(join(bin, name), 0o755);
  const common = { by: 'a test', clock: systemClock, passphrase: PASSPHRASE };
  await makeSite({ ...common, dir: site, site: 'mall', hosts: ['localhost'] });
  const provision = (env: Record<string, string> = {}, ...more: string[]) => {
    const to = `ssh://root@pillar.example:2222${encodeURI(card)}`;
    const words = ['provision', 'pillar-001', '--site', site, '--to', to, '--place', 'North gate', '--json'];
    const { status, stdout, stderr } = spawnSync('watchpost', [...words, ...more], {
      encoding: 'utf8',
      timeout: 120_000,
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, SSH_LOG: log, ...env },
    });
    return { status, stdout, stderr };
  };
  return { site, card, log, provision };
}

t.test('a device that is reached by ssh makes its own key, and has all that it starts from', async (t) => {
  const { site, card, log, provision } = await lab(t);
  const { status, stdout, stderr } = provision({}, '--ssh-option', 'HostKeyAlias=dev');
  t.equal(status, 0, stderr);
  const { serial } = JSON.parse(stdout);
  const own = new X509Certificate(readFileSync(join(card, 'identity', 'cert.pem')));
  t.equal(own.serialNumber.toLowerCase(), serial);
  t.match(readCard(card), { site: 'mall', device: 'pillar-001', brokers: ['mqtts://localhost:8883'] });
  t.match(await new SlotStore(new FileDisk(join(card, 'slots'))).state(), { confirmed: null });
  const said = readFileSync(log, 'utf8');
  t.match(
    said,
    /^-o BatchMode=yes -o ConnectTimeout=15 -o HostKeyAlias=dev -p 2222 -- root@pillar\.example /,
  );
  t.notMatch(said, 'PRIVATE KEY');
  const body = readFileSync(join(card, 'identity', 'key.pem'), 'utf8').split('\n')[1] ?? 'none';
  for (const entry of readdirSync(site, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) t.notOk(readFileSync(join(entry.parentPath, entry.name)).includes(body), entry.name);
  }
  t.match(provision(), { status: 1, stderr: /WP4406/ }, 'the name has one');
  t.match(provision({}, '--replace'), { status: 0 });
  t.not(
    new X509Certificate(readFileSync(join(card, 'identity', 'cert.pem'))).serialNumber.toLowerCase(),
    serial,
  );
});

t.test('a device that is not reached, or refuses, is said, and nothing is issued', async (t) => {
  const { site, card, provision } = await lab(t);
  t.match(provision({ SSH_FAILS: '1' }), { status: 1, stderr: /WP4430.*Host key verification failed/s });
  t.match(provision({}, '--remote-program', 'no-such-program'), { status: 1, stderr: /WP4431/ });
  t.notOk(existsSync(card));
  const { stdout } = spawnSync(process.execPath, ['scripts/cli.ts', 'identity', 'list', '--site', site], {
    ...{ cwd: ROOT, encoding: 'utf8' },
  });
  t.notMatch(stdout, 'pillar-001');
});

t.test('an address that is none, or has a password in it, is refused without showing it', async (t) => {
  t.equal(sshPlaceOf('/media/card'), null);
  t.strictSame(sshPlaceOf('ssh://me@[::1]:22/srv/card'), {
    user: 'me',
    host: '::1',
    port: 22,
    dir: '/srv/card',
  });
  for (const wrong of [
    'ssh://host',
    'ssh:///dir',
    'ssh://host/',
    'ssh://-oProxyCommand=x/dir',
    'ssh://u@h/d?x',
  ]) {
    t.throws(() => sshPlaceOf(wrong), { code: 'WP4430' }, wrong);
  }
  const refused = (() => {
    try {
      return sshPlaceOf('ssh://me:secret@host/dir');
    } catch (error) {
      return String(error);
    }
  })();
  t.match(refused, 'WP4430');
  t.notMatch(refused, 'secret');
});
