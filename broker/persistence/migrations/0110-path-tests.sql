-- The newest test alarms of each device, with how long each took.
CREATE TABLE path_test (
  row INTEGER PRIMARY KEY,
  site TEXT NOT NULL,
  device TEXT NOT NULL,
  event_id TEXT NOT NULL UNIQUE,
  cause TEXT NOT NULL,
  raised_at TEXT NOT NULL,
  received_at TEXT NOT NULL,
  receipted_at TEXT,
  -- On the device, from its journal to PUBACK and to the receipt.
  sent_ms REAL,
  received_ms REAL
) STRICT;
CREATE INDEX path_test_by_device ON path_test (site, device, row);

-- From when a device is judged: its newest test, or when it was first seen, in milliseconds that the broker has run.
CREATE TABLE path_watch (
  site TEXT NOT NULL,
  device TEXT NOT NULL,
  since_ran_ms REAL NOT NULL,
  missed_at TEXT,
  PRIMARY KEY (site, device)
) STRICT, WITHOUT ROWID;
