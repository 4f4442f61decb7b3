import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { withBundleFile } from '#contract/bundle/bundle-file.ts';
import { type BundleHead, readHead } from '#contract/bundle/layout.ts';
import type { BundleManifest } from '#contract/bundle/manifest.ts';
import type { RootDocument } from '#contract/bundle/metadata.ts';
import { type VerifiedBundle, verifyBundle } from '#contract/bundle/verify.ts';
import { WatchpostError } from '#contract/errors.ts';

/** A bundle on this machine, whole and signed. */
export interface SourceBundle {
  readonly file: string;
  readonly bytes: number;
  /** Of the whole file, 64 hexadecimal digits. */
  readonly sha256: string;
  readonly manifest: BundleManifest;
  /** Whose keys it was held against: the site's, or only the bundle's own, which proves that it is whole. */
  readonly trust: 'site' | 'itself';
}

/**
 * Verifies a bundle before it goes anywhere. The device does so again, against the root that it keeps.
 * @param root - the site's, or null where none is at hand
 * @throws WatchpostError WP4101–WP4112
 */
export async function openSource(file: string, root: RootDocument | null): Promise<SourceBundle> {
  return withBundleFile(file, async (reader) => {
    const { manifest } = await verifyBundle(reader, expected(root ?? ownRoot(await readHead(reader), file)));
    const sha256 = await fileHash(file);
    return { file, bytes: reader.size, sha256, manifest, trust: root === null ? 'itself' : 'site' };
  });
}

/** The firmware and the rest, for who needs a part of it. */
export const withVerified = <T>(
  source: SourceBundle,
  use: (bundle: VerifiedBundle) => Promise<T>,
): Promise<T> =>
  withBundleFile(source.file, async (reader) =>
    use(await verifyBundle(reader, expected(ownRoot(await readHead(reader), source.file)))),
  );

const expected = (root: RootDocument) => ({
  ...{ root, device: null, floor: null, agent: null },
  clock: { quality: 'synced', nowMs: Date.now() } as const,
});

/** @throws WatchpostError WP4104 */
function ownRoot({ trust }: BundleHead, file: string): RootDocument {
  const newest = trust.roots.at(-1);
  if (newest === undefined) throw new WatchpostError('WP4104', { detail: `${file} has no root in it` });
  return newest;
}

async function fileHash(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece);
  return hash.digest('hex');
}
