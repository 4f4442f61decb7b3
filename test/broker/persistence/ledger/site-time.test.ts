import t from 'tap';
import { SiteTime } from '#broker/persistence/ledger/site-time.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { fileDatabase } from '#test/support/site-database.ts';

const DAY_MS = 86_400_000;

t.test('while it runs the monotonic clock tells, and it is kept over a restart', async (t) => {
  const clock = new ManualClock();
  const db = fileDatabase(t, { clock, synchronous: 'NORMAL' });
  const first = new SiteTime(db, clock);
  first.start();
  await clock.advance(DAY_MS);
  first.close();
  first.close();
  const again = new SiteTime(db, clock);
  again.start();
  t.equal(again.ranMs, DAY_MS);
  t.equal(again.seenMs, DAY_MS);
  again.close();
});

t.test('a wall clock ten years ahead makes the site’s time run at double speed, no more', async (t) => {
  const clock = new ManualClock();
  const time = new SiteTime(fileDatabase(t, { clock, synchronous: 'NORMAL' }), clock);
  time.start();
  clock.setWall(clock.wallMs() + 3650 * DAY_MS);
  t.equal(time.seenMs, 0, 'nothing is older at once');
  await clock.advance(3 * DAY_MS);
  t.equal(time.seenMs, 6 * DAY_MS);
  clock.setWall(Date.UTC(2026, 0, 4));
  const seen = time.seenMs;
  await clock.advance(DAY_MS);
  t.equal(time.seenMs - seen, DAY_MS, 'set right, what it owed is forgotten');
  t.equal(time.owedMs, 0);
  time.close();
});

t.test('days switched off are caught up with in as many others', async (t) => {
  const clock = new ManualClock();
  const db = fileDatabase(t, { clock, synchronous: 'NORMAL' });
  const before = new SiteTime(db, clock);
  before.start();
  before.close();
  clock.setWall(clock.wallMs() + 3 * DAY_MS);
  const time = new SiteTime(db, clock);
  time.start();
  t.equal(time.owedMs, 3 * DAY_MS);
  await clock.advance(4 * DAY_MS);
  t.equal(time.seenMs, 7 * DAY_MS);
  t.equal(time.ranMs, 4 * DAY_MS);
  time.close();
});

t.test('a wall clock behind takes nothing away', async (t) => {
  const clock = new ManualClock();
  const time = new SiteTime(fileDatabase(t, { clock, synchronous: 'NORMAL' }), clock);
  time.start();
  clock.setWall(0);
  await clock.advance(DAY_MS);
  t.equal(time.seenMs, DAY_MS);
  time.close();
});
