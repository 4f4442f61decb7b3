import { copyFileSync, cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { LedgerIdentity } from '#broker/persistence/ledger/ledger-identity.ts';
import { SiteDatabase } from '#broker/persistence/store/database.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { silentLog, temporaryFolder } from '#test/support/site-database.ts';

async function run(folder: string, during: () => void = () => undefined): Promise<string> {
  const clock = new ManualClock();
  const store = new SiteDatabase({ path: join(folder, 'site.db'), clock, log: silentLog });
  store.start();
  const identity = new LedgerIdentity({ store, clock, log: silentLog });
  await identity.start();
  during();
  await identity.advance();
  store.close();
  return identity.ledgerId;
}

t.test('a ledger keeps its id over starts', async (t) => {
  const folder = temporaryFolder(t);
  const id = await run(folder);
  t.equal(await run(folder), id);
  t.equal(await run(folder), id);
});

t.test('a database put back from a copy gets a new id, and keeps that', async (t) => {
  const folder = temporaryFolder(t);
  const id = await run(folder);
  const copy = join(folder, 'copy.db');
  copyFileSync(join(folder, 'site.db'), copy);
  t.equal(await run(folder), id);
  copyFileSync(copy, join(folder, 'site.db'));
  const restored = await run(folder);
  t.not(restored, id);
  t.equal(await run(folder), restored);
});

t.test('a whole folder put back from a copy gets a new id', async (t) => {
  const folder = temporaryFolder(t);
  const [live, backup] = [join(folder, 'live'), join(folder, 'backup')];
  mkdirSync(live);
  const id = await run(live);
  cpSync(live, backup, { recursive: true });
  t.equal(await run(live), id);
  t.not(await run(backup), id);
});

t.test('a crash between database and stamp is no sign of a copy', async (t) => {
  const folder = temporaryFolder(t);
  const stamp = join(folder, 'site.db.stamp');
  const id = await run(folder);
  copyFileSync(stamp, join(folder, 'older.stamp'));
  t.equal(await run(folder), id);
  copyFileSync(join(folder, 'older.stamp'), stamp);
  t.equal(await run(folder), id);
});
