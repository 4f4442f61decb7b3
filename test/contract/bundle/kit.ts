import { createHash } from 'node:crypto';
import { readerOf, type TrustPart } from '#contract/bundle/layout.ts';
import type { RootDocument } from '#contract/bundle/metadata.ts';
import { type Expectations, verifyBundle } from '#contract/bundle/verify.ts';
import { WatchpostError } from '#contract/errors.ts';
import { type BundlePlan, encodeBundle, unsignedTrust, withSignature } from '#scripts/bundle/make.ts';
import {
  newestOf,
  type RootChain,
  unsignedRoot,
  withNextRoot,
  withRootSignature,
} from '#scripts/bundle/root-chain.ts';
import { newSigner, type Signer, signed } from '#scripts/bundle/signer.ts';

export const DAY_MS = 86_400_000;
export const NOW_MS = Date.UTC(2026, 5, 1);
export const DEVICE = 'mall.pillar-001';

export interface SiteKeys {
  readonly root: readonly [Signer, Signer, Signer];
  readonly targets: readonly [Signer, Signer, Signer];
}

const three = (): [Signer, Signer, Signer] => [newSigner(), newSigner(), newSigner()];

export const newKeys = (): SiteKeys => ({ root: three(), targets: three() });

const publicKeysOf = (signers: readonly Signer[]) => signers.map(({ publicKey }) => publicKey);

/** Two of three sign, for roots and for bundles; the root ends in five years. */
export function firstChain({ root, targets }: SiteKeys, expiresMs = NOW_MS + 1826 * DAY_MS): RootChain {
  const document = unsignedRoot(1, {
    root: { keys: publicKeysOf(root), threshold: 2 },
    targets: { keys: publicKeysOf(targets), threshold: 2 },
    expiresMs,
  });
  return [root[0], root[1]].reduce(withRootSignature, { roots: [document] });
}

/** The chain with a root more, whose keys for bundles are others, signed by `signers`. */
export function rotated(
  chain: RootChain,
  { targets, root }: { readonly targets?: readonly Signer[]; readonly root?: readonly Signer[] },
  signers: readonly Signer[],
): RootChain {
  const next = withNextRoot(chain, {
    expiresMs: NOW_MS + 1826 * DAY_MS,
    ...(targets === undefined ? {} : { targets: { keys: publicKeysOf(targets), threshold: 2 } }),
    ...(root === undefined ? {} : { root: { keys: publicKeysOf(root), threshold: 2 } }),
  });
  return signers.reduce(withRootSignature, next);
}

export const CONTENT: ReadonlyMap<string, Uint8Array> = new Map([
  ['profile.json', Buffer.from('{"profileVersion":1}')],
  ['voice/en/alarm.sent.wav', Buffer.from('RIFF')],
]);

export interface Made {
  readonly chain: RootChain;
  readonly signers: readonly Signer[];
  readonly plan?: Partial<BundlePlan>;
  readonly content?: ReadonlyMap<string, Uint8Array>;
}

export function trustOf({ chain, signers, plan = {}, content = CONTENT }: Made): TrustPart {
  const unsigned = unsignedTrust(
    {
      ...{ device: DEVICE, agent: '>=0.1.0 <0.3.0', generation: 7, expiresMs: NOW_MS + 1800 * DAY_MS },
      parts: [...content].map(([name, bytes]) => ({
        ...{ name, length: bytes.length },
        sha256: createHash('sha256').update(bytes).digest('hex'),
      })),
      ...plan,
    },
    chain,
  );
  return signers.reduce((trust, signer) => withSignature(trust, signer).trust, unsigned);
}

export const bundleOf = (made: Made): Buffer => encodeBundle(trustOf(made), made.content ?? CONTENT);

/** As `trustOf`, where the keys need not be those of the root. */
export function forged({ signers, ...made }: Made): Buffer {
  const trust = trustOf({ ...made, signers: [] });
  const targets = signers.reduce(signed, trust.targets);
  return encodeBundle({ ...trust, targets }, made.content ?? CONTENT);
}

/** What a device expects that has confirmed generation 6. */
export const expectations = (chain: RootChain, more: Partial<Expectations> = {}): Expectations => ({
  root: newestOf(chain),
  device: DEVICE,
  floor: { generation: 6, digest: 'f'.repeat(64) },
  agent: '0.1.0',
  clock: { quality: 'synced', nowMs: NOW_MS },
  ...more,
});

/** The code and message of the refusal, or null where it was taken. */
export async function refusalOf(bytes: Uint8Array, expected: Expectations): Promise<WatchpostError | null> {
  try {
    await verifyBundle(readerOf(bytes), expected);
    return null;
  } catch (error) {
    if (error instanceof WatchpostError) return error;
    throw error;
  }
}

export const newestRoot = (chain: RootChain): RootDocument => newestOf(chain);
