-- Bundles that were brought to the site; the content lies in bundles/SHA256.wpb.
CREATE TABLE bundle (
  sha256 TEXT PRIMARY KEY,
  -- Of the signed list of parts: the one name of its content, as devices tell it.
  digest TEXT NOT NULL,
  site TEXT NOT NULL,
  device TEXT NOT NULL,
  generation INTEGER NOT NULL,
  agent TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  expires_at TEXT NOT NULL,
  uploaded_at TEXT NOT NULL,
  uploaded_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE rollout (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  -- running, paused, halted, aborted, finished
  state TEXT NOT NULL,
  -- The newest that was begun, from 0; there are `stages`.
  stage INTEGER NOT NULL,
  stages INTEGER NOT NULL,
  stage_at TEXT NOT NULL,
  -- Since when all of the stage are done; null while they are not.
  soak_at TEXT,
  -- JSON.
  rules TEXT NOT NULL,
  -- Failures that somebody has seen and gone on after.
  forgiven INTEGER NOT NULL,
  reason TEXT,
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL,
  changed_at TEXT NOT NULL
) STRICT;

CREATE TABLE rollout_device (
  rollout INTEGER NOT NULL,
  site TEXT NOT NULL,
  device TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  digest TEXT NOT NULL,
  generation INTEGER NOT NULL,
  stage INTEGER NOT NULL,
  position INTEGER NOT NULL,
  -- waiting, sending, installing, trial, confirmed, skipped, rejected, failed, withdrawn
  state TEXT NOT NULL,
  code TEXT,
  detail TEXT,
  attempts INTEGER NOT NULL,
  -- How often the device had started when it was told to install.
  boot INTEGER,
  changed_at TEXT NOT NULL,
  PRIMARY KEY (rollout, site, device)
) STRICT, WITHOUT ROWID;
CREATE INDEX rollout_device_by_device ON rollout_device (site, device, rollout);
