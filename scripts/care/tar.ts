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
    throw new WatchpostError(code, { detail: reasonOf(cause).slice(0, 400), cause });
  }
}

/** The first line that tar has printed; where it cannot be run, the system's answer. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const printed = 'stderr' in cause ? String(cause.stderr).trim() : '';
  return (printed === '' ? cause.message : printed).split('\n')[0] ?? '';
}
