-- A session stands for itself, also without a subscription [MQTT-3.2.2-2].
CREATE TABLE mqtt_session (
  -- Never given again: rows of a session that has ended may still wait to be swept.
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  client TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL,
  connected_at TEXT,
  -- By the clock of the queues, when its client went; null while it is connected.
  gone_s INTEGER,
  -- The next message gets at least this number.
  next_number INTEGER NOT NULL DEFAULT 1,
  -- What may have been sent before; everything while it is connected, so that a crash need not have been foreseen.
  sent_to INTEGER NOT NULL DEFAULT 0,
  acknowledged INTEGER NOT NULL DEFAULT 0,
  dropped_age INTEGER NOT NULL DEFAULT 0,
  dropped_limit INTEGER NOT NULL DEFAULT 0
) STRICT;

INSERT INTO mqtt_session (client, created_at, gone_s)
  SELECT client, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 0
  FROM (SELECT client FROM mqtt_subscription UNION SELECT client FROM mqtt_outgoing)
  ORDER BY client;

ALTER TABLE mqtt_outgoing RENAME TO mqtt_outgoing_before;

-- What waits for a session, in the order of `number`, from which the packet id follows unless one is given.
-- broker_id and broker_counter are the names of a packet where aedes itself drains the queue.
CREATE TABLE mqtt_outgoing (
  session INTEGER NOT NULL,
  number INTEGER NOT NULL,
  packet_id INTEGER,
  released INTEGER NOT NULL DEFAULT 0,
  queued_s INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  qos INTEGER NOT NULL,
  retain INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  topic TEXT NOT NULL,
  broker_id TEXT,
  broker_counter INTEGER,
  payload ANY,
  PRIMARY KEY (session, number)
) STRICT;

INSERT INTO mqtt_outgoing
  (session, number, packet_id, released, queued_s, lane, qos, retain, bytes, topic, payload)
  SELECT session.id,
    row_number() OVER (PARTITION BY before.client ORDER BY before.row),
    before.message_id,
    before.cmd = 'pubrel',
    0,
    CASE
      WHEN before.topic GLOB 'wp/1/*/up/alarm' THEN 0
      WHEN before.topic GLOB 'wp/1/*/up/telemetry' THEN 2
      ELSE 1
    END,
    before.qos,
    before.retain,
    length(CAST(coalesce(before.topic, '') AS BLOB)) + coalesce(length(before.payload), 0),
    coalesce(before.topic, ''),
    before.payload
  FROM mqtt_outgoing_before AS before JOIN mqtt_session AS session ON session.client = before.client;

UPDATE mqtt_session SET
  next_number = 1 + (SELECT coalesce(max(number), 0) FROM mqtt_outgoing WHERE session = mqtt_session.id),
  sent_to = (SELECT coalesce(max(number), 0) FROM mqtt_outgoing
    WHERE session = mqtt_session.id AND packet_id IS NOT NULL);

DROP TABLE mqtt_outgoing_before;

-- How long messages have waited and clients been gone, in seconds of a clock of its own: see QueueClock.
CREATE TABLE mqtt_queue_clock (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  now_s INTEGER NOT NULL,
  wall_ms INTEGER NOT NULL
) STRICT;
