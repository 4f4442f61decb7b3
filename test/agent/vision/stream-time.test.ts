import fc from 'fast-check';
import t from 'tap';
import { StreamTime } from '#agent/vision/stream-time.ts';

const timesOf = (said: readonly number[], time = new StreamTime(10)): number[] =>
  said.map((each) => Number(time.of(each).toFixed(6)));

t.test('what a source says is taken as it is, from its first picture on', async (t) => {
  t.same(timesOf([0, 0.1, 0.25, 1.25]), [0, 0.1, 0.25, 1.25]);
  t.same(timesOf([7000, 7000.1]), [0, 0.1], 'wherever it begins');
});

t.test(
  'a clock that goes back, leaps hours, or stands still costs one picture’s worth of time',
  async (t) => {
    const time = new StreamTime(10);
    t.same(timesOf([100, 100.1, 50, 50.1, 9000, 9000.1, 9000.1], time), [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
    t.equal(time.jumps, 3);
    t.same(timesOf([Number.NaN, Number.POSITIVE_INFINITY, 3, 3.1], time), [0.7, 0.8, 0.9, 1]);
    t.same(timesOf([2 ** 32 / 90_000 - 0.05, 0.05]), [0, 0.1], 'a counter that wraps');
  },
);

t.test('after a gap time goes on where it would be, whatever the new play says', async (t) => {
  const time = new StreamTime(10);
  timesOf([0, 0.1, 0.2], time);
  time.resume(5);
  t.same(timesOf([123, 123.1], time), [5.2, 5.3]);
  time.resume(0);
  t.same(timesOf([0, 0.1], time), [5.4, 5.5], 'the next round of a loop follows at once');
  time.startAt(1000);
  time.resume(8);
  t.same(timesOf([0, 0.1], time), [1008, 1008.1]);
});

t.test('time goes forward at every picture, and never by more than half a minute', async (t) => {
  const said = fc.array(fc.oneof(fc.double(), fc.double({ min: 0, max: 100 })), {
    minLength: 2,
    maxLength: 50,
  });
  const goesForward = (times: readonly number[]) =>
    times.every((at, index) => {
      const step = at - (times[index - 1] ?? at - 0.1);
      return step > 0 && step <= 30.000001;
    });
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(said, (each) => {
        const time = new StreamTime(10);
        return goesForward(each.map((at) => time.of(at)));
      }),
      { numRuns: 300, seed: 8 },
    ),
  );
});
