import t from 'tap';
import { Campaign } from './power-loss/campaign.ts';
import { LossyDisk } from './power-loss/lossy-disk.ts';

const skip = LossyDisk.refusal();
const NOTHING = { once: 0, exactly: 0, retained: 0, alarms: 0, receipted: 0 };

t.test('with FULL a power cut takes nothing that was promised', { skip }, async (t) => {
  const report = await new Campaign(t, { cuts: 4, seed: 11, durability: 'full' }).run();
  t.comment(JSON.stringify(report));
  t.same(report.damage, [], 'the database is whole');
  t.same(report.lost, NOTHING);
  t.equal(report.doubled, 0, 'nothing of QoS 2 came twice');
  t.equal(report.outOfOrder, 0);
  for (const [what, count] of Object.entries(report.promised)) t.ok(count >= 4, `${count} ${what}`);
});

t.test('the campaign sees a loss: on a disk that lies about its syncs', { skip }, async (t) => {
  const plan = {
    cuts: 2,
    seed: 12,
    durability: 'full',
    prepare: lieAfterAWhile,
    survivals: ['synced'],
  } as const;
  const report = await new Campaign(t, plan).run();
  t.comment(JSON.stringify(report));
  t.ok(report.lost.once > 0 && report.lost.exactly > 0, 'messages are lost');
  t.ok(report.lost.alarms > 0 && report.lost.receipted > 0, 'and alarms');
});

/** The sessions that wait are there from the first round. */
function lieAfterAWhile(disk: LossyDisk, round: number): void {
  if (round > 0) disk.set('lie', 1);
}
