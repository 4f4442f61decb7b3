import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import { INCIDENT_STATES } from '#contract/messages.ts';
import type { Feed } from './feed.ts';

export interface SiteMetricsParts {
  readonly db: GroupCommit;
  readonly feed: Feed;
  /** Devices that are connected now. */
  readonly online: () => number;
  readonly connections: () => { readonly halfOpen: number; readonly addresses: number };
  readonly version: string;
}

/** What an operator watches besides MQTT: read from the database when somebody asks. */
export function siteMetrics(registry: Registry, parts: SiteMetricsParts): void {
  collectDefaultMetrics({ register: registry });
  incidents(registry, parts.db);
  people(registry, parts);
  const registers = [registry];
  new Gauge({
    name: 'watchpost_build_info',
    help: 'Always 1; its labels tell which version runs on which Node.',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version: parts.version, node: process.version }, 1);
  new Gauge({
    name: 'watchpost_mqtt_half_open',
    help: 'Connections that have not finished CONNECT.',
    registers,
    collect() {
      this.set(parts.connections().halfOpen);
    },
  });
  new Gauge({
    name: 'watchpost_mqtt_addresses',
    help: 'Addresses that connections are counted by.',
    registers,
    collect() {
      this.set(parts.connections().addresses);
    },
  });
}

function incidents(registry: Registry, db: GroupCommit): void {
  const registers = [registry];
  new Gauge({
    name: 'watchpost_incidents',
    help: 'Incidents by state.',
    labelNames: ['state'],
    registers,
    collect() {
      const rows = db.sql
        .prepare<[], { state: string; count: number }>(
          'SELECT state, count(*) AS count FROM incident GROUP BY state',
        )
        .all();
      const counts = new Map(rows.map(({ state, count }) => [state, count]));
      for (const state of INCIDENT_STATES) this.set({ state }, counts.get(state) ?? 0);
    },
  });
  new Gauge({
    name: 'watchpost_notifications_waiting',
    help: 'Notifications that have no proof of delivery yet and are still tried.',
    registers,
    collect() {
      const waiting = 'SELECT count(*) FROM notification WHERE next_attempt_ms IS NOT NULL';
      this.set(db.sql.prepare<[], number>(waiting).pluck().get() ?? 0);
    },
  });
}

function people(registry: Registry, { db, feed, online }: SiteMetricsParts): void {
  const registers = [registry];
  new Gauge({
    name: 'watchpost_consoles',
    help: 'Consoles with an open stream.',
    registers,
    collect() {
      this.set(feed.consoles);
    },
  });
  new Gauge({
    name: 'watchpost_devices',
    help: 'Devices that were ever heard of, by whether they are connected.',
    labelNames: ['online'],
    registers,
    collect() {
      const known = db.sql.prepare<[], number>('SELECT count(*) FROM device').pluck().get() ?? 0;
      this.set({ online: 'yes' }, online());
      this.set({ online: 'no' }, Math.max(0, known - online()));
    },
  });
}
