import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '#scripts/site/demo-site.ts';

const SHARED = join(ROOT, '.cache/test-voice');

/**
 * The clips of a profile, rendered once for all tests and all runs: an engine takes seconds for what most tests never
 * listen to. Whether a clip still says what it should is for the renderer to see, which renders what does not.
 */
export class SharedVoice {
  readonly #shared: string;

  /** `of`: what the words depend on, as the profile and the site's file. */
  constructor(of: readonly string[]) {
    this.#shared = join(SHARED, createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 16));
  }

  /** Lays the clips that there are into a device's folder of clips, unless it has some. */
  lend(dir: string): void {
    if (!existsSync(this.#shared) || existsSync(dir)) return;
    cpSync(this.#shared, dir, { recursive: true });
  }

  /** Keeps the clips of a device's folder for the next, in one piece. */
  keep(dir: string): void {
    mkdirSync(SHARED, { recursive: true });
    const part = mkdtempSync(`${this.#shared}.`);
    cpSync(dir, join(part, 'new'), { recursive: true });
    try {
      if (existsSync(this.#shared)) renameSync(this.#shared, join(part, 'old'));
      renameSync(join(part, 'new'), this.#shared);
    } catch (cause) {
      // Another test keeps its clips at this very moment, which are the same.
      if (!(cause instanceof Error && 'code' in cause && /ENOENT|ENOTEMPTY|EEXIST/.test(String(cause.code))))
        throw cause;
    } finally {
      rmSync(part, { recursive: true, force: true });
    }
  }
}
