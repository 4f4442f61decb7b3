PRAGMA auto_vacuum = INCREMENTAL;
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
CREATE TABLE eventRecords (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE TABLE telemetryRecords (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE TABLE blobs (
  ord INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  file TEXT NOT NULL,
  pieces INTEGER NOT NULL,
  next INTEGER NOT NULL,
  doneAtMs INTEGER
) STRICT;
INSERT INTO lanes (lane, epoch, floor, reserved, receiptedTo, receiptedId, ledgerId, siteTimeMs, undeclared) VALUES ('event', 'vwC3YkkghS61ouyO', 6, 65, 4, '01a1f640-bc00-701f-8e0b-0bf39ffdeee3', 'ledger-1', 1795132805000, NULL);
INSERT INTO lanes (lane, epoch, floor, reserved, receiptedTo, receiptedId, ledgerId, siteTimeMs, undeclared) VALUES ('telemetry', 'xz8dSlUhROoRqXyj', 1, 1, 0, NULL, NULL, 0, NULL);
INSERT INTO facts (key, value) VALUES ('bootId', 'boot-1');
INSERT INTO facts (key, value) VALUES ('clean', 'yes');
INSERT INTO eventRecords (seq, id, type, body) VALUES (5, '01a1f640-bc00-701f-8e0b-168749b1478e', 'wp.tamper.closed.v1', '{"specversion":"1.0","id":"01a1f640-bc00-701f-8e0b-168749b1478e","source":"/wp/demo/pillar-001","type":"wp.tamper.closed.v1","time":"2026-11-20T00:00:00.000Z","data":{"place":{"label":"East gate"},"input":"button","cause":"edge"},"wplane":"event","wpclock":"holdover","wpmono":"0.000","wpboot":"boot-1","wpepoch":"vwC3YkkghS61ouyO","wpseq":5}');
PRAGMA user_version = 1;
