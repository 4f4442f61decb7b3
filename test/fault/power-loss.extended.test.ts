import t from 'tap';
import { Campaign, type CampaignPlan } from './power-loss/campaign.ts';
import { LossyDisk } from './power-loss/lossy-disk.ts';

const skip = LossyDisk.refusal();
const NOTHING = { once: 0, exactly: 0, retained: 0, alarms: 0, receipted: 0 };
const CUTS = 32;

t.test(`with FULL ${CUTS} power cuts take nothing that was promised`, { skip }, async (t) => {
  const report = await new Campaign(t, { cuts: CUTS, seed: 2026, durability: 'full' }).run();
  t.comment(JSON.stringify(report));
  t.same(report.damage, [], 'the database is whole after each');
  t.same(report.lost, NOTHING);
  t.equal(report.doubled, 0, 'nothing of QoS 2 came twice');
  t.equal(report.outOfOrder, 0);
});

t.test(
  'with FULL on a disk whose syncs take 20 ms, so that another thread waits for them',
  { skip },
  async (t) => {
    const prepare: CampaignPlan['prepare'] = (disk) => disk.set('delayUs', 20_000);
    const report = await new Campaign(t, { cuts: 8, seed: 7, durability: 'full', prepare }).run();
    t.comment(JSON.stringify(report));
    t.same([report.damage, report.lost, report.doubled, report.outOfOrder], [[], NOTHING, 0, 0]);
  },
);

t.test('with NORMAL the database stays whole, and what is lost is printed', { skip }, async (t) => {
  const report = await new Campaign(t, { cuts: 12, seed: 3, durability: 'normal' }).run();
  t.comment(JSON.stringify(report));
  t.same(report.damage, []);
  t.equal(report.outOfOrder, 0);
});
