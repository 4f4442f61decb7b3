-- Secrets are kept as SHA-256 only.
CREATE TABLE access_token (
  hash TEXT PRIMARY KEY,
  person TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE session (
  hash TEXT PRIMARY KEY,
  person TEXT NOT NULL,
  role TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX session_expiry ON session (expires_ms);
