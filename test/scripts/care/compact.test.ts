import { statSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import t from 'tap';
import { startBroker } from '#test/support/broker-process.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { connectPillar } from '../../broker/support/pillar.ts';
import { watchpost } from './watchpost.ts';

/** Twenty megabytes that nobody needs. */
function fillAndEmpty(file: string): void {
  const sql = new Sqlite(file);
  sql.exec(
    `CREATE TABLE ballast (text TEXT);
     WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 5000)
     INSERT INTO ballast SELECT hex(zeroblob(2000)) FROM n;
     DROP TABLE ballast`,
  );
  sql.close();
}

t.test('room is given back while the broker runs and confirms, and offline', async (t) => {
  const data = temporaryFolder(t);
  const file = join(data, 'site.db');
  const first = await startBroker(t, data);
  await first.stop();
  fillAndEmpty(file);
  const broker = await startBroker(t, data);
  const pillar = await connectPillar(t, broker.mqtt);
  let going = true;
  let presses = 0;
  const load = (async () => {
    for (; going; presses += 1) await pillar.press();
  })();
  const compacted = await watchpost('broker', 'compact', '--data', data, '--json');
  going = false;
  await load;
  t.match(compacted, { code: 0, json: { how: 'beside-the-broker' } }, compacted.error);
  t.ok(Number(compacted.json.beforeBytes) > 20e6 && Number(compacted.json.afterBytes) < 5e6);
  t.ok(presses > 10, `${presses} presses meanwhile`);
  t.match(await watchpost('broker', 'check', '--data', data), { code: 0 });
  await broker.stop();
  t.ok(statSync(file).size < 5e6);
  fillAndEmpty(file);
  t.match(await watchpost('broker', 'compact', '--data', data), { code: 0, out: /written anew/ });
  t.ok(statSync(file).size < 5e6);
});

t.test('a database of an earlier version is told to be compacted offline once', async (t) => {
  const data = temporaryFolder(t);
  const file = join(data, 'site.db');
  await (await startBroker(t, data)).stop();
  const sql = new Sqlite(file);
  sql.pragma('journal_mode = DELETE');
  sql.pragma('auto_vacuum = NONE');
  sql.exec('VACUUM');
  sql.close();
  const broker = await startBroker(t, data);
  t.match(await watchpost('broker', 'compact', '--data', data), { code: 1, error: /WP3609/ });
  await broker.stop();
  t.match(await watchpost('broker', 'compact', '--data', data), { code: 0 });
  const again = await startBroker(t, data);
  t.match(await watchpost('broker', 'compact', '--data', data), {
    code: 0,
    out: /beside the running broker/,
  });
  await again.stop();
});
