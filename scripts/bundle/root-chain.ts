import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { keyIdOf, type PublicKey, RootDocument } from '#contract/bundle/metadata.ts';
import { checkNext, followRoots, short } from '#contract/bundle/trust.ts';
import { WatchpostError } from '#contract/errors.ts';
import { type Signer, signed } from './signer.ts';

/** All roots of a site, the newest last: the public file that says who may sign. */
export const RootChain = z.strictObject({ roots: z.array(RootDocument).min(1).max(64) });
export type RootChain = z.infer<typeof RootChain>;

export interface KeyGroup {
  readonly keys: readonly PublicKey[];
  /** How many of them must sign. */
  readonly threshold: number;
}

export interface RootPlan {
  /** Those who may exchange keys: on sticks, in drawers. */
  readonly root: KeyGroup;
  /** Those who sign bundles. */
  readonly targets: KeyGroup;
  readonly expiresMs: number;
}

/** What stands in every document: the version of TUF whose rules it follows. */
export const TUF_VERSION = '1.0.31';

/** TUF writes dates to the second. */
export const tufDate = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** A root that nobody has signed yet. Throws WP4114 where its keys and thresholds do not fit. */
export function unsignedRoot(version: number, { root, targets, expiresMs }: RootPlan): RootDocument {
  const keys = new Map([...root.keys, ...targets.keys].map((key) => [keyIdOf(key), key]));
  const bundles = roleOf(targets);
  const document = {
    signatures: [],
    signed: {
      ...{ _type: 'root', version, spec_version: TUF_VERSION, expires: tufDate(expiresMs) },
      consistent_snapshot: false,
      keys: Object.fromEntries(keys),
      roles: { root: roleOf(root), targets: bundles, snapshot: bundles, timestamp: bundles },
    },
  };
  const checked = RootDocument.safeParse(document);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw new WatchpostError('WP4114', { detail: `root: ${issue?.path.join('.')} ${issue?.message}` });
}

const roleOf = ({ keys, threshold }: KeyGroup) => ({ keyids: keys.map(keyIdOf), threshold });

export const newestOf = ({ roots }: RootChain): RootDocument => {
  const newest = roots.at(-1);
  if (newest === undefined) throw new WatchpostError('WP4116', { detail: 'there is no root in it' });
  return newest;
};

/** The keys of a role, in the order of the root. */
export function groupOf({ signed }: RootDocument, role: 'root' | 'targets'): KeyGroup {
  const { keyids, threshold } = signed.roles[role];
  return { threshold, keys: keyids.flatMap((id) => signed.keys[id] ?? []) };
}

/**
 * Begins the exchange of keys: one more root, unsigned. What the plan leaves out stays as it is.
 * @throws WatchpostError WP4102 where the newest one is not signed itself yet
 */
export function withNextRoot(
  chain: RootChain,
  plan: Pick<RootPlan, 'expiresMs'> & Partial<RootPlan>,
): RootChain {
  checkChain(chain);
  const newest = newestOf(chain);
  const next = unsignedRoot(newest.signed.version + 1, {
    root: groupOf(newest, 'root'),
    targets: groupOf(newest, 'targets'),
    ...plan,
  });
  return { roots: [...chain.roots, next] };
}

/** Signs the newest root. Throws WP4103 where neither it nor the one before names the key. */
export function withRootSignature(chain: RootChain, signer: Signer): RootChain {
  const newest = newestOf(chain);
  const asked = chain.roots.slice(-2).flatMap((root) => root.signed.roles.root.keyids);
  if (!asked.includes(signer.keyId)) {
    throw new WatchpostError('WP4103', { detail: `root: key ${short(signer.keyId)}` });
  }
  return { roots: [...chain.roots.slice(0, -1), signed(newest, signer)] };
}

/** Whether every root is signed as it must be. Throws WP4102, WP4103, WP4104, WP4109. */
export function checkChain(chain: RootChain): void {
  const [first] = chain.roots;
  if (first === undefined) return;
  checkNext(null, first);
  followRoots(first, chain.roots);
}

/** Throws WP4116 with the reason. */
export function readChain(file: string): RootChain {
  try {
    return RootChain.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new WatchpostError('WP4116', { detail: file, cause });
  }
}
