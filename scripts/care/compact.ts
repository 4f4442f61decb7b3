import Sqlite from 'better-sqlite3';
import * as z from 'zod';
import { explainSqlite } from '#broker/persistence/store/sqlite-error.ts';
import { WatchpostError } from '#contract/errors.ts';
import { askBroker } from './site-client.ts';
import { bytesOf, databaseFile, lockFolder, requireRoom } from './site-files.ts';

const SizeAnswer = z.object({
  database: z.object({ bytes: z.number(), freeBytes: z.number(), shrinks: z.boolean() }),
  compacting: z.boolean(),
});

export interface Compacted {
  readonly beforeBytes: number;
  readonly afterBytes: number;
  readonly how: 'beside-the-broker' | 'offline';
}

const ASK_EVERY_MS = 250;

/**
 * Gives the disk back what the database does not need. While a broker runs it does this itself in small steps, asked over
 * HTTP; otherwise the file is written anew, which needs as much room again. Throws WP3609, WP3607, WP3608, WP5006.
 */
export async function compact(
  dataDir: string,
  onProgress: (freeBytes: number) => void,
  wait: (ms: number) => Promise<void>,
): Promise<Compacted> {
  const file = databaseFile(dataDir);
  if (bytesOf(file) === 0) throw new WatchpostError('WP5006', { detail: file });
  const folder = lockFolder(dataDir);
  if (folder === null) return besideBroker(dataDir, onProgress, wait);
  try {
    return await rewrite(file, dataDir);
  } finally {
    folder.close();
  }
}

async function besideBroker(
  dataDir: string,
  onProgress: (freeBytes: number) => void,
  wait: (ms: number) => Promise<void>,
): Promise<Compacted> {
  const ask = async (method: 'GET' | 'POST', path: string) =>
    SizeAnswer.parse(await askBroker(dataDir, { method, path }));
  const before = await ask('GET', 'care');
  if (!before.database.shrinks) throw new WatchpostError('WP3609', { detail: dataDir });
  let now = await ask('POST', 'care/compact');
  while (now.compacting) {
    onProgress(now.database.freeBytes);
    await wait(ASK_EVERY_MS);
    now = await ask('GET', 'care');
  }
  const { bytes: beforeBytes } = before.database;
  return { beforeBytes, afterBytes: now.database.bytes, how: 'beside-the-broker' };
}

async function rewrite(file: string, dataDir: string): Promise<Compacted> {
  const beforeBytes = bytesOf(file) + bytesOf(`${file}-wal`);
  await requireRoom(dataDir, 2 * beforeBytes);
  try {
    const sql = new Sqlite(file);
    try {
      // Takes effect with the VACUUM, for files of versions before it was the default.
      sql.pragma('auto_vacuum = INCREMENTAL');
      sql.exec('VACUUM');
      sql.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      sql.close();
    }
  } catch (cause) {
    throw explainSqlite(cause);
  }
  return { beforeBytes, afterBytes: bytesOf(file), how: 'offline' };
}
