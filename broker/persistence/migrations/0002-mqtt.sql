-- Sessions of MQTT. `payload` keeps its kind (text or bytes), hence ANY.
CREATE TABLE mqtt_subscription (
  row INTEGER PRIMARY KEY,
  client TEXT NOT NULL,
  topic TEXT NOT NULL,
  options TEXT NOT NULL,
  UNIQUE (client, topic)
) STRICT;

-- What waits for a session. The three names of one packet make its second enqueue a no-op.
CREATE TABLE mqtt_outgoing (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  client TEXT NOT NULL,
  broker_id TEXT,
  broker_counter INTEGER,
  message_id INTEGER,
  cmd TEXT NOT NULL,
  topic TEXT,
  payload ANY,
  qos INTEGER NOT NULL,
  retain INTEGER NOT NULL,
  dup INTEGER NOT NULL,
  UNIQUE (client, broker_id, broker_counter)
) STRICT;
CREATE INDEX mqtt_outgoing_by_message_id ON mqtt_outgoing (client, message_id);
CREATE INDEX mqtt_outgoing_in_order ON mqtt_outgoing (client, row);

-- QoS 2 on its way in, until PUBREL.
CREATE TABLE mqtt_incoming (
  client TEXT NOT NULL,
  message_id INTEGER NOT NULL,
  packet TEXT NOT NULL,
  payload ANY,
  PRIMARY KEY (client, message_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE mqtt_retained (
  topic TEXT PRIMARY KEY,
  packet TEXT NOT NULL,
  payload ANY
) STRICT;

CREATE TABLE mqtt_will (
  client TEXT PRIMARY KEY,
  broker_id TEXT NOT NULL,
  packet TEXT NOT NULL,
  payload ANY
) STRICT;
