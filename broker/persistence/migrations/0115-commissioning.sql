-- Devices being accepted, and those that were (docs/commissioning.md).
CREATE TABLE commissioning (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  site TEXT NOT NULL,
  device TEXT NOT NULL,
  state TEXT NOT NULL,
  -- JSON of contract/commission/run.ts Run.
  run TEXT NOT NULL,
  -- JSON of contract/commission/certificate.ts CertificateFile, once it is signed.
  certificate TEXT
) STRICT;
-- One run a device.
CREATE UNIQUE INDEX commissioning_open ON commissioning (site, device) WHERE state = 'open';
CREATE INDEX commissioning_by_device ON commissioning (site, device, row);
