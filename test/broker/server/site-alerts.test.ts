import t from 'tap';
import { SiteAlerts } from '#broker/server/site-alerts.ts';
import { WatchpostError } from '#contract/errors.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { memoryDatabase, silentLog } from '#test/support/site-database.ts';
import { pillar } from './test-site.ts';

t.test('what could not be kept on a full disk is reported the next time it happens', async (t) => {
  const clock = new ManualClock();
  const store = memoryDatabase(t, { clock });
  const heard: string[] = [];
  let isFull = true;
  const record = (_address: unknown, type: string): never => {
    if (isFull) throw new WatchpostError('WP3001');
    heard.push(type);
    throw new WatchpostError('WP3008', { detail: 'the test looks no further' });
  };
  const alerts = new SiteAlerts({ store, clock, log: silentLog, againMs: 60_000, events: { record } });
  const raise = async () => {
    const data = { code: 'WP3306', detail: 'CN=north.pillar-1', address: '192.0.2.1' };
    alerts.raise(pillar, 'wp.identity.refused.v1', 'WP3306', data);
    await store.commit(() => undefined);
  };
  await raise();
  isFull = false;
  await raise();
  t.same(heard, ['wp.identity.refused.v1']);
});
