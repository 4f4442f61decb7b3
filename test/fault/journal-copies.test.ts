import { join } from 'node:path';
import t from 'tap';
import type { EventItem } from '#contract/http.ts';
import { type TestSite, until } from '#test/support/site.ts';
import {
  alarmsOf,
  idsOf,
  judgeAlarms,
  layOut,
  ledgerOf,
  pressTimes,
  startAgain,
  startDevice,
  startSite,
  untilDelivered,
} from './support/bench.ts';
import { copyJournal } from './support/journal-file.ts';

const DEVICE = 'pillar-001';

const stillIn = (site: TestSite, name: string): string => join(site.dir, name);

function journalsCreated(site: TestSite, reason: string): Promise<EventItem[]> {
  return until(`a journal created for ${reason} is declared`, async () => {
    const created = (await ledgerOf(site, DEVICE)).filter(
      ({ type, data }) => type === 'wp.journal.created.v1' && data.reason === reason && data.lane === 'alarm',
    );
    return created.length > 0 ? created : null;
  });
}

t.test('a journal put back from a copy loses nothing and says that it began anew', async (t) => {
  const site = await startSite(t);
  layOut(site, DEVICE);
  const agent = await startDevice(site, DEVICE);
  const confirmed = await pressTimes(site, DEVICE, 3);
  await untilDelivered(site, DEVICE, confirmed);
  await agent.stop();
  copyJournal(site.folder(DEVICE), stillIn(site, 'copy'));
  await startAgain(agent);
  confirmed.push(...(await pressTimes(site, DEVICE, 3)));
  await untilDelivered(site, DEVICE, confirmed);
  await agent.stop();
  copyJournal(stillIn(site, 'copy'), site.folder(DEVICE));
  await startAgain(agent);
  // Their numbers are taken. One that is free in the old epoch would be stored there, before these are numbered anew.
  confirmed.push(...(await pressTimes(site, DEVICE, 3)));
  const [created] = await journalsCreated(site, 'receipt-mismatch');
  confirmed.push(...(await pressTimes(site, DEVICE, 1)));
  await untilDelivered(site, DEVICE, confirmed);
  await judgeAlarms(t, site, DEVICE, confirmed);
  const epochs = new Set((await alarmsOf(site, DEVICE)).map(({ wpepoch }) => wpepoch));
  t.equal(epochs.size, 2, 'under a second epoch');
  t.ok(epochs.has(String(created?.data.previousEpoch)), 'which names the one before');
});

t.test('two cards with one journal lose nothing of either', async (t) => {
  const site = await startSite(t);
  layOut(site, DEVICE);
  const agent = await startDevice(site, DEVICE);
  const confirmed = await pressTimes(site, DEVICE, 2);
  await untilDelivered(site, DEVICE, confirmed);
  await agent.stop();
  const [here, clone, aside] = [site.folder(DEVICE), stillIn(site, 'clone'), stillIn(site, 'aside')];
  copyJournal(here, clone);
  for (let turn = 0; turn < 4; turn += 1) {
    await startAgain(agent);
    const link = turn % 2 === 0 ? 'down' : 'up';
    await site.sim({ request: 'link', state: link }, DEVICE);
    confirmed.push(...(await pressTimes(site, DEVICE, 2)));
    if (link === 'up') await until('delivered', async () => (await site.state(DEVICE)).queues.alarm === 0);
    await agent.stop();
    copyJournal(here, aside);
    copyJournal(clone, here);
    copyJournal(aside, clone);
  }
  for (const _ of ['one card', 'the other']) {
    await startAgain(agent);
    await until('this card is delivered', async () => {
      const { link, queues } = await site.state(DEVICE);
      return link === 'up' && queues.alarm === 0;
    });
    await agent.stop();
    copyJournal(clone, here);
  }
  const ids = idsOf(await alarmsOf(site, DEVICE));
  t.same([...ids].sort(), [...confirmed].sort(), 'every press of both cards once');
});
