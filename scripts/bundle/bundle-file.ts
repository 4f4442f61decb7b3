import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withBundleFile } from '#contract/bundle/bundle-file.ts';
import { encodeHead, readHead, type TrustPart } from '#contract/bundle/layout.ts';
import { WatchpostError } from '#contract/errors.ts';
import { PUBLIC_MODE, syncFolder } from '../site-authority/durable-file.ts';
import type { Ingredient } from './make.ts';

/** A file that becomes a part. */
export interface PartFile extends Ingredient {
  readonly file: string;
}

/** How large a file is and what it is, read once, so that the bundle says what it holds. Rejects with WP4114. */
export async function partFile(name: string, file: string): Promise<PartFile> {
  const hash = createHash('sha256');
  let length = 0;
  try {
    for await (const piece of createReadStream(file)) {
      hash.update(piece);
      length += piece.length;
    }
  } catch (cause) {
    throw new WatchpostError('WP4114', { detail: `${file} cannot be read`, cause });
  }
  return { name, file, length, sha256: hash.digest('hex') };
}

/** Writes a new bundle: on the disk whole, or not there. Rejects with WP4115 where there is one already. */
export async function writeBundle(out: string, trust: TrustPart, parts: readonly PartFile[]): Promise<void> {
  await refuseExisting(out);
  const inOrder = [...parts].sort((one, other) => (one.name < other.name ? -1 : 1));
  await replaceBundle(out, async function* () {
    yield encodeHead(trust);
    for (const { file } of inOrder) yield* createReadStream(file);
  });
}

/** Exchanges the signed part of a bundle; its content stays as it is. */
export async function resignBundle(
  file: string,
  resign: (trust: TrustPart) => TrustPart | Promise<TrustPart>,
): Promise<void> {
  await withBundleFile(file, async (reader) => {
    const { trust, contentAt } = await readHead(reader);
    const next = await resign(trust);
    await replaceBundle(file, async function* () {
      yield encodeHead(next);
      yield* createReadStream(file, { start: contentAt });
    });
  });
}

async function replaceBundle(file: string, content: () => AsyncIterable<Uint8Array>): Promise<void> {
  const draft = `${file}.new`;
  try {
    const handle = await open(draft, 'w', PUBLIC_MODE);
    try {
      await handle.writeFile(content());
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
    syncFolder(dirname(file));
  } finally {
    await rm(draft, { force: true });
  }
}

export async function refuseExisting(file: string): Promise<void> {
  try {
    await (await open(file, 'r')).close();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw new WatchpostError('WP4115', { detail: file, cause: error });
  }
  throw new WatchpostError('WP4115', { detail: file });
}
