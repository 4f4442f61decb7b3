import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { CARD } from '#contract/device-card.ts';
import { withoutFetched } from '#test/hardware/guest/fetch.ts';
import { folder, hashOf, TestBundles, watchpost } from './kit.ts';

t.setTimeout(300_000);

const cache = join(import.meta.dirname, '../../../.cache/sshd');
const here = (name: string) => join(import.meta.dirname, name);
const noServer = async (): Promise<string | false> => {
  if (process.geteuid?.() !== 0) return 'a server of its own needs root';
  if (spawnSync('unshare', ['--mount', 'true']).status !== 0) return 'no mount namespaces here';
  const sources = [here('../../hardware/guest/packages.sh')];
  return withoutFetched({ script: here('fetch-sshd.sh'), folder: cache, args: [], sources });
};

/**
 * A real sshd, one a connection (inetd mode), behind a command instead of a port. It wants a user and a folder of its
 * own: it finds both in a namespace, where nothing of this machine is changed.
 */
function serverIn(dir: string): { readonly options: string[] } {
  const key = (name: string) =>
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(dir, name)]);
  key('host');
  key('me');
  writeFileSync(join(dir, 'authorized'), readFileSync(join(dir, 'me.pub')));
  writeFileSync(join(dir, 'known'), `device ${readFileSync(join(dir, 'host.pub'), 'utf8')}`);
  const passwd = readFileSync('/etc/passwd', 'utf8');
  const user = 'sshd:x:105:65534::/run/sshd:/usr/sbin/nologin\n';
  writeFileSync(join(dir, 'passwd'), /^sshd:/m.test(passwd) ? passwd : passwd + user);
  const settings = ['HostKey', 'AuthorizedKeysFile'].map(
    (name, at) => `${name} ${join(dir, ['host', 'authorized'][at] ?? '')}`,
  );
  writeFileSync(
    join(dir, 'conf'),
    [...settings, 'StrictModes no', 'UsePAM no', 'PermitRootLogin yes', ''].join('\n'),
  );
  const libraries = globSync(join(cache, 'root/{usr/,}lib/*-linux-gnu')).join(':');
  writeFileSync(
    join(dir, 'serve'),
    `#!/bin/sh
mount --bind ${join(dir, 'passwd')} /etc/passwd && mount -t tmpfs tmpfs /run && mkdir -p /run/sshd
LD_LIBRARY_PATH=${libraries} exec ${join(cache, 'root/usr/sbin/sshd')} -i -e -f ${join(dir, 'conf')}
`,
  );
  chmodSync(join(dir, 'serve'), 0o755);
  const known = [`UserKnownHostsFile=${join(dir, 'known')}`, 'HostKeyAlias=device'];
  const mine = [`IdentityFile=${join(dir, 'me')}`, 'IdentitiesOnly=yes'];
  return { options: [...known, ...mine, `ProxyCommand=unshare --mount ${join(dir, 'serve')}`] };
}

t.test(
  'a bundle goes through a real ssh server; an unknown host and an unknown key are refused',
  { skip: await noServer() },
  async (t) => {
    const dir = folder(t);
    const bundles = new TestBundles(dir);
    const card = await bundles.card('card');
    mkdirSync(join(dir, 'ssh'));
    const { options } = serverIn(join(dir, 'ssh'));
    const bundle = bundles.file('1.wpb', 1, 2_000_000);
    const flash = (...given: string[]) =>
      watchpost([
        ...['flash', bundle, '--to', `ssh://root@device${card}`, '--yes', '--json'],
        ...given.flatMap((option) => ['--ssh-option', option]),
      ]);
    const { code, out, err } = await flash(...options);
    t.equal(code, 0, err);
    t.match(JSON.parse(out), { readBack: { from: 'medium', sha256: hashOf(bundle) } });
    const [file = ''] = globSync(join(card, CARD.inbox, 'flash-*.wpb'));
    t.equal(hashOf(file), hashOf(bundle));
    t.match(await flash('UserKnownHostsFile=/dev/null', ...options.slice(1)), { code: 1, err: /WP4321/ });
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(dir, 'other')]);
    const other = options.map((option) =>
      option.startsWith('IdentityFile') ? `IdentityFile=${join(dir, 'other')}` : option,
    );
    t.match(await flash(...other), { code: 1, err: /WP4322/ });
    const closed = options.map((option) =>
      option.startsWith('ProxyCommand') ? 'ProxyCommand=false' : option,
    );
    t.match(await flash(...closed), { code: 1, err: /WP4320/ });
  },
);
