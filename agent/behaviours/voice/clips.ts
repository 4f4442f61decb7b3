import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { WatchpostError } from '#contract/errors.ts';
import type { Recording } from '../../ports/speaker.ts';

/** Name of the manifest in the folder of clips. */
export const MANIFEST_FILE = 'manifest.json';

const ManifestEntry = z.strictObject({
  key: z.string().min(1).max(80),
  language: z.string().min(1).max(40),
  /** What is said, as one would write it. */
  text: z.string(),
  /** Relative to the manifest; null when it could not be rendered. */
  file: z
    .string()
    .regex(/^[A-Za-z0-9-]+\/[a-z0-9.-]+\.wav$/)
    .nullable(),
  durationMs: z.number().min(0),
  /** SHA-256 of everything that decided how it sounds; null when not rendered. */
  hash: z.string().nullable(),
});
export type ManifestEntry = z.infer<typeof ManifestEntry>;

/** What was rendered ahead of time, for the agent to load: it never sees the catalogues themselves. */
export const ClipManifest = z.strictObject({
  manifestVersion: z.literal(1),
  prompts: z.array(ManifestEntry).max(10_000),
});
export type ClipManifest = z.infer<typeof ClipManifest>;

/** One prompt in one language, ready to be played. */
export interface Clip {
  readonly key: string;
  readonly language: string;
  readonly text: string;
  readonly file: string;
  readonly durationMs: number;
  /** Is played in place of the file. */
  readonly recording?: Recording;
}

/** The clip of a prompt in a language, or null when there is none. */
export interface ClipLibrary {
  find(key: string, language: string): Clip | null;
}

export const noClips: ClipLibrary = { find: () => null };

/** Reads the manifest in `dir`. Rejects with WP2503 when it is missing, unreadable or has no clip at all. */
export async function loadClips(dir: string): Promise<ClipLibrary> {
  const { prompts } = await readManifest(dir);
  const clips = new Map<string, Clip>();
  for (const entry of prompts) {
    if (entry.file === null) continue;
    clips.set(`${entry.language}/${entry.key}`, { ...entry, file: join(dir, entry.file) });
  }
  if (clips.size === 0) throw new WatchpostError('WP2503', { detail: `${dir}: no prompt was rendered` });
  return { find: (key, language) => clips.get(`${language}/${key}`) ?? null };
}

/** Rejects with WP2503. */
export async function readManifest(dir: string): Promise<ClipManifest> {
  const file = join(dir, MANIFEST_FILE);
  try {
    return ClipManifest.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new WatchpostError('WP2503', { detail: file, cause });
  }
}
