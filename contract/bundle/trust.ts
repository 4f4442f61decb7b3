import { Metadata, MetadataKind, type Root, type Targets } from '@tufjs/models';
import { WatchpostError } from '../errors.ts';
import { canonicalBytes } from './canonical.ts';
import type { RootDocument, TargetsDocument } from './metadata.ts';

type Signed = Metadata<Root> | Metadata<Targets>;
type RoleName = 'root' | 'targets';

/**
 * Follows a chain of roots from the one a device trusts to the newest (TUF 1.0, 5.3): the first is root 1, each is one
 * version further and signed by enough keys of the one before and by enough of its own, and the one trusted here is
 * among them, unless the device is further already. Expiry is not looked at here.
 * @param chain - all roots of the site, or none where the device is known to have the newest
 * @returns the newest root, which may be the trusted one itself
 * @throws WatchpostError WP4102, WP4103, WP4104, WP4109
 */
export function followRoots(trusted: RootDocument, chain: readonly RootDocument[]): RootDocument {
  let known: RootDocument | null = null;
  for (const next of chain) {
    checkNext(known, next);
    if (next.signed.version === trusted.signed.version && !sameSigned(next, trusted)) {
      throw new WatchpostError('WP4104', { detail: `root ${next.signed.version} is not the one known here` });
    }
    known = next;
  }
  return known !== null && known.signed.version > trusted.signed.version ? known : trusted;
}

/**
 * Whether `next` is what comes after `before`, or the first root where that is null.
 * @throws WatchpostError WP4102, WP4103, WP4104, WP4109
 */
export function checkNext(before: RootDocument | null, next: RootDocument): void {
  const due = (before?.signed.version ?? 0) + 1;
  if (next.signed.version !== due) {
    throw new WatchpostError('WP4104', {
      detail: `root ${next.signed.version} stands where root ${due} is due`,
    });
  }
  const own = rootOf(next);
  checkSignatures('root', before === null ? [own] : [rootOf(before), own], own);
}

/**
 * Whether enough keys of the root's role `targets` signed.
 * @throws WatchpostError WP4102 too few, WP4103 an unknown or revoked key, WP4109 a signature of other content
 */
export function checkTargets(root: RootDocument, targets: TargetsDocument): void {
  checkSignatures('targets', [rootOf(root)], Metadata.fromJSON(MetadataKind.Targets, targets));
}

/**
 * The threshold of every one of `roots` must be met. Stricter than TUF: a signature that counts for none of them is
 * refused instead of passed over, so that no byte of a bundle can change unseen.
 */
function checkSignatures(role: RoleName, roots: readonly Metadata<Root>[], document: Signed): void {
  for (const id of Object.keys(document.signatures)) {
    const root = roots.find(({ signed }) => signed.roles[role]?.keyIDs.includes(id));
    const key = root?.signed.keys[id];
    if (key === undefined) throw new WatchpostError('WP4103', { detail: `${role}: key ${short(id)}` });
    try {
      key.verifySignature(document);
    } catch (cause) {
      throw new WatchpostError('WP4109', { detail: `${role}: signature of key ${short(id)}`, cause });
    }
  }
  for (const root of roots) checkThreshold(role, root, document);
}

function checkThreshold(role: RoleName, root: Metadata<Root>, document: Signed): void {
  try {
    root.verifyDelegate(role, document);
  } catch (cause) {
    const detail = `${role} ${document.signed.version}, root ${root.signed.version}: ${reasonOf(cause)}`;
    throw new WatchpostError('WP4102', { detail, cause });
  }
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

const rootOf = (document: RootDocument): Metadata<Root> => Metadata.fromJSON(MetadataKind.Root, document);

const sameSigned = (one: RootDocument, other: RootDocument): boolean =>
  canonicalBytes(one.signed).equals(canonicalBytes(other.signed));

/** Enough of a key's name to tell it from a handful of others. */
export const short = (keyId: string): string => keyId.slice(0, 8);
