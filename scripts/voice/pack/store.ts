import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { WatchpostError } from '#contract/errors.ts';
import { wavDurationMs } from '#contract/wav.ts';
import { wavFile } from '../sound.ts';
import { checkPack, type PackOptions, type PackReport, type RecordedClip } from './check.ts';

/** Where a device's folder keeps its voice pack. */
export const PACK_FOLDER = 'voice-pack';
const LIST_FILE = 'pack.json';

const StoredClip = z.strictObject({
  language: z.string().regex(/^[A-Za-z0-9-]{2,40}$/),
  key: z.string().regex(/^[a-z0-9.-]{1,80}$/),
  /** Null until it is known what it stands for. */
  text: z.string().nullable(),
  durationMs: z.number().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
type StoredClip = z.infer<typeof StoredClip>;

const PackList = z.strictObject({ packVersion: z.literal(1), clips: z.array(StoredClip).max(2000) });

/**
 * Checks a pack and, where all of it can be used, leaves its clips in `dataDir`, from where the next rendering takes
 * them; a pack that was there goes. With any problem nothing changes. Throws WP2541.
 */
export async function installPack(
  source: string,
  dataDir: string,
  options: PackOptions,
): Promise<PackReport> {
  const dir = join(dataDir, PACK_FOLDER);
  const fresh = `${dir}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  try {
    const clips: StoredClip[] = [];
    const report = await checkPack(source, options, async (clip) => {
      clips.push(await stored(fresh, clip));
    });
    if (report.problems.length > 0) return report;
    await writeList(fresh, clips);
    await rm(dir, { recursive: true, force: true });
    await rename(fresh, dir);
    return report;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function stored(dir: string, { language, key, text, wav }: RecordedClip): Promise<StoredClip> {
  const bytes = wavFile(wav);
  const file = clipFile(dir, { language, key });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
  return { language, key, text, durationMs: Math.round(wavDurationMs(wav)), sha256: sha256(bytes) };
}

/** Words of a prompt in a language. */
export interface BoundWords {
  readonly language: string;
  readonly key: string;
  readonly text: string;
}

/** The recordings that a device has; none when no pack was installed. */
export class InstalledPack {
  readonly #dir: string;
  readonly #clips: Map<string, StoredClip>;

  constructor(dir: string, clips: readonly StoredClip[]) {
    this.#dir = dir;
    this.#clips = new Map(clips.map((clip) => [`${clip.language}/${clip.key}`, clip]));
  }

  /** The recording of these very words, or null: a prompt whose words have changed since is not what was recorded. */
  find(language: string, { key, text }: { readonly key: string; readonly text: string }): StoredClip | null {
    const clip = this.#clips.get(`${language}/${key}`);
    return clip !== undefined && (clip.text ?? text) === text ? clip : null;
  }

  /** From now on, recordings of which that was not known stand for these words: a place that moves needs another. */
  async bind(words: readonly BoundWords[]): Promise<void> {
    let isChanged = false;
    for (const { language, key, text } of words) {
      const clip = this.#clips.get(`${language}/${key}`);
      if (clip === undefined || clip.text !== null) continue;
      this.#clips.set(`${language}/${key}`, { ...clip, text });
      isChanged = true;
    }
    if (isChanged) await writeList(this.#dir, [...this.#clips.values()]);
  }

  /** The clip's bytes. Rejects with WP2546 when they are not those that were installed. */
  async bytesOf(clip: StoredClip): Promise<Buffer> {
    const file = clipFile(this.#dir, clip);
    const bytes = await readFile(file).catch((cause: unknown) => {
      throw new WatchpostError('WP2546', { detail: file, cause });
    });
    if (sha256(bytes) !== clip.sha256) throw new WatchpostError('WP2546', { detail: `${file} has changed` });
    return bytes;
  }
}

/** Reads what `installPack` left in a device's folder. Rejects with WP2546 when it is broken. */
export async function loadPack(dataDir: string): Promise<InstalledPack> {
  const dir = join(dataDir, PACK_FOLDER);
  const file = join(dir, LIST_FILE);
  try {
    const { clips } = PackList.parse(JSON.parse(await readFile(file, 'utf8')));
    return new InstalledPack(dir, clips);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      return new InstalledPack(dir, []);
    throw new WatchpostError('WP2546', { detail: file, cause });
  }
}

async function writeList(dir: string, clips: readonly StoredClip[]): Promise<void> {
  const file = join(dir, LIST_FILE);
  await writeFile(`${file}.part`, `${JSON.stringify({ packVersion: 1, clips }, null, 1)}\n`);
  await rename(`${file}.part`, file);
}

function clipFile(dir: string, { language, key }: Pick<StoredClip, 'language' | 'key'>): string {
  return join(dir, language, `${key}.wav`);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
