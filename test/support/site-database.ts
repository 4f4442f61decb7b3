import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SiteDatabase, type SiteDatabaseOptions } from '#broker/persistence/store/database.ts';
import type { Log } from '#contract/log.ts';
import { ManualClock } from './manual-clock.ts';

/** What tap's `t` gives here. */
interface Teardown {
  teardown(handler: () => void | Promise<void>): void;
}

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};

/** A started, migrated site database in memory, closed when the test ends. */
export function memoryDatabase(t: Teardown, options: Partial<SiteDatabaseOptions> = {}): SiteDatabase {
  const database = new SiteDatabase({
    path: ':memory:',
    clock: new ManualClock(),
    log: silentLog,
    ...options,
  });
  database.start();
  t.teardown(() => database.close());
  return database;
}

/**
 * The same on a file in a folder of its own, which goes with the test. With a manual clock take `synchronous: 'NORMAL'`:
 * with FULL a slow disk is waited for in true time, in which the manual one runs on.
 */
export function fileDatabase(t: Teardown, options: Partial<SiteDatabaseOptions> = {}): SiteDatabase {
  const folder = temporaryFolder(t);
  return memoryDatabase(t, { path: join(folder, 'site.db'), ...options });
}

export function temporaryFolder(t: Teardown): string {
  const folder = mkdtempSync(join(tmpdir(), 'watchpost-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
