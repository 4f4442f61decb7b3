import t from 'tap';
import { campaignTest } from './support/campaign-test.ts';

t.setTimeout(180_000);

const { CAMPAIGN_SEED = '20261122', CAMPAIGN_KILLS = '11' } = process.env;
campaignTest({ seed: Number(CAMPAIGN_SEED), kills: Number(CAMPAIGN_KILLS) });
