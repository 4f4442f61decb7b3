import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';

export const MANIFEST_FILE = 'manifest.json';
export const FORMAT = 'watchpost-backup';

/** Relative, below the backup's folder, and nowhere else. */
const Path = z
  .string()
  .max(300)
  .regex(/^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/)
  .refine((path) => !path.split('/').some((part) => part === '..' || part === '.'));

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const FileEntry = z.object({ path: Path, bytes: z.int().min(0), sha256: Sha256 });
export type FileEntry = z.infer<typeof FileEntry>;

/** What a backup holds. Unknown fields of later versions are tolerated, another `version` is not. */
export const Manifest = z.looseObject({
  format: z.literal(FORMAT),
  version: z.literal(1),
  /** RFC 3339, by the clock of the machine that made it. */
  madeAt: z.string(),
  ledgerId: z.string().nullable(),
  /** Numbers of the migrations that the database has. */
  schema: z.array(z.int()),
  /** SHA-256 of the site configuration, where its file was named; the configuration itself is not in a backup. */
  configSha256: Sha256.nullable(),
  files: z.array(FileEntry).min(1),
});
export type Manifest = z.infer<typeof Manifest>;

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
