import { encodeHead, type TrustPart } from '#contract/bundle/layout.ts';
import {
  type BundleFacts,
  MAX_CONTENT_BYTES,
  PROFILE_PART,
  TargetsDocument,
} from '#contract/bundle/metadata.ts';
import { checkTargets, short } from '#contract/bundle/trust.ts';
import { WatchpostError } from '#contract/errors.ts';
import { VersionRange } from '#contract/version-range.ts';
import { newestOf, type RootChain, TUF_VERSION, tufDate } from './root-chain.ts';
import { type Signer, signed } from './signer.ts';

/** A file that goes into a bundle. */
export interface Ingredient {
  /** `profile.json`, `voice/…`, `boards/NAME.hex`. */
  readonly name: string;
  readonly length: number;
  readonly sha256: string;
}

export interface BundlePlan extends BundleFacts {
  readonly generation: number;
  readonly expiresMs: number;
  readonly parts: readonly Ingredient[];
}

/** The signed part of a bundle that nobody has signed yet. Throws WP4111 or WP4114. */
export function unsignedTrust(plan: BundlePlan, { roots }: RootChain): TrustPart {
  const total = plan.parts.reduce((sum, { length }) => sum + length, 0);
  if (total > MAX_CONTENT_BYTES) throw new WatchpostError('WP4111', { detail: `${total} bytes of content` });
  const range = VersionRange.safeParse(plan.agent);
  if (!range.success) {
    throw new WatchpostError('WP4114', { detail: `agent ${plan.agent}: ${range.error.issues[0]?.message}` });
  }
  return { roots, targets: targetsOf(plan) };
}

function targetsOf({ device, agent, generation, expiresMs, parts }: BundlePlan): TargetsDocument {
  const document = {
    signatures: [],
    signed: {
      ...{ _type: 'targets', version: generation, spec_version: TUF_VERSION, expires: tufDate(expiresMs) },
      targets: Object.fromEntries(
        parts.map(({ name, length, sha256 }) => [
          name,
          { length, hashes: { sha256 }, ...(name === PROFILE_PART ? { custom: { device, agent } } : {}) },
        ]),
      ),
    },
  };
  const checked = TargetsDocument.safeParse(document);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw new WatchpostError('WP4114', { detail: `${issue?.path.join('.')}: ${issue?.message}` });
}

export interface SignedTrust {
  readonly trust: TrustPart;
  /** How many keys have signed, and how many must. */
  readonly signatures: number;
  readonly threshold: number;
}

/** Adds a signature. Throws WP4103 where the newest root does not name the key. */
export function withSignature(trust: TrustPart, signer: Signer): SignedTrust {
  const root = newestOf(trust);
  const { keyids, threshold } = root.signed.roles.targets;
  if (!keyids.includes(signer.keyId)) {
    throw new WatchpostError('WP4103', { detail: `targets: key ${short(signer.keyId)}` });
  }
  const targets = signed(trust.targets, signer);
  if (targets.signatures.length >= threshold) checkTargets(root, targets);
  return { trust: { ...trust, targets }, signatures: targets.signatures.length, threshold };
}

/** A whole bundle in memory: its content in the order of the names. */
export function encodeBundle(trust: TrustPart, content: ReadonlyMap<string, Uint8Array>): Buffer {
  const names = Object.keys(trust.targets.signed.targets).sort();
  return Buffer.concat([encodeHead(trust), ...names.map((name) => content.get(name) ?? new Uint8Array())]);
}
