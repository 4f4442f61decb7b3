import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What the MQTT side of the site counts. Labels are closed sets: no client can make new ones. */
export interface ServerMetrics {
  readonly ingested: Counter<'lane' | 'outcome'>;
  readonly quarantined: Counter<'code'>;
  readonly connections: Gauge;
  readonly refused: Counter<'reason'>;
  readonly notForwarded: Counter<'reason'>;
  readonly notQueued: Counter;
  readonly commitSeconds: Histogram;
  readonly receipts: Counter;
}

const COMMIT_BUCKETS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5];

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
      help: 'MQTT clients connected now.',
      registers,
    }),
    refused: new Counter({
      name: 'watchpost_mqtt_refused_total',
      help: 'Connections refused or ended by the broker, by reason.',
      labelNames: ['reason'],
      registers,
    }),
    notForwarded: new Counter({
      name: 'watchpost_mqtt_not_forwarded_total',
      help: 'Messages not forwarded to a subscriber that reads too slowly.',
      labelNames: ['reason'],
      registers,
    }),
    notQueued: new Counter({
      name: 'watchpost_mqtt_not_queued_total',
      help: 'Messages that found the queue of an absent session full.',
      registers,
    }),
    commitSeconds: new Histogram({
      name: 'watchpost_commit_seconds',
      help: 'Duration of commits of the site database.',
      buckets: COMMIT_BUCKETS,
      registers,
    }),
    receipts: new Counter({ name: 'watchpost_receipts_total', help: 'Receipts sent to devices.', registers }),
  };
}
