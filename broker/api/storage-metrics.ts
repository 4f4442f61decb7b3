import { statSync } from 'node:fs';
import { Gauge, type Registry } from 'prom-client';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import { diskFreeBytes } from './readiness.ts';

export interface StorageParts {
  readonly db: GroupCommit;
  /** The database's file. */
  readonly file: string;
  readonly dataDir: string;
}

/** Room: of the database, of its write-ahead log, of the disk. Read when somebody asks. */
export function storageMetrics(registry: Registry, { db, file, dataDir }: StorageParts): void {
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      ...{ name, help, registers: [registry] },
      collect() {
        this.set(read());
      },
    });
  const pragma = (name: string) => Number(db.sql.pragma(name, { simple: true }));
  gauge(
    'watchpost_database_bytes',
    'Size of the site database.',
    () => pragma('page_count') * pragma('page_size'),
  );
  gauge(
    'watchpost_database_free_bytes',
    'Room in the database that was given back and will be used again.',
    () => pragma('freelist_count') * pragma('page_size'),
  );
  gauge('watchpost_wal_bytes', 'Size of the write-ahead log of the site database.', () =>
    sizeOf(`${file}-wal`),
  );
  gauge('watchpost_disk_free_bytes', 'Room on the disk of the data folder.', () => diskFreeBytes(dataDir));
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
