import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import t from 'tap';
import { seeded } from '#test/support/random.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { CampaignBroker } from './support/campaign-broker.ts';
import { CampaignDevice } from './support/campaign-device.ts';

const SEED = Number(process.env.CAMPAIGN_SEED ?? 20_261_122);
const KILLS = Number(process.env.CAMPAIGN_KILLS ?? 5);
const DEVICES = 4;
const MESSAGES = 60;

t.setTimeout(180_000);

t.test(
  `what devices were receipted outlives ${KILLS} times kill -9, once and in order (seed ${SEED})`,
  async (t) => {
    const random = seeded(SEED);
    const dir = temporaryFolder(t);
    let broker: CampaignBroker | null = null;
    t.teardown(() => broker?.kill());
    let confirmed = 0;
    let killAt = Number.POSITIVE_INFINITY;
    let reached: () => void = () => undefined;
    const onConfirmed = () => {
      confirmed += 1;
      if (confirmed >= killAt) reached();
    };
    const devices = Array.from(
      { length: DEVICES },
      (_, n) => new CampaignDevice({ site: 'north', device: `d${n}` }, onConfirmed),
    );
    for (let kill = 0; kill <= KILLS; kill += 1) {
      const life = new CampaignBroker(dir, []);
      broker = life;
      const port = (await life.ready) ?? 0;
      killAt = confirmed + 1 + random(DEVICES * MESSAGES);
      const enough = new Promise<void>((resolve) => {
        reached = resolve;
      });
      const isLast = kill === KILLS;
      await Promise.all(devices.map((device) => device.work(port, isLast ? 0 : MESSAGES)));
      await (isLast ? Promise.all(devices.map((device) => device.finished())) : enough);
      await life.kill();
    }
    const file = new Sqlite(join(dir, 'data', 'site.db'), { readonly: true });
    const read = file
      .prepare<[string], string>('SELECT id FROM ledger_event WHERE source = ? ORDER BY row')
      .pluck();
    for (const [n, device] of devices.entries()) {
      t.same(read.all(`/wp/north/d${n}`), device.ids, 'each event once, in the order of the device');
      t.equal(device.receiptsBack, 0, 'no receipt went back');
    }
    file.close();
  },
);
