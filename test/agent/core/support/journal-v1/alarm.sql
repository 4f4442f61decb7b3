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
INSERT INTO lanes (lane, epoch, floor, reserved, receiptedTo, receiptedId, ledgerId, siteTimeMs, undeclared) VALUES ('alarm', 'Oa_H2PupehewT0Ef', 2, 1, 1, '01a1f640-bc00-701f-8e0b-05a65ed71201', 'ledger-1', 1795132804000, NULL);
INSERT INTO facts (key, value) VALUES ('panic', '{"open":["01a1f640-bc00-701f-8e0b-0c9bf20c9043"]}');
INSERT INTO records (ord, epoch, seq, id, body, pending, receivedAtMs, rejectedCode) VALUES (1, 'Oa_H2PupehewT0Ef', 1, '01a1f640-bc00-701f-8e0b-05a65ed71201', '{"specversion":"1.0","id":"01a1f640-bc00-701f-8e0b-05a65ed71201","source":"/wp/demo/pillar-001","type":"wp.panic.pressed.v1","time":"2026-11-20T00:00:00.000Z","data":{"place":{"label":"East gate"},"input":"button","cause":"edge","edges":1},"wplane":"alarm","wpclock":"holdover","wpmono":"0.000","wpboot":"boot-1","wpepoch":"Oa_H2PupehewT0Ef","wpseq":1}', 0, 1795132804000, NULL);
INSERT INTO records (ord, epoch, seq, id, body, pending, receivedAtMs, rejectedCode) VALUES (2, 'Oa_H2PupehewT0Ef', 2, '01a1f640-bc00-701f-8e0b-0c9bf20c9043', '{"specversion":"1.0","id":"01a1f640-bc00-701f-8e0b-0c9bf20c9043","source":"/wp/demo/pillar-001","type":"wp.panic.pressed.v1","time":"2026-11-20T00:00:00.000Z","data":{"place":{"label":"East gate"},"input":"button","cause":"edge","edges":1},"wplane":"alarm","wpclock":"holdover","wpmono":"0.000","wpboot":"boot-1","wpepoch":"Oa_H2PupehewT0Ef","wpseq":2}', 1, NULL, NULL);
INSERT INTO records (ord, epoch, seq, id, body, pending, receivedAtMs, rejectedCode) VALUES (3, 'Oa_H2PupehewT0Ef', 3, '01a1f640-bc00-701f-8e0b-12e570098ded', '{"specversion":"1.0","id":"01a1f640-bc00-701f-8e0b-12e570098ded","source":"/wp/demo/pillar-001","type":"wp.panic.pressed.v1","time":"2026-11-20T00:00:00.000Z","data":{"place":{"label":"East gate"},"input":"button","cause":"edge","edges":1},"wplane":"alarm","wpclock":"holdover","wpmono":"0.000","wpboot":"boot-1","wpepoch":"Oa_H2PupehewT0Ef","wpseq":3}', 1, NULL, NULL);
INSERT INTO replies (ord, id, body) VALUES (1, 'c1', '{"id":"c1","name":"identify","ok":true,"at":"2026-11-20T00:00:00.000Z"}');
PRAGMA user_version = 1;
