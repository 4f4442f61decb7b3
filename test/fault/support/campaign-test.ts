import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { judge } from './campaign-judge.ts';
import { KillCampaign } from './kill-campaign.ts';

/** Every seed makes another campaign; the same seed the same decisions, though not the same moments. */
export function campaignTest({ seed, kills }: { readonly seed: number; readonly kills: number }): void {
  t.test(`${kills} times kill -9 lose, double and displace nothing (seed ${seed})`, async (t) => {
    const campaign = new KillCampaign({ dir: mkdtempSync(join(tmpdir(), 'watchpost-kill-')), seed, kills });
    t.teardown(() => campaign.close());
    await campaign.run();
    judge(t, campaign);
    const taken = campaign.publishers.reduce((sum, each) => sum + each.taken.length, 0);
    t.ok(taken > kills * 20, `${taken} messages were acknowledged`);
    const { killsUnderLoad, killsAtStart } = campaign;
    t.equal(
      killsUnderLoad + killsAtStart,
      kills,
      `${killsUnderLoad} under load, ${killsAtStart} at the start`,
    );
    const due = campaign.owners.flatMap(({ fates }) => [...fates.values()].filter((fate) => fate === 'once'));
    t.ok(due.length > 0, `${due.length} wills were due`);
  });
}
