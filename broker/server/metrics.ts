import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What the MQTT side of the site counts. Labels are closed sets: no client can make new ones. */
export interface ServerMetrics {
  readonly ingested: Counter<'lane' | 'outcome'>;
  readonly quarantined: Counter<'code'>;
  readonly connections: Gauge<'transport'>;
  readonly slowed: Counter<'by'>;
  readonly messages: Counter<'direction' | 'qos'>;
  readonly ingestLagSeconds: Histogram<'lane'>;
  readonly refused: Counter<'reason'>;
  readonly notForwarded: Counter<'reason'>;
  readonly commitSeconds: Histogram;
  readonly checkpoints: Counter<'where' | 'outcome'>;
  readonly receipts: Counter;
  readonly takeovers: Counter;
}

const COMMIT_BUCKETS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5];

/** From at once to a device that was away for a day. */
const LAG_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86_400];

export function serverMetrics(registry: Registry): ServerMetrics {
  const registers = [registry];
  return {
    ingested: new Counter({
      name: 'watchpost_ingested_total',
      help: 'Events by lane and what became of them.',
      labelNames: ['lane', 'outcome'],
      registers,
    }),
    quarantined: new Counter({
      name: 'watchpost_quarantined_total',
      help: 'Messages that were not accepted, by code.',
      labelNames: ['code'],
      registers,
    }),
    connections: new Gauge({
      name: 'watchpost_mqtt_connections',
      help: 'MQTT connections now, by what carries them.',
      labelNames: ['transport'],
      registers,
    }),
    messages: new Counter({
      name: 'watchpost_mqtt_messages_total',
      help: 'Messages that clients have published (in) and were sent (out), by QoS.',
      labelNames: ['direction', 'qos'],
      registers,
    }),
    ingestLagSeconds: new Histogram({
      name: 'watchpost_ingest_lag_seconds',
      help: 'From the time of an event, by a device whose clock is set, to the ledger.',
      labelNames: ['lane'],
      buckets: LAG_BUCKETS,
      registers,
    }),
    slowed: new Counter({
      name: 'watchpost_mqtt_slowed_total',
      help: 'Times that the reading of a client waited because it sent faster than its rate.',
      labelNames: ['by'],
      registers,
    }),
    refused: new Counter({
      name: 'watchpost_mqtt_refused_total',
      help: 'Connections refused or ended early, subscriptions and messages refused, by code.',
      labelNames: ['reason'],
      registers,
    }),
    notForwarded: new Counter({
      name: 'watchpost_mqtt_not_forwarded_total',
      help: 'Messages not forwarded to a subscriber that reads too slowly.',
      labelNames: ['reason'],
      registers,
    }),
    commitSeconds: new Histogram({
      name: 'watchpost_commit_seconds',
      help: 'Duration of commits of the site database.',
      buckets: COMMIT_BUCKETS,
      registers,
    }),
    takeovers: new Counter({
      name: 'watchpost_mqtt_takeovers_total',
      help: 'Connections that took the session of another with the same client id.',
      registers,
    }),
    checkpoints: new Counter({
      name: 'watchpost_checkpoints_total',
      help: 'Moves of the write-ahead log into the site database, by where they ran and their outcome.',
      labelNames: ['where', 'outcome'],
      registers,
    }),
    receipts: new Counter({ name: 'watchpost_receipts_total', help: 'Receipts sent to devices.', registers }),
  };
}
