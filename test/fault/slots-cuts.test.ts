import t from 'tap';
import { LossyDisk } from './power-loss/lossy-disk.ts';
import { endWalks } from './support/slot-campaign.ts';

const skip = LossyDisk.refusal();

for (const way of ['killed', 'synced', 'torn'] as const) {
  t.test(`from A to B and back, ${way} in between: a whole slot runs`, { skip }, async (t) => {
    const { syncs, ended, bad } = await endWalks(t, way, 2, 2026);
    t.comment(`${syncs} syncs, ${ended} ended in between`);
    t.same(bad, []);
    t.ok(syncs > 10);
  });
}
