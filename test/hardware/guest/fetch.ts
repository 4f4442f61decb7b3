import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

interface Fetch {
  /** Run with the folder and `args`; leaves there what a guest runs from. */
  readonly script: string;
  readonly folder: string;
  readonly args: readonly string[];
  /** Files besides the script on which the outcome depends. */
  readonly sources: readonly string[];
}

/** Fetches once, and again when the script or what it depends on has changed. Answers why it failed, or false. */
export async function withoutFetched({ script, folder, args, sources }: Fetch): Promise<string | false> {
  const hash = createHash('sha256').update(args.join('\n'));
  for (const file of [script, ...sources]) hash.update(readFileSync(file));
  const wanted = hash.digest('hex');
  const done = join(folder, 'done');
  if (existsSync(done) && readFileSync(done, 'utf8') === wanted) return false;
  try {
    await promisify(execFile)(script, [folder, ...args], { maxBuffer: 64 * 1024 * 1024 });
    writeFileSync(done, wanted);
    return false;
  } catch (cause) {
    return `what the guest runs from could not be fetched: ${String(cause).slice(0, 400)}`;
  }
}
