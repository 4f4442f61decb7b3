import { createHash } from 'node:crypto';
import { WatchpostError } from '../errors.ts';
import { canonicalBytes } from './canonical.ts';
import { type BundleFacts, Manifest, PROFILE_PART, type TargetsSigned } from './metadata.ts';

export interface BundlePart {
  readonly name: string;
  readonly length: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

/** What was signed, in the words of ours. */
export interface BundleManifest extends BundleFacts {
  readonly generation: number;
  readonly expiresMs: number;
  /** In the order of their names, which is their order in the file. */
  readonly parts: readonly BundlePart[];
  /** All parts together. */
  readonly contentBytes: number;
  /** The signed bytes: keeping them keeps what every part must be. */
  readonly bytes: Uint8Array;
  /** SHA-256 of the signed bytes: the one name of this content, whoever signed it. */
  readonly digest: string;
}

export function manifestOf(signed: TargetsSigned): BundleManifest {
  const bytes = canonicalBytes(signed);
  const parts = Object.entries(signed.targets)
    .map(([name, { length, hashes }]) => ({ name, length, sha256: hashes.sha256 }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  const facts = signed.targets[PROFILE_PART]?.custom;
  if (facts === undefined) throw new WatchpostError('WP4101', { detail: 'no facts at the profile' });
  return {
    ...facts,
    generation: signed.version,
    expiresMs: Date.parse(signed.expires),
    parts,
    contentBytes: parts.reduce((sum, { length }) => sum + length, 0),
    bytes,
    digest: createHash('sha256').update(bytes).digest('hex'),
  };
}

/** Reads the signed bytes that were kept; null where they are not what they were. */
export function readManifest(bytes: Uint8Array, digest: string): BundleManifest | null {
  if (createHash('sha256').update(bytes).digest('hex') !== digest) return null;
  return manifestOf(Manifest.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))));
}

/** The newest that a device has confirmed; nothing older is installed. */
export interface Floor {
  readonly generation: number;
  readonly digest: string;
}

/** @throws WatchpostError WP4106 for an older generation, and for other content under the same number */
export function refuseOlder(offered: Floor, floor: Floor | null): void {
  if (floor === null || offered.generation > floor.generation) return;
  if (offered.generation === floor.generation && offered.digest === floor.digest) return;
  const what = offered.generation === floor.generation ? 'other content of the same generation' : 'older';
  const detail = `generation ${offered.generation}, the device has confirmed ${floor.generation}: ${what}`;
  throw new WatchpostError('WP4106', { detail });
}

/** Whether `content` is, byte for byte, what was signed as this part. */
export async function isContentOf(part: BundlePart, content: AsyncIterable<Uint8Array>): Promise<boolean> {
  const hash = createHash('sha256');
  let length = 0;
  for await (const piece of content) {
    hash.update(piece);
    length += piece.length;
  }
  return length === part.length && hash.digest('hex') === part.sha256;
}
