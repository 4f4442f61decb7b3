-- Table and key in one tree: half the pages a message, and so half of what a commit writes and a drain removes.
ALTER TABLE mqtt_outgoing RENAME TO mqtt_outgoing_before;

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
  -- Names of a packet where aedes itself drains the queue.
  broker_id TEXT,
  broker_counter INTEGER,
  payload ANY,
  PRIMARY KEY (session, number)
) STRICT, WITHOUT ROWID;

INSERT INTO mqtt_outgoing
  (session, number, packet_id, released, queued_s, lane, qos, retain, bytes, topic, broker_id, broker_counter, payload)
  SELECT session, number, packet_id, released, queued_s, lane, qos, retain, bytes, topic, broker_id, broker_counter, payload
  FROM mqtt_outgoing_before ORDER BY session, number;

DROP TABLE mqtt_outgoing_before;
