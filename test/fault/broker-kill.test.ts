import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { judge } from './support/campaign-judge.ts';
import { KillCampaign } from './support/kill-campaign.ts';

const SEED = Number(process.env.CAMPAIGN_SEED ?? 20_261_122);
const KILLS = Number(process.env.CAMPAIGN_KILLS ?? 11);

t.setTimeout(180_000);

t.test(`${KILLS} times kill -9 lose, double and displace nothing (seed ${SEED})`, async (t) => {
  const campaign = new KillCampaign({
    dir: mkdtempSync(join(tmpdir(), 'watchpost-kill-')),
    seed: SEED,
    kills: KILLS,
  });
  t.teardown(() => campaign.close());
  await campaign.run();
  judge(t, campaign);
  const taken = campaign.publishers.reduce((sum, each) => sum + each.taken.length, 0);
  t.ok(taken > KILLS * 20, `${taken} messages were acknowledged`);
  t.equal(campaign.killsUnderLoad + campaign.killsAtStart, KILLS);
});
