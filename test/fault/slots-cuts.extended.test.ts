import t from 'tap';
import { LossyDisk } from './power-loss/lossy-disk.ts';
import { endWalks } from './support/slot-campaign.ts';

const skip = LossyDisk.refusal();
const COUNTS = { killed: 32, synced: 16, torn: 16 } as const;

for (const way of ['killed', 'synced', 'torn'] as const) {
  t.test(`from A to B and back, ${way} ${COUNTS[way]} times in between`, { skip }, async (t) => {
    const { syncs, ended, bad } = await endWalks(t, way, COUNTS[way], 7);
    t.comment(`${syncs} syncs, ${ended} of ${COUNTS[way]} ended in between, ${bad.length} bad`);
    t.same(bad, []);
    t.ok(ended >= COUNTS[way] / 2);
  });
}
