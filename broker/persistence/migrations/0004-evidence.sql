-- What events say about their evidence, and the pieces until the whole is in its file.
CREATE TABLE evidence (
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
  PRIMARY KEY (source, blob_id)
) STRICT;
CREATE INDEX evidence_by_blob ON evidence (blob_id);

CREATE TABLE evidence_piece (
  source TEXT NOT NULL,
  blob_id TEXT NOT NULL,
  piece INTEGER NOT NULL,
  content BLOB NOT NULL,
  received_at TEXT NOT NULL,
  PRIMARY KEY (source, blob_id, piece)
) STRICT;
