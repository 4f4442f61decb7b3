import { createHash } from 'node:crypto';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { WatchpostError } from '#contract/errors.ts';

/** A grey picture as stored. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A picture in the evidence folder. */
export interface StoredPicture {
  readonly file: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Writes `picture` as PNG under `name`: whole and synced first, then under its name. Throws WP2408. */
export async function storePicture(folder: string, name: string, picture: Picture): Promise<StoredPicture> {
  const { width, height, data } = picture;
  const png = encode({ width, height, data, channels: 1, depth: 8 });
  const file = `${name}.png`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeSynced(join(folder, `.${file}.part`), png);
    await rename(join(folder, `.${file}.part`), join(folder, file));
  } catch (cause) {
    throw new WatchpostError('WP2408', { detail: file, cause });
  }
  const sha256 = createHash('sha256').update(png).digest('hex');
  return { file, mediaType: 'image/png', bytes: png.length, sha256 };
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
