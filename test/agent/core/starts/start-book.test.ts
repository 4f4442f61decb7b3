import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { StartBook } from '#agent/core/starts/start-book.ts';
import { silentLog } from '#scripts/bench/silent-log.ts';

const FOUND = { bootId: 'boot-1', profile: 'p1', goodProfile: null };

function book(dataDir: string, watchdogDir = join(dataDir, 'nowhere')) {
  return new StartBook({ dataDir, log: silentLog, watchdogDir });
}

t.test('starts are counted over restarts, in a file that is always whole', async (t) => {
  const dir = t.testdir();
  t.match(book(dir).begin(FOUND), { cause: 'first', starts: 1, crashes: 0 });
  t.match(book(dir).begin(FOUND), { cause: 'crash', starts: 2, crashes: 1 });
  const third = book(dir);
  third.begin(FOUND);
  third.healthy();
  third.ended('normal');
  t.match(book(dir).begin(FOUND), { cause: 'ordered', starts: 4, crashes: 0 });
  t.match(JSON.parse(readFileSync(join(dir, 'starts.json'), 'utf8')), { version: 1, healthyRuns: 1 });
});

t.test('the word of the service manager and of the machine’s watchdog is read', async (t) => {
  const dir = t.testdir();
  book(dir).begin(FOUND);
  writeFileSync(join(dir, 'last-end'), 'boot-1 watchdog killed KILL\n');
  t.match(book(dir).begin(FOUND), { cause: 'watchdog' });
  const watchdog = join(dir, 'watchdog0');
  mkdirSync(watchdog);
  writeFileSync(join(watchdog, 'bootstatus'), '32\n');
  t.match(book(dir, watchdog).begin({ ...FOUND, bootId: 'boot-2' }), { cause: 'reset' });
  writeFileSync(join(watchdog, 'bootstatus'), '0\n');
  t.match(book(dir, watchdog).begin({ ...FOUND, bootId: 'boot-3' }), { cause: 'power' });
});

t.test(
  'a record that cannot be read begins anew, and a folder that cannot be written stops nothing',
  async (t) => {
    const dir = t.testdir({ 'starts.json': '{"version":1,"starts":' });
    t.match(book(dir).begin(FOUND), { cause: 'first', starts: 1 });
    const gone = book(join(dir, 'not-there'));
    t.match(gone.begin(FOUND), { cause: 'first' });
    t.doesNotThrow(() => gone.healthy());
    t.doesNotThrow(() => gone.ended('normal'));
    chmodSync(dir, 0o700);
  },
);
