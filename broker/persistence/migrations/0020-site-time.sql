-- How much time the site has itself seen pass, in milliseconds (docs/care.md): by this data grows old, not by a wall
-- clock that may be years ahead.
CREATE TABLE site_time (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  -- While the broker ran.
  ran_ms REAL NOT NULL,
  -- Of the time that it did not run, or that its wall clock claims beyond, what has been counted and what has not.
  caught_up_ms REAL NOT NULL,
  owed_ms REAL NOT NULL,
  wall_ms REAL NOT NULL
) STRICT;

-- Which rows were there when: what is older than a mark goes with it.
CREATE TABLE retention_mark (
  seen_ms REAL PRIMARY KEY,
  rows TEXT NOT NULL
) STRICT, WITHOUT ROWID;

DROP INDEX ledger_event_by_received;
CREATE INDEX ledger_event_by_lane ON ledger_event (lane, row);
CREATE INDEX evidence_waiting ON evidence (state) WHERE state = 'waiting';

-- Evidence that somebody wants kept whatever its age.
CREATE TABLE evidence_hold (
  blob_id TEXT PRIMARY KEY,
  who TEXT NOT NULL,
  at TEXT NOT NULL,
  note TEXT
) STRICT, WITHOUT ROWID;
