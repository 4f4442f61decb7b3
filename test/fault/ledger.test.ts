import { rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Ledger } from '#broker/persistence/ledger/ledger.ts';
import { Quarantine } from '#broker/persistence/ledger/quarantine.ts';
import { systemClock } from '#contract/clock.ts';
import { type TestSite, until } from '#test/support/site.ts';
import { fileDatabase } from '#test/support/site-database.ts';
import {
  alarmsOf,
  idsOf,
  layOut,
  press,
  pressTimes,
  startAgain,
  startDevice,
  startSite,
  untilDelivered,
} from './support/bench.ts';
import { copyJournal, withDatabase } from './support/journal-file.ts';

const DEVICE = 'pillar-001';

const stillIn = (site: TestSite, name: string): string => join(site.dir, name);
const siteFile = (site: TestSite): string => join(site.dir, 'broker', 'site.db');

t.test('a ledger put back from a backup gets the alarms since from the devices', async (t) => {
  const site = await startSite(t);
  layOut(site, DEVICE);
  const agent = await startDevice(site, DEVICE);
  const confirmed = await pressTimes(site, DEVICE, 4);
  await untilDelivered(site, DEVICE, confirmed);
  await site.broker.stop();
  withDatabase(siteFile(site), (sql) => sql.exec(`VACUUM INTO '${stillIn(site, 'backup.db')}'`));
  await startAgain(site.broker);
  confirmed.push(...(await pressTimes(site, DEVICE, 5)));
  await untilDelivered(site, DEVICE, confirmed);
  const ledgerBefore = await ledgerIdSeen(agent, site);
  await startAgain(agent);
  await site.broker.stop();
  restore(site, stillIn(site, 'backup.db'));
  await startAgain(site.broker);
  confirmed.push(...(await pressTimes(site, DEVICE, 2)));
  await untilDelivered(site, DEVICE, confirmed);
  const alarms = idsOf(await alarmsOf(site, DEVICE));
  t.same([...alarms].sort(), [...confirmed].sort(), 'every press is on the ledger once');
  const ledgerAfter = await ledgerIdSeen(agent, site);
  t.not(ledgerAfter, ledgerBefore, 'which has another name');
});

function restore(site: TestSite, backup: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${siteFile(site)}${suffix}`, { force: true });
  withDatabase(backup, (sql) => sql.exec(`VACUUM INTO '${siteFile(site)}'`));
}

/** The ledger that the device was last receipted by, once it is stopped. */
async function ledgerIdSeen(agent: Awaited<ReturnType<typeof startDevice>>, site: TestSite): Promise<string> {
  await agent.stop();
  return withDatabase(join(site.folder(DEVICE), 'alarm.db'), (sql) =>
    String(sql.prepare("SELECT ledgerId FROM lanes WHERE lane = 'alarm'").pluck().get()),
  );
}

t.test('an id that comes again after retention is receipted and not taken again', async (t) => {
  const site = await startSite(t);
  layOut(site, DEVICE);
  const agent = await startDevice(site, DEVICE);
  await site.sim({ request: 'link', state: 'down' }, DEVICE);
  const confirmed = await pressTimes(site, DEVICE, 3);
  await agent.stop();
  copyJournal(site.folder(DEVICE), stillIn(site, 'copy'));
  await startAgain(agent);
  await untilDelivered(site, DEVICE, confirmed);
  await agent.stop();
  await site.broker.stop();
  t.equal(await pruneAll(t, site), confirmed.length, 'the alarms are past their time');
  copyJournal(stillIn(site, 'copy'), site.folder(DEVICE));
  await startAgain(site.broker);
  await startAgain(agent);
  await until('the device is rid of them', async () => {
    const { link, queues } = await site.state(DEVICE);
    return link === 'up' && queues.alarm === 0;
  });
  const later = await press(site, DEVICE, 'b7');
  await untilDelivered(site, DEVICE, [later]);
  t.same(idsOf(await alarmsOf(site, DEVICE)), [later], 'only what is new is on the ledger');
});

/** What retention does, with a time that has come for every alarm. Answers how many alarms went. */
async function pruneAll(t: Parameters<typeof fileDatabase>[0], site: TestSite): Promise<number> {
  const store = fileDatabase(t, { path: siteFile(site) });
  const count = () =>
    Number(store.sql.prepare("SELECT count(*) FROM ledger_event WHERE lane = 'alarm'").pluck().get());
  const before = count();
  const ledger = new Ledger({ store, quarantine: new Quarantine(store), clock: systemClock });
  await ledger.prune({ lane: 'alarm', upToRow: Number.MAX_SAFE_INTEGER, keep: [] });
  const removed = before - count();
  store.close();
  return removed;
}
