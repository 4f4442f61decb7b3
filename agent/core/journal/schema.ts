import type { Migration, Sql } from './database-file.ts';

// A step that is out in the world is never changed; a new one is added behind it, and its outcome recorded for the test that
// holds all of this (test/agent/core/journal-versions.test.ts). Whether a program can be taken back over it: docs/slots.md.

/**
 * `lanes`: per lane the epoch and how far it has come. `floor`: every lower number was used. `reserved`: every
 * lower number may have been used although no row says so. `closed`: ranges that hold no record any more and
 * that the site was or is to be told about.
 */
const LANES = `
  CREATE TABLE lanes (
    lane TEXT PRIMARY KEY,
    epoch TEXT NOT NULL,
    floor INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    receiptedTo INTEGER NOT NULL,
    receiptedId TEXT,
    ledgerId TEXT,
    siteTimeMs INTEGER NOT NULL,
    undeclared TEXT
  ) STRICT;
  CREATE TABLE closed (
    lane TEXT NOT NULL,
    epoch TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    reason TEXT NOT NULL,
    declared INTEGER NOT NULL,
    PRIMARY KEY (lane, epoch, first)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

function alarmV1(sql: Sql): void {
  sql.exec(`${LANES}
    CREATE TABLE records (
      ord INTEGER PRIMARY KEY AUTOINCREMENT,
      epoch TEXT NOT NULL,
      seq INTEGER NOT NULL,
      id TEXT NOT NULL UNIQUE,
      body TEXT NOT NULL,
      pending INTEGER NOT NULL,
      receivedAtMs INTEGER,
      rejectedCode TEXT,
      UNIQUE (epoch, seq)
    ) STRICT;
    CREATE INDEX pendingRecords ON records (ord) WHERE pending = 1;
    CREATE TABLE replies (
      ord INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      body TEXT NOT NULL
    ) STRICT;
  `);
}

function eventsV1(sql: Sql): void {
  const records = (table: string) => `
    CREATE TABLE ${table} (
      seq INTEGER PRIMARY KEY,
      id TEXT NOT NULL,
      type TEXT NOT NULL,
      body TEXT NOT NULL
    ) STRICT;`;
  sql.exec(`${LANES}
    ${records('eventRecords')}
    ${records('telemetryRecords')}
    CREATE TABLE blobs (
      ord INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      file TEXT NOT NULL,
      pieces INTEGER NOT NULL,
      next INTEGER NOT NULL,
      doneAtMs INTEGER
    ) STRICT;
  `);
}

export const ALARM_MIGRATIONS: readonly Migration[] = [alarmV1];
export const EVENT_MIGRATIONS: readonly Migration[] = [eventsV1];
