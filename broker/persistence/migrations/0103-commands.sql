CREATE TABLE command (
  row INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  site TEXT NOT NULL,
  device TEXT NOT NULL,
  name TEXT NOT NULL,
  args TEXT NOT NULL,
  who TEXT NOT NULL,
  issued_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  reply TEXT,
  replied_at TEXT
) STRICT;
CREATE INDEX command_by_device ON command (site, device, row);

-- Test mode in force, one a device. The two device times come from the device's own clock.
CREATE TABLE test_grant (
  site TEXT NOT NULL,
  device TEXT NOT NULL,
  command_id TEXT NOT NULL,
  inputs TEXT NOT NULL,
  boot_id TEXT NOT NULL,
  boot INTEGER NOT NULL,
  device_from_ms INTEGER NOT NULL,
  device_until_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  PRIMARY KEY (site, device)
) STRICT;
