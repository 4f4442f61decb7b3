import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import { INCIDENT_STATES } from '#contract/messages.ts';
import type { Feed } from './feed.ts';

/** What an operator watches besides MQTT: read from the database when somebody asks. */
export function siteMetrics(registry: Registry, db: GroupCommit, feed: Feed): void {
  collectDefaultMetrics({ register: registry });
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
  new Gauge({
    name: 'watchpost_consoles',
    help: 'Consoles with an open stream.',
    registers,
    collect() {
      this.set(feed.consoles);
    },
  });
}
