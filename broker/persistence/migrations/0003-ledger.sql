-- What the site knows. AUTOINCREMENT: a row's number is never used again, for cursors and proofs refer to it.
CREATE TABLE ledger_event (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,
  id TEXT NOT NULL,
  epoch TEXT NOT NULL,
  lane TEXT NOT NULL,
  seq INTEGER,
  type TEXT NOT NULL,
  boot TEXT NOT NULL,
  mono_ms REAL NOT NULL,
  -- What happened_at rests on: the device's clock, a later synced message of its boot, or the arrival.
  dated TEXT NOT NULL CHECK (dated IN ('device', 'boot', 'arrival')),
  happened_at TEXT NOT NULL,
  received_at TEXT NOT NULL,
  test INTEGER NOT NULL,
  envelope TEXT NOT NULL,
  UNIQUE (source, id),
  UNIQUE (source, epoch, lane, seq)
) STRICT;
CREATE INDEX ledger_event_by_source ON ledger_event (source, row);
CREATE INDEX ledger_event_by_type ON ledger_event (type, row);
CREATE INDEX ledger_event_by_id ON ledger_event (id);
CREATE INDEX ledger_event_undated ON ledger_event (source, boot) WHERE dated = 'arrival';
CREATE INDEX ledger_event_volatile ON ledger_event (source, epoch, lane, row) WHERE seq IS NULL;

-- Watermarks; they outlive the events. up_to never goes back.
CREATE TABLE ledger_lane (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,
  epoch TEXT NOT NULL,
  lane TEXT NOT NULL,
  up_to INTEGER NOT NULL,
  at_id TEXT,
  -- Highest number whose event retention has removed.
  pruned_to INTEGER NOT NULL DEFAULT 0,
  UNIQUE (source, epoch, lane)
) STRICT;

-- Settled ranges beyond the watermark: never overlapping or touching one another.
CREATE TABLE ledger_ahead (
  source TEXT NOT NULL,
  epoch TEXT NOT NULL,
  lane TEXT NOT NULL,
  seq_from INTEGER NOT NULL,
  seq_to INTEGER NOT NULL,
  at_id TEXT,
  PRIMARY KEY (source, epoch, lane, seq_from)
) STRICT, WITHOUT ROWID;

-- Wall clock minus mono, from the first synced message of a boot.
CREATE TABLE ledger_boot (
  source TEXT NOT NULL,
  boot TEXT NOT NULL,
  offset_ms REAL NOT NULL,
  PRIMARY KEY (source, boot)
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  -- SHA-256 of client, topic, code and payload: the same again counts up instead of filling the table.
  digest TEXT NOT NULL UNIQUE,
  received_at TEXT NOT NULL,
  last_at TEXT NOT NULL,
  times INTEGER NOT NULL DEFAULT 1,
  client TEXT NOT NULL,
  topic TEXT NOT NULL,
  code TEXT NOT NULL,
  detail TEXT NOT NULL,
  source TEXT,
  epoch TEXT,
  lane TEXT,
  seq INTEGER,
  event_id TEXT,
  bytes INTEGER NOT NULL,
  payload BLOB NOT NULL
) STRICT;
CREATE INDEX quarantine_by_lane ON quarantine (source, epoch, lane, row);

-- Totals that outlive the rows.
CREATE TABLE quarantine_total (
  code TEXT PRIMARY KEY,
  times INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE device (
  source TEXT PRIMARY KEY,
  site TEXT NOT NULL,
  device TEXT NOT NULL,
  state TEXT,
  boot INTEGER,
  conn INTEGER,
  alarm_epoch TEXT,
  first_seen_at TEXT NOT NULL,
  last_seen_at TEXT NOT NULL
) STRICT;
