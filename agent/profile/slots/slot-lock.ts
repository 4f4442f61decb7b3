import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { WatchpostError } from '#contract/errors.ts';

const LOCK = 'lock';
/** Not through a link: it is truncated, perhaps by root on a card that somebody else has prepared. */
const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
/** flock(1): the lock is held by somebody else. */
const HELD = 1;

const Holder = z.object({ who: z.string().max(200), pid: z.int(), since: z.string().max(40) });

/**
 * Holds the slots in `dir` alone while `use` runs: whoever installs, and the agent where it writes. The lock is the
 * kernel's (flock(2)) and ends with its process, so that none is left behind; it holds among the programs of one machine.
 * @param who - what others are told, such as `agent` or `anna's flash`
 * @throws WatchpostError WP4210 naming who holds it and since when, WP4212 where there can be no lock
 */
export async function withSlotLock<T>(dir: string, who: string, use: () => Promise<T>): Promise<T> {
  const file = await opened(dir);
  try {
    await lock(file);
    await sign(file, JSON.stringify({ who, pid: process.pid, since: new Date().toISOString() }));
    try {
      return await use();
    } finally {
      await sign(file, '');
    }
  } finally {
    await file.close();
  }
}

/** Not truncated: whoever holds it has signed there. */
async function opened(dir: string): Promise<FileHandle> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    return await open(join(dir, LOCK), FLAGS, 0o600);
  } catch (cause) {
    throw new WatchpostError('WP4212', { detail: dir, cause });
  }
}

/** What flock locks is the open file, which is ours and outlives it (flock(2), open file description). */
async function lock(file: FileHandle): Promise<void> {
  const child = spawn('flock', ['--exclusive', '--nonblock', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', file.fd],
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) => reject(new WatchpostError('WP4212', { cause })));
    child.once('close', resolve);
  });
  if (code === 0) return;
  if (code === HELD) throw new WatchpostError('WP4210', { detail: await holderOf(file) });
  throw new WatchpostError('WP4212', { detail: `flock ended with ${code}` });
}

/** Only for people to read: what holds is the kernel's lock, so that it need not be synced. */
async function sign(file: FileHandle, text: string): Promise<void> {
  await file.truncate(0);
  await file.write(text, 0);
}

async function holderOf(file: FileHandle): Promise<string> {
  const text = await file.readFile('utf8');
  const holder = Holder.safeParse(text === '' ? null : JSON.parse(text));
  if (!holder.success) return 'who has just begun';
  const { who, pid, since } = holder.data;
  return `${who}, process ${pid}, since ${since}`;
}
