import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import { BundleShelf } from '#broker/rollout/bundle-shelf.ts';
import { BUNDLE_MAX_BYTES } from '#contract/fetch.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { memoryDatabase, temporaryFolder } from '#test/support/site-database.ts';

const sha256 = 'a'.repeat(64);
const content = Buffer.alloc(1000);

t.test('an upload cannot outgrow a bundle, nor the room of the ledger, once it has begun', async (t) => {
  const dataDir = temporaryFolder(t);
  const clock = new ManualClock();
  const db = memoryDatabase(t, { clock });
  const shelf = (keepFreeBytes: number) =>
    new BundleShelf({ db, clock, audit: new AuditLog(clock), dataDir, keepFreeBytes });
  const piece = { sha256, content };
  t.match(await shelf(0).upload({ ...piece, bytes: 5000, from: 0 }, 'Tao'), { from: 1000 });
  const huge = { ...piece, bytes: BUNDLE_MAX_BYTES + 1, from: 1000 };
  await t.rejects(shelf(0).upload(huge, 'Tao'), { code: 'WP4111' });
  const next = { ...piece, bytes: 5000, from: 1000 };
  await t.rejects(shelf(Number.MAX_SAFE_INTEGER / 2).upload(next, 'Tao'), { code: 'WP3703' });
  const [part = ''] = readdirSync(join(dataDir, 'bundles'));
  t.equal(statSync(join(dataDir, 'bundles', part)).size, 1000, 'what has come stays');
  t.match(await shelf(0).upload(next, 'Tao'), { from: 2000 });
});
