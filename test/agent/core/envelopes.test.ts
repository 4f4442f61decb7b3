import t from 'tap';
import { Envelopes, written } from '#agent/core/journal/envelopes.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { ADDRESS, deviceClock, RELEASE, removeDir, startDevice, tempDir } from './support/device.ts';

t.test('every event is dated to the millisecond, by both clocks', async (t) => {
  for (const wallMs of [0, 999, Date.UTC(2026, 10, 22, 23, 59, 59, 998)]) {
    const clock = new ManualClock(wallMs);
    const envelopes = new Envelopes(ADDRESS, deviceClock(clock));
    for (let n = 0; n < 4; n += 1) {
      const { time, wpmono } = envelopes.draft('event', 'wp.panic.released.v1', {});
      t.equal(time, new Date(clock.wallMs()).toISOString());
      t.equal(wpmono, clock.monoMs().toFixed(3));
      await clock.advance(1);
    }
  }
});

t.test('what is written is what was drafted, whatever was written before', async (t) => {
  const clock = new ManualClock();
  const other = { site: 'demo', device: 'robot-001' };
  const drafts = [ADDRESS, ADDRESS, other].flatMap((address, n) => {
    const envelopes = new Envelopes(address, deviceClock(clock, `boot "${n}"`));
    return [
      envelopes.draft('event', 'wp.panic.released.v1', { label: 'east "gate"\n東門' }),
      envelopes.draft('telemetry', 'wp.telemetry.sampled.v1', {}),
    ];
  });
  for (const epoch of ['first', 'second']) {
    for (const [n, draft] of [...drafts, ...drafts.toReversed()].entries()) {
      t.same(JSON.parse(written(draft, epoch, n)), { ...draft, wpepoch: epoch, wpseq: n });
    }
  }
});

t.test('however many events are recorded in one go, all are there, in order', async (t) => {
  const dir = tempDir();
  const { journal, close } = startDevice({ dir });
  t.teardown(() => {
    close();
    removeDir(dir);
  });
  journal.flush();
  let last = journal.after('event', 0, 1000).at(-1)?.key ?? 0;
  for (const count of [1, 7, 8, 9, 16, 25]) {
    const ids = Array.from({ length: count }, () => journal.recordEvent('wp.tamper.closed.v1', RELEASE));
    journal.flush();
    const records = journal.after('event', last, 1000);
    t.same(
      records.map(({ key, id }) => [key, id]),
      ids.map((id, n) => [last + 1 + n, id]),
    );
    t.same(
      records.map(({ body }) => JSON.parse(body).wpseq),
      records.map(({ key }) => key),
    );
    last += count;
  }
});
