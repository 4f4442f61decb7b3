import t from 'tap';
import { DEFAULT_RETENTION } from '#broker/incidents/retention-policy.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { type DaySize, SiteYears } from './site-years.ts';
import { describe, judgePlans, judgeSizes, judgeTables, StatementWitness } from './years-judged.ts';

const DEVICES = 10;

t.setTimeout(3_600_000);

t.test('a year of ten devices at a message a minute: the database is bounded', async (t) => {
  const witness = new StatementWitness();
  t.teardown(() => witness.end());
  const site = new SiteYears({
    ...{ folder: temporaryFolder(t), policy: DEFAULT_RETENTION, devices: DEVICES, everyMinutes: 1 },
  });
  t.teardown(() => site.close());
  await site.start();
  witness.isLooking = true;
  const days: DaySize[] = [];
  for (let day = 0; day < 365; day += 1) days.push(await site.day(day));
  t.ok(site.messages > 5_256_000, `${site.messages} messages`);
  // Events have settled after 90 days; alarms, incidents and audit still grow by little.
  judgeSizes(t, days, { settledDay: 120, factor: 1.25 });
  judgePlans(t, site, witness);
  describe(t, site, days);
  judgeTables(t, site, DEVICES);
});
