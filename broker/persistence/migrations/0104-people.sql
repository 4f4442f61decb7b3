-- People whom an admin or a supervisor has named; those of the site configuration are not here. `stamp` is another
-- one after each change of role, password or standing: what was let in by an earlier one is out.
CREATE TABLE person (
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  -- scrypt$N$r$p$salt$hash, or null for somebody who comes by token alone.
  password TEXT,
  disabled INTEGER NOT NULL,
  stamp TEXT NOT NULL,
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL,
  changed_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Tokens for programs. Of the secret only its SHA-256 is kept.
CREATE TABLE api_token (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  hash TEXT NOT NULL UNIQUE,
  person TEXT NOT NULL,
  -- The person's role when it was made: another role ends it.
  role TEXT NOT NULL,
  label TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL,
  expires_ms INTEGER NOT NULL,
  used_ms INTEGER
) STRICT;
CREATE INDEX api_token_by_person ON api_token (person, row);

-- Where people have signed in before: no flood of wrong attempts from elsewhere keeps them from it.
CREATE TABLE sign_in_place (
  person TEXT NOT NULL,
  address TEXT NOT NULL,
  last_ms INTEGER NOT NULL,
  PRIMARY KEY (person, address)
) STRICT, WITHOUT ROWID;

-- Sessions know what they rest on from now on; those from before end, and people sign in again.
DROP TABLE session;
CREATE TABLE session (
  hash TEXT PRIMARY KEY,
  person TEXT NOT NULL,
  role TEXT NOT NULL,
  stamp TEXT NOT NULL,
  -- The API token that opened it, and with which it ends, or null.
  token_id TEXT,
  created_ms INTEGER NOT NULL,
  used_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX session_expiry ON session (expires_ms);
CREATE INDEX session_by_person ON session (person);
