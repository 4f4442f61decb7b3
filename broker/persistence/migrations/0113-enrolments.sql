-- Devices that were given an identity, whether they were ever heard of or not: where they stand and what they are.
CREATE TABLE enrolment (
  site TEXT NOT NULL,
  device TEXT NOT NULL,
  -- JSON.
  place TEXT NOT NULL,
  roles TEXT NOT NULL,
  -- Of the certificate, hexadecimal digits.
  serial TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  enrolled_at TEXT NOT NULL,
  enrolled_by TEXT NOT NULL,
  PRIMARY KEY (site, device)
) STRICT, WITHOUT ROWID;
