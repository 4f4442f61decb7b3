import t from 'tap';
import { DEFAULT_RETENTION } from '#broker/incidents/retention-policy.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { SiteYears } from './site-years.ts';
import { describe, judgePlans, judgeSizes, judgeTables, StatementWitness } from './years-judged.ts';

const POLICY = {
  ...DEFAULT_RETENTION,
  ...{ telemetryDays: 2, eventsDays: 4, evidenceDays: 3, alarmsDays: 8, incidentsDays: 8 },
  ...{ notificationsDays: 8, commandsDays: 8, quarantineDays: 8 },
};

t.test(
  'a month with short times: the database stays as large as it was, and its queries as fast',
  async (t) => {
    const witness = new StatementWitness();
    t.teardown(() => witness.end());
    const site = new SiteYears({ folder: temporaryFolder(t), policy: POLICY, devices: 6, everyMinutes: 10 });
    t.teardown(() => site.close());
    await site.start();
    witness.isLooking = true;
    const days = [];
    for (let day = 0; day < 20; day += 1) days.push(await site.day(day));
    judgeSizes(t, days, { settledDay: 12, factor: 1.15 });
    judgePlans(t, site, witness);
    describe(t, site, days);
    judgeTables(t, site, 6);
  },
);
