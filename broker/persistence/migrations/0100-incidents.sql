CREATE TABLE incident (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  site TEXT NOT NULL,
  device TEXT NOT NULL,
  -- What alarms are joined by: panic, tamper, object:{objectId}, health:{part} …
  topic TEXT NOT NULL,
  type TEXT NOT NULL,
  test INTEGER NOT NULL,
  state TEXT NOT NULL,
  rev INTEGER NOT NULL,
  place TEXT,
  opened_at TEXT NOT NULL,
  acknowledged_at TEXT,
  resolved_at TEXT,
  assignee TEXT,
  alarm_count INTEGER NOT NULL,
  last_alarm_at TEXT NOT NULL,
  last_alarm_ms INTEGER NOT NULL,
  -- none, first or all: which rungs of the escalation it may reach.
  reach TEXT NOT NULL,
  -- Counts the runs of the escalation; a press after an acknowledgement begins another.
  round INTEGER NOT NULL,
  -- Wall clock (ms) from which the running round counts, or null when none runs.
  escalating_since_ms INTEGER
) STRICT;
CREATE INDEX incident_joining ON incident (site, device, topic, test) WHERE state NOT IN ('resolved', 'reviewed');
CREATE INDEX incident_by_state ON incident (state, row);
CREATE INDEX incident_escalating ON incident (row) WHERE escalating_since_ms IS NOT NULL;
CREATE INDEX incident_by_device ON incident (site, device, last_alarm_ms);

CREATE TABLE incident_alarm (
  row INTEGER PRIMARY KEY,
  incident_id TEXT NOT NULL REFERENCES incident (id),
  site TEXT NOT NULL,
  device TEXT NOT NULL,
  -- The event's id, or quarantine-{row} for a message from which none could be read.
  event_id TEXT NOT NULL,
  type TEXT NOT NULL,
  happened_at TEXT NOT NULL,
  received_at TEXT NOT NULL,
  picture TEXT,
  UNIQUE (site, device, event_id)
) STRICT;
CREATE INDEX incident_alarm_by_event ON incident_alarm (event_id);
CREATE INDEX incident_alarm_by_incident ON incident_alarm (incident_id, row);

CREATE TABLE incident_step (
  row INTEGER PRIMARY KEY,
  incident_id TEXT NOT NULL REFERENCES incident (id),
  state TEXT NOT NULL,
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  note TEXT,
  assignee TEXT,
  cause TEXT
) STRICT;
CREATE INDEX incident_step_by_incident ON incident_step (incident_id, row);

-- A rung that was reached: the primary key is why none is reached twice.
CREATE TABLE escalation_step (
  incident_id TEXT NOT NULL REFERENCES incident (id),
  round INTEGER NOT NULL,
  step INTEGER NOT NULL,
  name TEXT NOT NULL,
  at TEXT NOT NULL,
  consoles INTEGER NOT NULL,
  robot TEXT,
  PRIMARY KEY (incident_id, round, step)
) STRICT;

CREATE TABLE notification (
  row INTEGER PRIMARY KEY,
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
CREATE INDEX notification_due ON notification (next_attempt_ms) WHERE next_attempt_ms IS NOT NULL;
CREATE INDEX notification_by_incident ON notification (incident_id, round, step);

CREATE TABLE supervision_fault (
  site TEXT NOT NULL,
  device TEXT NOT NULL,
  -- The newest sign of life when it was declared lost: a newer one restores it.
  last_seen_at TEXT NOT NULL,
  PRIMARY KEY (site, device)
) STRICT;
