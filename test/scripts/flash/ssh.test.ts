import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { CARD } from '#contract/device-card.ts';
import { readPlace } from '#scripts/flash/ssh/remote-shell.ts';
import { folder, hashOf, storeOf, TestBundles, watchpost } from './kit.ts';
import { sshStandIn } from './ssh-stand-in.ts';

async function device(t: Test) {
  const dir = folder(t);
  const bundles = new TestBundles(dir);
  const card = await bundles.card('card');
  const standIn = sshStandIn(dir);
  const line = standIn.LINE;
  const flash = (bundle: string, env: Record<string, string> = {}, to = `ssh://anna@pillar${card}`) =>
    watchpost(['flash', bundle, '--to', to, '--yes', '--json'], {
      ...standIn,
      ...env,
    });
  return {
    dir,
    bundles,
    card,
    line,
    flash,
    inbox: () => readdirSync(join(card, CARD.inbox)).filter((name) => name.startsWith('flash')),
  };
}

t.test(
  'a device gets the bundle into its inbox by ssh, read back there; a cut connection is gone on with',
  async (t) => {
    const { bundles, card, line, flash, inbox } = await device(t);
    const bundle = bundles.file('1.wpb', 1, 1_000_000);
    const bytes = statSync(bundle).size;
    t.match(await flash(bundle, { CUT: '400000' }), { code: 1, err: /WP4312/ });
    t.match(inbox(), [/\.part$/], 'nothing there that an agent would take');
    const { code, out, err } = await flash(bundle);
    t.equal(code, 0, err);
    t.match(JSON.parse(out), { ok: true, readBack: { from: 'medium', sha256: hashOf(bundle) } });
    const [name = ''] = inbox();
    t.equal(hashOf(join(card, CARD.inbox, name)), hashOf(bundle));
    t.match(name, /\.wpb$/);
    t.ok(statSync(line).size < bytes + 70_000, `${statSync(line).size} of ${bytes} bytes went over the line`);
    t.match(await flash(bundle), { code: 0, out: /"writtenBytes":0/ }, 'it waits there already');
    t.match(await flash(bundles.file('2.wpb', 2, 1000)), { code: 0 });
    t.equal(inbox().length, 1, 'what was sent before is gone');
  },
);

t.test('what was damaged on the way is thrown away, and sent anew by the next run', async (t) => {
  const { bundles, card, flash, inbox } = await device(t);
  const bundle = bundles.file('1.wpb', 1, 200_000);
  await flash(bundle, { CUT: '100000' });
  const part = join(card, CARD.inbox, inbox()[0] ?? '');
  const bytes = readFileSync(part);
  bytes[50] = (bytes[50] ?? 0) ^ 1;
  writeFileSync(part, bytes);
  t.match(await flash(bundle), { code: 1, err: /WP4313/ });
  t.strictSame(inbox(), []);
  t.match(await flash(bundle), { code: 0 });
});

t.test('another device’s, an older one, no device there, and what ssh says are told apart', async (t) => {
  const { dir, bundles, card, flash, inbox } = await device(t);
  const bundle = bundles.file('1.wpb', 1, 1000);
  t.match(await flash(bundles.file('o.wpb', 1, 1000, { device: 'mall.other' })), { code: 1, err: /WP4105/ });
  await watchpost(['flash', bundles.file('5.wpb', 5, 1000), '--to', card, '--yes']);
  await storeOf(card).start();
  await storeOf(card).confirm();
  t.match(await flash(bundle), { code: 1, err: /WP4106/ });
  t.match(await flash(join(dir, '5.wpb')), {
    code: 0,
    out: /slot a of the device has it|writtenBytes/,
  });
  t.match(await flash(bundle, {}, `ssh://pillar${dir}`), { code: 1, err: /WP4323/ });
  for (const [says, code] of [
    ['Host key verification failed.', 'WP4321'],
    ['anna@pillar: Permission denied (publickey).', 'WP4322'],
    ['ssh: connect to host pillar port 22: Connection refused', 'WP4320'],
  ] as const) {
    t.match(await flash(bundle, { SAYS: says }), { code: 1, err: new RegExp(code) });
  }
  rmSync(join(card, CARD.inbox), { recursive: true, force: true });
  mkdirSync(join(card, CARD.inbox));
  t.strictSame(inbox(), []);
});

t.test('what the device has tried and given up is tried once more when somebody asks for it', async (t) => {
  const { bundles, card, flash, inbox } = await device(t);
  const store = storeOf(card);
  await watchpost(['flash', bundles.file('1.wpb', 1, 1000), '--to', card, '--yes']);
  await store.start();
  await store.confirm();
  const bundle = bundles.file('2.wpb', 2, 1000);
  await flash(bundle);
  await watchpost(['flash', bundle, '--to', card, '--yes']);
  await store.start();
  await store.reject('WP4205');
  const file = join(card, CARD.inbox, inbox()[0] ?? '');
  utimesSync(file, 1, 1);
  t.match(await flash(bundle), { code: 0, err: /rejected generation 2 \(WP4205\)/ });
  t.ok(statSync(file).mtimeMs > 1_000, 'by its new time the agent knows it as new');
  t.equal(hashOf(file), hashOf(bundle));
});

t.test('addresses are read strictly: none is an option of ssh', async (t) => {
  t.strictSame(readPlace('ssh://anna@pillar:2222/var/lib/w'), {
    login: 'anna@pillar',
    port: 2222,
    folder: '/var/lib/w',
  });
  t.strictSame(readPlace('ssh://[fe80::1]/c'), { login: 'fe80::1', port: null, folder: '/c' });
  for (const to of [
    'ssh://pillar',
    'ssh:///x',
    'ssh://-oProxyCommand=x/y',
    'ssh://a b@c@d/x',
    'ssh://h:99999999/x',
  ]) {
    t.throws(() => readPlace(to), { code: 'WP4302' }, to);
  }
});
