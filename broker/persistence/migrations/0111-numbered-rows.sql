-- AUTOINCREMENT, as in 0021: what marks of retention refer to is never given again.
CREATE TABLE incident_step_numbered (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  incident_id TEXT NOT NULL REFERENCES incident (id),
  state TEXT NOT NULL,
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  note TEXT,
  assignee TEXT,
  cause TEXT
) STRICT;
INSERT INTO incident_step_numbered (row, incident_id, state, at, who, note, assignee, cause)
  SELECT row, incident_id, state, at, who, note, assignee, cause FROM incident_step ORDER BY row;
DROP TABLE incident_step;
ALTER TABLE incident_step_numbered RENAME TO incident_step;
CREATE INDEX incident_step_by_incident ON incident_step (incident_id, row);

CREATE TABLE notification_numbered (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  incident_id TEXT NOT NULL REFERENCES incident (id),
  round INTEGER NOT NULL,
  step INTEGER NOT NULL,
  notifier TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  -- Wall clock (ms) of the next attempt, or null when it is delivered or given up.
  next_attempt_ms INTEGER,
  delivered_at TEXT,
  status INTEGER,
  response_id TEXT,
  error TEXT
) STRICT;
INSERT INTO notification_numbered
  (row, id, incident_id, round, step, notifier, body, created_at, attempts, next_attempt_ms, delivered_at, status,
   response_id, error)
  SELECT row, id, incident_id, round, step, notifier, body, created_at, attempts, next_attempt_ms, delivered_at, status,
    response_id, error
  FROM notification ORDER BY row;
DROP TABLE notification;
ALTER TABLE notification_numbered RENAME TO notification;
CREATE INDEX notification_due ON notification (next_attempt_ms) WHERE next_attempt_ms IS NOT NULL;
CREATE INDEX notification_by_incident ON notification (incident_id, round, step);

CREATE TABLE command_numbered (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
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
INSERT INTO command_numbered
  (row, id, site, device, name, args, who, issued_at, expires_at, reply, replied_at)
  SELECT row, id, site, device, name, args, who, issued_at, expires_at, reply, replied_at FROM command ORDER BY row;
DROP TABLE command;
ALTER TABLE command_numbered RENAME TO command;
CREATE INDEX command_by_device ON command (site, device, row);

DELETE FROM sqlite_sequence WHERE name IN ('incident_step', 'notification', 'command');
INSERT INTO sqlite_sequence (name, seq)
  SELECT 'incident_step', max(
    coalesce((SELECT max(row) FROM incident_step), 0),
    coalesce((SELECT max(rows ->> '$.step') FROM retention_mark), 0));
INSERT INTO sqlite_sequence (name, seq)
  SELECT 'notification', max(
    coalesce((SELECT max(row) FROM notification), 0),
    coalesce((SELECT max(rows ->> '$.notification') FROM retention_mark), 0));
INSERT INTO sqlite_sequence (name, seq)
  SELECT 'command', max(
    coalesce((SELECT max(row) FROM command), 0),
    coalesce((SELECT max(rows ->> '$.command') FROM retention_mark), 0));
