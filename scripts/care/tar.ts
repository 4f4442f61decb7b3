import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { WatchpostError } from '#contract/errors.ts';

const run = promisify(execFile);

/** With Debian's tar: the folder `name` of `parent`. */
export async function packTar(file: string, parent: string, name: string): Promise<void> {
  await tar(['--create', '--format=pax', '--file', file, '--directory', parent, '--', name], 'WP3602');
}

/** Into a folder that is empty; tar itself refuses names that lead out of it. */
export async function unpackTar(file: string, into: string): Promise<void> {
  await tar(
    ['--extract', '--no-same-owner', '--no-same-permissions', '--file', file, '--directory', into],
    'WP3601',
  );
}

async function tar(args: readonly string[], code: 'WP3601' | 'WP3602'): Promise<void> {
  try {
    await run('tar', [...args]);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WatchpostError(code, { detail: reason.trim().slice(0, 400), cause });
  }
}
