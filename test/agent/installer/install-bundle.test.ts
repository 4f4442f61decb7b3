import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type InstallOptions, type InstallProgress, installBundle } from '#agent/installer/install-bundle.ts';
import { withSlotLock } from '#agent/profile/slots/slot-lock.ts';
import { CARD } from '#contract/device-card.ts';
import { newSigner } from '#scripts/bundle/signer.ts';
import { CONTENT, rotated } from '#test/contract/bundle/kit.ts';
import { CLOCK, makeCard, type TestCard } from './card-kit.ts';

const OPTIONS: InstallOptions = { agent: '0.1.0', clock: CLOCK, who: 'a test' };

async function confirmed(t: Parameters<typeof makeCard>[0], generation: number): Promise<TestCard> {
  const card = await makeCard(t);
  await installBundle(card.dir, card.bundle(generation), OPTIONS);
  await card.store.start();
  await card.store.confirm();
  return card;
}

t.test('a bundle is on trial from the next start on, and its content lies in the slot', async (t) => {
  const card = await makeCard(t);
  const installed = await installBundle(card.dir, card.bundle(3), OPTIONS);
  t.match(installed, { generation: 3, slot: 'a', state: 'trial', reports: [] });
  const started = await card.store.start();
  t.match(started, { slot: 'a', trial: true, manifest: { digest: installed.digest } });
  for (const [name, bytes] of CONTENT) {
    t.same(readFileSync(join(card.dir, CARD.slots, 'a/content', name)), bytes);
  }
});

t.test('what runs already is not written again', async (t) => {
  const card = await confirmed(t, 3);
  const again = await installBundle(card.dir, card.bundle(3), OPTIONS);
  t.match(again, { slot: 'a', state: 'confirmed' });
  t.equal((await card.store.state()).trial, null);
});

t.test('during a trial nothing is installed, except that of a first bundle', async (t) => {
  const card = await makeCard(t);
  await installBundle(card.dir, card.bundle(1), OPTIONS);
  await card.store.start();
  t.match(await installBundle(card.dir, card.bundle(2), OPTIONS), { slot: 'b', state: 'trial' });
  t.match(await card.store.start(), { slot: 'b', manifest: { generation: 2 } });
  await card.store.confirm();
  await installBundle(card.dir, card.bundle(3), OPTIONS);
  await t.rejects(installBundle(card.dir, card.bundle(4), OPTIONS), { code: 'WP4203' });
});

t.test('a bundle is refused for its device, its generation, its agent, and a changed byte', async (t) => {
  const card = await confirmed(t, 5);
  const refused = (file: string) => installBundle(card.dir, file, OPTIONS);
  await t.rejects(refused(card.bundle(6, { plan: { device: 'mall.other' } })), { code: 'WP4105' });
  await t.rejects(refused(card.bundle(4)), { code: 'WP4106' });
  await t.rejects(refused(card.bundle(6, { plan: { agent: '>=9.0.0' } })), { code: 'WP4108' });
  const file = card.bundle(7);
  const bytes = readFileSync(file);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  writeFileSync(file, bytes);
  await t.rejects(refused(file), { code: 'WP4109' });
  t.match(await card.store.start(), { trial: false, manifest: { generation: 5 } });
});

t.test('newer roots are trusted even where the bundle that brings them is refused', async (t) => {
  const card = await confirmed(t, 5);
  const { chain, keys } = card;
  const fresh = [newSigner(), newSigner()];
  const next = rotated(chain, { targets: fresh }, [keys.root[0], keys.root[1]]);
  await t.rejects(installBundle(card.dir, card.bundle(4, { chain: next, signers: fresh }), OPTIONS), {
    code: 'WP4106',
  });
  t.equal((await card.store.root()).signed.version, 2);
  await t.rejects(installBundle(card.dir, card.bundle(6), OPTIONS), { code: 'WP4103' }, 'the keys of before');
  await installBundle(card.dir, card.bundle(6, { chain: next, signers: fresh }), OPTIONS);
});

t.test('of two technicians at once the second is told who is there and since when', async (t) => {
  const card = await makeCard(t);
  await withSlotLock(join(card.dir, CARD.slots), 'flash by anna', async () => {
    await t.rejects(installBundle(card.dir, card.bundle(1), OPTIONS), {
      code: 'WP4210',
      detail: /^flash by anna, process \d+, since 20\d\d-/,
    });
  });
  await installBundle(card.dir, card.bundle(1), OPTIONS);
});

t.test('progress is told by phase, up to the whole of each', async (t) => {
  const card = await makeCard(t);
  const last = new Map<string, InstallProgress>();
  await installBundle(card.dir, card.bundle(1), {
    ...OPTIONS,
    onProgress: (progress) => last.set(progress.phase, progress),
  });
  t.same([...last.keys()], ['verify', 'write', 'read-back']);
  for (const { doneBytes, totalBytes } of last.values()) t.equal(doneBytes, totalBytes);
});

t.test('what is no device’s folder is told as that', async (t) => {
  const card = await makeCard(t);
  const file = join(card.dir, CARD.facts);
  writeFileSync(file, '{"format":1}');
  await t.rejects(installBundle(card.dir, card.bundle(1), OPTIONS), { code: 'WP4211', detail: /site/ });
  rmSync(file);
  await t.rejects(installBundle(card.dir, card.bundle(1), OPTIONS), {
    code: 'WP4211',
    detail: /is not there/,
  });
});
