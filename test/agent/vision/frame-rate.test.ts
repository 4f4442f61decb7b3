import t from 'tap';
import { FrameRate } from '#agent/vision/frame-rate.ts';

/** Ticks for `seconds` at `perSecond`, and lists when what is found changed. */
function run(rate: FrameRate, startS: number, seconds: number, perSecond: number): number[] {
  const changes: number[] = [];
  for (let index = 0; index < seconds * perSecond; index++) {
    const at = startS + index / perSecond;
    if (rate.tick(at * 1000)) changes.push(at);
  }
  return changes;
}

t.test('a camera whose rate falls below half is found slow after twenty seconds, once', async (t) => {
  const rate = new FrameRate(10);
  t.same(run(rate, 0, 60, 10), []);
  const [changed, ...more] = run(rate, 60, 60, 3);
  t.same(more, []);
  t.equal(rate.isSlow, true);
  t.ok((changed ?? 0) >= 70 && (changed ?? 0) <= 91, `${changed}`);
  t.equal(run(rate, 120, 60, 9).length, 1, 'and in order again, once');
  t.equal(rate.isSlow, false);
});

t.test('one picture a second is in order where one is asked for, and slow where ten are', async (t) => {
  t.same(run(new FrameRate(1), 0, 120, 1), []);
  const rate = new FrameRate(10);
  t.equal(run(rate, 0, 120, 1).length, 1);
  t.ok(Math.abs(rate.rate - 1) < 0.11, `${rate.rate}`);
});

t.test('a rate between the two limits changes nothing', async (t) => {
  t.same(run(new FrameRate(10), 0, 120, 6), []);
  const rate = new FrameRate(10);
  run(rate, 0, 60, 2);
  t.same(run(rate, 60, 120, 6), [], 'nor does it count as well again');
});

t.test('one bad span is no trend, and a gap between plays counts for nothing', async (t) => {
  const rate = new FrameRate(10);
  run(rate, 0, 20, 10);
  t.same(run(rate, 20, 11, 2), []);
  t.same(run(rate, 31, 40, 10), []);
  rate.restart();
  t.same(run(rate, 500, 60, 10), []);
});
