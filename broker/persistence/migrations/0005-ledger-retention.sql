-- Retention finds the oldest without reading everything.
CREATE INDEX ledger_event_by_received ON ledger_event (received_at);
