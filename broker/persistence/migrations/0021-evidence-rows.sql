-- AUTOINCREMENT: a mark of retention says which rows there were, so a number that is given again would make new rows old.
-- Marks that are there may name higher numbers than there are rows: counting goes on above them.
CREATE TABLE evidence_numbered (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,
  blob_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  media_type TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  pieces INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'complete', 'damaged', 'erased')),
  announced_at TEXT NOT NULL,
  completed_at TEXT,
  UNIQUE (source, blob_id)
) STRICT;
INSERT INTO evidence_numbered
  (row, source, blob_id, event_id, media_type, bytes, pieces, sha256, state, announced_at, completed_at)
  SELECT rowid, source, blob_id, event_id, media_type, bytes, pieces, sha256, state, announced_at, completed_at
  FROM evidence ORDER BY rowid;
DROP TABLE evidence;
ALTER TABLE evidence_numbered RENAME TO evidence;
CREATE INDEX evidence_by_blob ON evidence (blob_id);
CREATE INDEX evidence_waiting ON evidence (state) WHERE state = 'waiting';

CREATE TABLE evidence_piece_numbered (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,
  blob_id TEXT NOT NULL,
  piece INTEGER NOT NULL,
  content BLOB NOT NULL,
  received_at TEXT NOT NULL,
  UNIQUE (source, blob_id, piece)
) STRICT;
INSERT INTO evidence_piece_numbered (row, source, blob_id, piece, content, received_at)
  SELECT rowid, source, blob_id, piece, content, received_at FROM evidence_piece ORDER BY rowid;
DROP TABLE evidence_piece;
ALTER TABLE evidence_piece_numbered RENAME TO evidence_piece;

DELETE FROM sqlite_sequence WHERE name IN ('evidence', 'evidence_piece');
INSERT INTO sqlite_sequence (name, seq)
  SELECT 'evidence', max(
    coalesce((SELECT max(row) FROM evidence), 0),
    coalesce((SELECT max(rows ->> '$.evidence') FROM retention_mark), 0));
INSERT INTO sqlite_sequence (name, seq)
  SELECT 'evidence_piece', max(
    coalesce((SELECT max(row) FROM evidence_piece), 0),
    coalesce((SELECT max(rows ->> '$.piece') FROM retention_mark), 0));
