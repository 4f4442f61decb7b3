-- Keep-alive of the connection, in seconds: a will that a crash has left is due 1.5 of them after the start.
ALTER TABLE mqtt_will ADD COLUMN keepalive_s INTEGER NOT NULL DEFAULT 0;
