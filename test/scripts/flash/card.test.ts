import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { CARD } from '#contract/device-card.ts';
import { folder, hashOf, storeOf, TestBundles, watchpost, watchpostProcess } from './kit.ts';

t.test(
  'a device’s folder gets the bundle into its idle slot, read back, for the next start to try',
  async (t) => {
    const bundles = new TestBundles(folder(t));
    const card = await bundles.card('card');
    const first = bundles.file('one.wpb', 1, 100_000);
    const { code, out, err } = await watchpostProcess(['flash', first, '--to', card, '--yes', '--json']);
    t.equal(code, 0, err);
    t.match(JSON.parse(out), {
      ok: true,
      device: 'mall.pillar-001',
      generation: 1,
      bundleSha256: hashOf(first),
    });
    t.match(await storeOf(card).state(), { confirmed: null, trial: { slot: 'a', starts: 0 } });
    const started = await storeOf(card).start();
    t.match(started, { slot: 'a', trial: true, problem: null });
    const clip = readFileSync(join(card, CARD.slots, started?.folder ?? '', 'voice/en/alarm.sent.wav'));
    t.equal(clip.length, 100_000);
  },
);

t.test('a plan alone writes nothing, and without a terminal nothing is written unasked', async (t) => {
  const bundles = new TestBundles(folder(t));
  const card = await bundles.card('card');
  const bundle = bundles.file('one.wpb', 1, 1000);
  const before = await storeOf(card).state();
  const plan = await watchpost(['flash', bundle, '--to', card, '--dry-run']);
  t.match(plan, { code: 0, out: /write slot a/ });
  t.match(await watchpostProcess(['flash', bundle, '--to', card]), { code: 1, err: /WP4303/ });
  t.strictSame(await storeOf(card).state(), before);
});

t.test(
  'a bundle for another device, an older one, and one of another site are refused before anything is asked',
  async (t) => {
    const dir = folder(t);
    const bundles = new TestBundles(dir);
    const card = await bundles.card('card');
    const other = bundles.file('other.wpb', 1, 1000, { device: 'mall.pillar-002' });
    const foreign = new TestBundles(dir).file('foreign.wpb', 9, 1000);
    const five = bundles.file('five.wpb', 5, 1000);
    t.match(await watchpost(['flash', five, '--to', card, '--yes']), { code: 0 });
    await storeOf(card).start();
    await storeOf(card).confirm();
    const before = await storeOf(card).state();
    for (const [bundle, code] of [
      [other, 'WP4105'],
      [foreign, 'WP4104'],
      [bundles.file('four.wpb', 4, 1000), 'WP4106'],
    ] as const) {
      t.match(await watchpost(['flash', bundle, '--to', card, '--dry-run']), {
        code: 1,
        err: new RegExp(code),
      });
    }
    t.strictSame(await storeOf(card).state(), before);
  },
);

t.test('what is there already is read back, not written again', async (t) => {
  const bundles = new TestBundles(folder(t));
  const card = await bundles.card('card');
  const bundle = bundles.file('one.wpb', 1, 1000);
  await watchpost(['flash', bundle, '--to', card, '--yes']);
  const before = await storeOf(card).state();
  t.match(await watchpost(['flash', bundle, '--to', card]), { code: 0, out: /has generation 1 .* already/ });
  t.strictSame(await storeOf(card).state(), before);
  const clip = join(card, CARD.slots, 'a/content/voice/en/alarm.sent.wav');
  chmodSync(clip, 0o600);
  const damaged = readFileSync(clip);
  damaged[500] = (damaged[500] ?? 0) ^ 1;
  writeFileSync(clip, damaged);
  t.match(
    await watchpost(['flash', bundle, '--to', card]),
    { code: 1, err: /WP4313/ },
    'and a worn card shows',
  );
});

t.test('folders that are no target are refused', async (t) => {
  const dir = folder(t);
  const bundle = new TestBundles(dir).file('one.wpb', 1, 1000);
  t.match(await watchpost(['flash', bundle, '--to', dir, '--yes']), { code: 1, err: /WP4302/ });
  t.match(await watchpost(['flash', bundle, '--to', join(dir, 'none'), '--yes']), { code: 1, err: /WP4301/ });
  t.match(await watchpost(['flash', bundle, '--yes']), { code: 2, err: /WP5024/ });
});

t.test(
  'what root has flashed belongs to the owner of the card, but nothing that a link on it leads to',
  { skip: process.geteuid?.() === 0 ? false : 'only root gives files away' },
  async (t) => {
    const dir = folder(t);
    const bundles = new TestBundles(dir);
    const card = await bundles.card('card');
    const outside = join(dir, 'etc');
    mkdirSync(outside);
    writeFileSync(join(outside, 'shadow'), 'of root');
    symlinkSync(outside, join(card, CARD.slots, 'etc'));
    symlinkSync(join(outside, 'shadow'), join(card, CARD.slots, 'shadow'));
    chownSync(join(card, CARD.slots), 1234, 1234);
    const bundle = bundles.file('one.wpb', 1, 1000);
    t.match(await watchpost(['flash', bundle, '--to', card, '--yes']), { code: 0 });
    t.equal(statSync(join(outside, 'shadow')).uid, 0);
    t.equal(statSync(join(card, CARD.slots, 'a/content/profile.json')).uid, 1234);
  },
);
