import t from 'tap';
import { campaignTest } from './support/campaign-test.ts';

t.setTimeout(3_000_000);

/** With another seed each day, found in the title, the campaign comes to moments that it has not been at. */
const TODAY = Math.floor(Date.now() / 86_400_000);

campaignTest({ seed: 20_261_123, kills: 110 });
campaignTest({ seed: Number(process.env.CAMPAIGN_SEED ?? TODAY), kills: 20 });
