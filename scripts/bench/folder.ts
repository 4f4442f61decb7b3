import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../site/demo-site.ts';

/**
 * Runs `work` in a folder that is gone afterwards. It lies beside the project, not in /tmp, which is memory on many
 * machines: syncing there would measure nothing.
 */
export async function inBenchFolder<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const parent = join(ROOT, '.cache');
  mkdirSync(parent, { recursive: true });
  const dir = mkdtempSync(join(parent, 'bench-'));
  try {
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
