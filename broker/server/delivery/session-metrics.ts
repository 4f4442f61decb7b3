import { Counter, Gauge, type Registry } from 'prom-client';
import { QUEUE_LANES } from '#broker/persistence/sessions/queue-lane.ts';
import { type Account, DROP_REASONS } from '#broker/persistence/sessions/session-account.ts';
import { SESSION_ENDS, type SessionStore } from '#broker/persistence/sessions/session-store.ts';
import type { Intake } from '../ingest/intake.ts';

const KINDS = ['kept', 'clean'] as const;

/** What waits for subscribers and what became of it; read when somebody asks. `kind`: sessions that are kept, and clean ones. */
export function sessionMetrics(registry: Registry, sessions: SessionStore): void {
  const registers = [registry];
  const pools = { kept: sessions.kept, clean: sessions.clean };
  depths(registers, pools);
  totals(registers, pools);
  new Gauge({
    name: 'watchpost_mqtt_sessions',
    help: 'Sessions that are kept, connected or not.',
    registers,
    collect() {
      this.set(sessions.keptCount);
    },
  });
  new Counter({
    name: 'watchpost_mqtt_sessions_ended_total',
    help: 'Kept sessions that have ended: over their limits, expired, or cleaned by their client.',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      for (const reason of SESSION_ENDS) this.inc({ reason }, sessions.ends[reason]);
    },
  });
}

/** What the disk does not keep up with. */
export function ingestMetrics(registry: Registry, intake: Intake): void {
  new Gauge({
    name: 'watchpost_ingest_waiting',
    help: 'Messages that have been read and wait for those before them to be committed.',
    registers: [registry],
    collect() {
      this.set(intake.waiting);
    },
  });
}

type Pools = Record<(typeof KINDS)[number], Account>;

function depths(registers: Registry[], pools: Pools): void {
  const labelNames = ['kind', 'lane', 'state'];
  new Gauge({
    name: 'watchpost_mqtt_queue_messages',
    help: 'Messages of QoS 1 and 2 that wait for subscribers or are on their way to them.',
    labelNames,
    registers,
    collect() {
      each(pools, (kind, lane, account) => {
        this.set({ kind, lane, state: 'queued' }, account.queuedIn(lane).messages);
        this.set({ kind, lane, state: 'in-flight' }, account.inFlightIn(lane).messages);
      });
    },
  });
  new Gauge({
    name: 'watchpost_mqtt_queue_bytes',
    help: 'Bytes (topic and payload) of those messages.',
    labelNames,
    registers,
    collect() {
      each(pools, (kind, lane, account) => {
        this.set({ kind, lane, state: 'queued' }, account.queuedIn(lane).bytes);
        this.set({ kind, lane, state: 'in-flight' }, account.inFlightIn(lane).bytes);
      });
    },
  });
}

function totals(registers: Registry[], pools: Pools): void {
  new Counter({
    name: 'watchpost_mqtt_delivery_total',
    help: 'Messages queued for subscribers, and acknowledged by them.',
    labelNames: ['kind', 'what'],
    registers,
    collect() {
      this.reset();
      for (const kind of KINDS) {
        const { enqueued, acknowledged } = pools[kind].statement;
        this.inc({ kind, what: 'enqueued' }, enqueued);
        this.inc({ kind, what: 'acknowledged' }, acknowledged);
      }
    },
  });
  new Counter({
    name: 'watchpost_mqtt_dropped_total',
    help: 'Messages dropped from queues: too old, over a limit, or with their session.',
    labelNames: ['kind', 'lane', 'reason'],
    registers,
    collect() {
      this.reset();
      each(pools, (kind, lane, account) => {
        for (const reason of DROP_REASONS) {
          this.inc({ kind, lane, reason }, account.droppedOf(lane, reason));
        }
      });
    },
  });
}

function each(
  pools: Pools,
  visit: (kind: keyof Pools, lane: (typeof QUEUE_LANES)[number], account: Account) => void,
): void {
  for (const kind of KINDS) for (const lane of QUEUE_LANES) visit(kind, lane, pools[kind]);
}
