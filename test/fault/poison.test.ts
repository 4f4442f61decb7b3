import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '#contract/clock.ts';
import { uuidv7 } from '#contract/uuid.ts';
import type { TestSite } from '#test/support/site.ts';
import {
  alarmsOf,
  idsOf,
  layOut,
  press,
  startAgain,
  startDevice,
  startSite,
  untilDelivered,
} from './support/bench.ts';
import { plantPoison, withDatabase } from './support/journal-file.ts';

const DEVICE = 'pillar-001';

/** What the site refused, as its own file says. */
function refusals(site: TestSite): { code: string; event_id: string | null }[] {
  return withDatabase(join(site.dir, 'broker', 'site.db'), (sql) =>
    sql.prepare<[], { code: string; event_id: string | null }>('SELECT code, event_id FROM quarantine').all(),
  );
}

const POISONS = {
  'whose data do not fit': (epoch: string, seq: number) => {
    const id = uuidv7(systemClock);
    return {
      id,
      body: JSON.stringify({ ...envelope(id), data: { edges: 'many' }, wpepoch: epoch, wpseq: seq }),
    };
  },
  'that is no JSON any more': (epoch: string, seq: number) => {
    const id = uuidv7(systemClock);
    return { id, body: JSON.stringify({ ...envelope(id), wpepoch: epoch, wpseq: seq }).slice(0, 120) };
  },
  'sent under the name of another device': (epoch: string, seq: number) => {
    const id = uuidv7(systemClock);
    const source = '/wp/demo/pillar-999';
    return { id, body: JSON.stringify({ ...envelope(id), source, wpepoch: epoch, wpseq: seq }) };
  },
};

function envelope(id: string) {
  return {
    specversion: '1.0',
    id,
    source: '/wp/demo/pillar-001',
    type: 'wp.panic.pressed.v1',
    time: new Date(systemClock.wallMs()).toISOString(),
    data: { place: { label: 'Test bench' }, input: 'b0', cause: 'edge', edges: 1 },
    wplane: 'alarm',
    wpclock: 'synced',
    wpmono: '1.000',
    wpboot: 'boot-1',
  };
}

for (const [what, poison] of Object.entries(POISONS)) {
  t.test(`an alarm ${what} is filed and does not hold up the press behind it`, async (t) => {
    const site = await startSite(t);
    layOut(site, DEVICE);
    const agent = await startDevice(site, DEVICE);
    const before = await press(site, DEVICE, 'b0');
    await untilDelivered(site, DEVICE, [before]);
    await agent.stop();
    plantPoison(site.folder(DEVICE), poison);
    await startAgain(agent);
    const behind = await press(site, DEVICE, 'b1');
    await untilDelivered(site, DEVICE, [before, behind]);
    const incidents = await site.incidents();
    t.ok(
      incidents.reduce((count, { alarmCount }) => count + alarmCount, 0) >= 3,
      'the alarm that could not be read has its place in an incident too',
    );
    const alarms = idsOf(await alarmsOf(site, DEVICE));
    t.same(alarms, [before, behind], 'the ledger holds what could be read');
    await agent.stop();
    await site.broker.stop();
    t.equal(refusals(site).length, 1, 'the poison is in quarantine once');
  });
}
