import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import t from 'tap';
import { removeDir, startDevice, tempDir } from './support/device.ts';

type Tap = Pick<typeof t, 'teardown'>;

function begin(test: Tap) {
  const dir = tempDir();
  const device = startDevice({ dir });
  test.teardown(() => {
    device.close();
    removeDir(dir);
  });
  return device;
}

/** Of every byte in the device's folder. */
function digestOf(dir: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(dir).sort()) hash.update(name).update(readFileSync(join(dir, name)));
  return hash.digest('hex');
}

t.test('a look at the journal writes nothing, however often, and presses go on', async (t) => {
  const device = begin(t);
  device.press();
  const before = digestOf(device.dir);
  for (let n = 0; n < 100; n += 1) device.journal.probe();
  t.equal(digestOf(device.dir), before);
  device.press();
  t.not(digestOf(device.dir), before, 'a press is seen in the same way');
  t.equal(device.journal.queues().alarm, 2);
});

t.test('a journal that takes no alarm is seen', async (t) => {
  const device = begin(t);
  const [name = ''] = readdirSync(device.dir).filter((file) => file === 'alarm.db');
  t.throws(() => new Database(join(device.dir, name), { timeout: 0 }).exec('BEGIN IMMEDIATE'), {
    code: 'SQLITE_BUSY',
  });
  device.journal.close();
  t.throws(() => device.journal.probe(), { code: 'WP2013' });
});

t.test('an outbox whose timers do not fire is seen', async (t) => {
  const device = begin(t);
  await device.clock.advance(120_000);
  t.doesNotThrow(() => device.outbox.probe());
  device.outbox.close();
  t.throws(() => device.outbox.probe(), { code: 'WP2611' });
});
