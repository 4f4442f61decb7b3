import { fdatasyncSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';
import * as z from 'zod';

/** The thread of {@link Checkpointer}: a connection of its own, and the pages' way into the database. */
const { path, databaseFd } = z.object({ path: z.string(), databaseFd: z.int() }).parse(workerData);
const sql = new Sqlite(path, { fileMustExist: true });
sql.pragma('wal_autocheckpoint = 0');
sql.pragma('synchronous = NORMAL');
const checkpoint = sql.prepare<[], { busy: number }>('PRAGMA wal_checkpoint(PASSIVE)');

parentPort?.on('message', (what) => {
  if (what === 'close') {
    sql.close();
    parentPort?.close();
    return;
  }
  try {
    const { busy } = checkpoint.get() ?? { busy: 1 };
    // SQLite syncs the database only when nothing was added meanwhile. Done here, it costs the event loop nothing later.
    fdatasyncSync(databaseFd);
    parentPort?.postMessage({ busy: busy !== 0, error: null, code: '' });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    parentPort?.postMessage({ busy: false, error: String(error), code });
  }
});
