import { rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { until } from '#test/support/site.ts';
import { watchpost } from '../scripts/care/watchpost.ts';
import {
  alarmsOf,
  idsOf,
  judgeAlarms,
  layOut,
  pressTimes,
  startAgain,
  startDevice,
  startSite,
  untilDelivered,
} from './support/bench.ts';

const DEVICE = 'pillar-001';

t.test(
  'a site that lost its disk is restored from a backup, and the devices bring what came after it',
  async (t) => {
    const site = await startSite(t);
    layOut(site, DEVICE);
    await startDevice(site, DEVICE);
    const data = join(site.dir, 'broker');
    const confirmed = await pressTimes(site, DEVICE, 3);
    await untilDelivered(site, DEVICE, confirmed);
    const made = await watchpost(
      'broker',
      'backup',
      '--data',
      data,
      '--to',
      join(site.dir, 'copies'),
      '--json',
    );
    t.equal(made.code, 0, made.error);
    confirmed.push(...(await pressTimes(site, DEVICE, 4)));
    await untilDelivered(site, DEVICE, confirmed);
    await site.broker.kill();
    rmSync(data, { recursive: true });
    const restored = await watchpost('broker', 'restore', '--from', String(made.json.path), '--data', data);
    t.equal(restored.code, 0, restored.error);
    await startAgain(site.broker);
    await until('every press is on the ledger again', async () => {
      const held = new Set(idsOf(await alarmsOf(site, DEVICE)));
      return confirmed.every((id) => held.has(id));
    });
    confirmed.push(...(await pressTimes(site, DEVICE, 1)));
    await untilDelivered(site, DEVICE, confirmed);
    await judgeAlarms(t, site, DEVICE, confirmed);
    const checked = await watchpost('broker', 'check', '--data', data, '--hashes');
    t.equal(checked.code, 0, checked.out);
  },
);
