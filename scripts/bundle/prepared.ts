import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDevice } from '../commands/prepare.ts';

export interface ProfileChoice {
  readonly profile: string;
  readonly siteFile?: string;
  readonly device: string;
  /** Laid over both, such as the place. */
  readonly said?: Readonly<Record<string, unknown>>;
}

/** Resolves a profile and renders its voice into a folder that goes afterwards. Rejects with WP4001–WP4009. */
export async function withPreparedProfile<T>(
  choice: ProfileChoice,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'watchpost-bundle-'));
  try {
    const say = (line: string) => process.stderr.write(`${line}\n`);
    await prepareDevice({ ...choice, dataDir, clips: null, say });
    return await use(dataDir);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
