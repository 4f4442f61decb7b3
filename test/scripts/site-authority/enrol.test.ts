import t from 'tap';
import { listAudit } from '#broker/persistence/ledger/audit-log.ts';
import { Enrolments } from '#broker/persistence/ledger/enrolments.ts';
import { SiteFolder } from '#broker/persistence/site-folder.ts';
import { enrol } from '#scripts/site-authority/enrol.ts';
import { withSiteDatabase } from '#scripts/site-authority/site-database.ts';
import { siteFile } from '#scripts/site-authority/site-files.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { newSite, provision } from './support.ts';

t.test('a broker that does not run knows of the device when it starts', async (t) => {
  const site = await newSite(t);
  const { serial } = await provision(site, { to: temporaryFolder(t) });
  const wanted = {
    siteDir: site.dir,
    device: 'pillar-001',
    place: { label: 'North gate' },
    clock: site.clock,
  };
  await enrol({ ...wanted, roles: ['pillar', 'pillar'] });
  await withSiteDatabase(siteFile(site.dir, 'broker'), site.clock, async (open) => {
    t.match(new Enrolments(open).list(), [
      {
        id: 'mall.pillar-001',
        place: { label: 'North gate' },
        roles: ['pillar'],
        serial,
        enrolledBy: 'admin',
      },
    ]);
    t.match(listAudit(open.db.sql, { before: 1e9, limit: 1 }), [{ action: 'device.enrolled' }]);
  });
});

t.test('a device without a good certificate is not entered', async (t) => {
  const site = await newSite(t);
  const wanted = { siteDir: site.dir, device: 'pillar-001', place: { label: 'x' }, clock: site.clock };
  await t.rejects(enrol({ ...wanted, roles: ['pillar'] }), { code: 'WP4409' });
});

t.test('a broker that is there and cannot be asked is said, with what to do then', async (t) => {
  const site = await newSite(t);
  await provision(site, { to: temporaryFolder(t) });
  const folder = new SiteFolder(siteFile(site.dir, 'broker'));
  folder.lock();
  t.teardown(() => folder.close());
  const wanted = { siteDir: site.dir, device: 'pillar-001', place: { label: 'x' }, clock: site.clock };
  await t.rejects(enrol({ ...wanted, roles: ['pillar'] }), { code: 'WP4414', hint: /identity register/ });
});
