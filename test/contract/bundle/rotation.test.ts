import t from 'tap';
import { followRoots } from '#contract/bundle/trust.ts';
import type { RootChain } from '#scripts/bundle/root-chain.ts';
import { newSigner, signed } from '#scripts/bundle/signer.ts';
import {
  bundleOf,
  expectations,
  firstChain,
  forged,
  newestRoot,
  newKeys,
  refusalOf,
  rotated,
} from './kit.ts';

const keys = newKeys();
const [one, two] = keys.targets;
const [rootOne, rootTwo, rootThree] = keys.root;
const first = firstChain(keys);
const fresh = newKeys();
const second = rotated(first, { targets: fresh.targets }, [rootOne, rootTwo]);

const codeOf = async (bytes: Uint8Array, known: RootChain) =>
  (await refusalOf(bytes, expectations(known)))?.code ?? null;

t.test('a device follows from the root it knows to the newest, and then trusts the new keys', async (t) => {
  const bytes = bundleOf({ chain: second, signers: [fresh.targets[0], fresh.targets[1]] });
  t.equal(await codeOf(bytes, first), null);
  t.equal(await codeOf(bytes, second), null, 'one that knows the newest takes it as well');
  t.equal(followRoots(newestRoot(first), second.roots).signed.version, 2);
});

t.test('a revoked key is refused by a device that has followed, also with a bundle of before', async (t) => {
  const before = bundleOf({ chain: first, signers: [one, two] });
  t.equal(await codeOf(before, first), null);
  t.equal(await codeOf(before, second), 'WP4103');
  t.equal(await codeOf(forged({ chain: second, signers: [one, two] }), first), 'WP4103');
});

t.test('keys of the root are exchanged by those of before together with the new ones', async (t) => {
  const heirs = newKeys();
  const [heirOne, heirTwo] = heirs.root;
  const third = rotated(second, { root: heirs.root }, [rootOne, rootThree, heirOne, heirTwo]);
  const signers = [fresh.targets[0], fresh.targets[2]];
  t.equal(await codeOf(bundleOf({ chain: third, signers }), first), null, 'two steps at once');
  for (const few of [
    [rootOne, rootThree],
    [heirOne, heirTwo],
    [rootOne, heirOne, heirTwo],
  ]) {
    const chain = rotated(second, { root: heirs.root }, few);
    t.equal(await codeOf(bundleOf({ chain, signers }), first), 'WP4102', `${few.length} signatures`);
  }
});

t.test('a chain with a root left out, exchanged or before its turn is refused', async (t) => {
  const third = rotated(second, {}, [rootOne, rootTwo]);
  const [a, b, c] = third.roots;
  if (a === undefined || b === undefined || c === undefined) throw new RangeError('three roots');
  const signers = [fresh.targets[0], fresh.targets[1]];
  for (const roots of [
    [a, c],
    [b, c],
    [a, c, b],
    [a, a, b],
    [a, b, b],
  ]) {
    t.equal(await codeOf(bundleOf({ chain: { roots }, signers }), first), 'WP4104');
  }
});

t.test('another root of the same version than the one known is refused', async (t) => {
  const other = rotated(first, { targets: newKeys().targets }, [rootOne, rootTwo]);
  const bytes = bundleOf({ chain: second, signers: [fresh.targets[0], fresh.targets[1]] });
  t.equal(await codeOf(bytes, other), 'WP4104');
});

t.test('a stranger cannot add a root', async (t) => {
  const strangers = newKeys();
  const added = rotated(first, { targets: strangers.targets }, []);
  const [known, next] = added.roots;
  if (known === undefined || next === undefined) throw new RangeError('two roots');
  const roots = [known, [newSigner(), newSigner()].reduce(signed, next)];
  const bytes = bundleOf({ chain: { roots }, signers: [strangers.targets[0], strangers.targets[1]] });
  t.equal(await codeOf(bytes, first), 'WP4103');
});

t.test('a device that is further than the bundle keeps its root', async (t) => {
  t.equal(followRoots(newestRoot(second), first.roots).signed.version, 2);
  const third = rotated(second, {}, [rootOne, rootTwo]);
  const bytes = bundleOf({ chain: second, signers: [fresh.targets[0], fresh.targets[1]] });
  t.equal(await codeOf(bytes, third), null, 'its keys are still those of the newest root');
});
