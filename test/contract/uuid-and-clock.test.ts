import { execFileSync } from 'node:child_process';
import t from 'tap';
import { systemClock, wait } from '#contract/clock.ts';
import { uuidv7 } from '#contract/uuid.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

t.test('ids are UUIDv7, dated by the clock, different and in order', async (t) => {
  const clock = new ManualClock(Date.UTC(2026, 10, 1));
  const ids = Array.from({ length: 1000 }, () => uuidv7(clock));
  t.equal(new Set(ids).size, 1000);
  t.same([...ids].sort(), ids);
  t.match(ids[0], /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  t.equal(Number.parseInt((ids[0] ?? '').replaceAll('-', '').slice(0, 12), 16), clock.wallMs());
});

t.test('the counter of ids begins at another place in each process', async (t) => {
  const script = `import { uuidv7 } from '#contract/uuid.ts'; import { systemClock } from '#contract/clock.ts';
    process.stdout.write(uuidv7({ ...systemClock, wallMs: () => 0 }));`;
  const ids = [1, 2, 3].map(() =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }),
  );
  t.equal(new Set(ids.map((id) => id.slice(14, 23))).size, 3, ids.join(' '));
});

t.test('a wait ends when its time has passed, not before', async (t) => {
  const clock = new ManualClock();
  let done = false;
  const waiting = wait(clock, 100).then(() => {
    done = true;
  });
  await clock.advance(99);
  t.equal(done, false);
  await clock.advance(1);
  await waiting;
  t.equal(done, true);
});

t.test('an aborted wait rejects with the reason and leaves no timer', async (t) => {
  const clock = new ManualClock();
  const abort = new AbortController();
  const waiting = wait(clock, 100, abort.signal);
  abort.abort(new RangeError('enough'));
  await t.rejects(waiting, { message: 'enough' });
  await t.rejects(wait(clock, 100, abort.signal), { message: 'enough' });
  t.equal(clock.pending, 0);
});

t.test('the system clock never goes back', async (t) => {
  const first = systemClock.monoMs();
  await wait(systemClock, 1);
  t.ok(systemClock.monoMs() >= first);
});
