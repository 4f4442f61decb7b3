import t from 'tap';
import { curveOf, precisionOf, recallOf, scoreOf, tallyOf } from '#scripts/bench/detect-score.ts';

const TRUTH = {
  what: 'a bag',
  from: 20,
  to: 40,
  box: [0.4, 0.6, 0.1, 0.1] as [number, number, number, number],
};
const event = (at: number, x = 0.42, y = 0.62, size = 0.06) => ({
  t: at,
  box: [x, y, size, size] as [number, number, number, number],
  score: at / 100,
});
const tallied = (...raised: ReturnType<typeof event>[]) => tallyOf([scoreOf([TRUTH], raised)]);

t.test('one event that overlaps the truth within its time is found, and centred on it', async (t) => {
  t.same(tallied(event(30)), { expected: 1, found: 1, centred: 1, falseAlarms: 0 });
});

t.test('an event whose box only touches the truth is found, but not centred', async (t) => {
  t.same(tallied(event(30, 0.49, 0.69, 0.3)), { expected: 1, found: 1, centred: 0, falseAlarms: 0 });
});

t.test('an event before or after the time, or elsewhere, is false and leaves the truth missed', async (t) => {
  for (const one of [event(19.9), event(40.1), event(30, 0.8)]) {
    t.same(tallied(one), { expected: 1, found: 0, centred: 0, falseAlarms: 1 });
  }
});

t.test('two events about one thing are not exactly one: missed, and one of them false', async (t) => {
  t.same(tallied(event(25), event(30)), { expected: 1, found: 0, centred: 0, falseAlarms: 1 });
});

t.test('precision and recall are those of all scenes together, and 1 where there was nothing', async (t) => {
  const tally = tallyOf([scoreOf([TRUTH], [event(30)]), scoreOf([TRUTH], []), scoreOf([], [event(5)])]);
  t.same(tally, { expected: 2, found: 1, centred: 1, falseAlarms: 1 });
  t.equal(precisionOf(tally), 0.5);
  t.equal(recallOf(tally), 0.5);
  t.equal(precisionOf(tallyOf([])), 1);
  t.equal(recallOf(tallyOf([])), 1);
});

t.test('with a higher least score there is less recall, and other precision', async (t) => {
  const curve = curveOf([scoreOf([TRUTH], [event(30)]), scoreOf([], [event(50)])]);
  t.match(curve.at(0), { leastScore: 0, precision: 0.5, recall: 1 });
  t.match(
    curve.find(({ leastScore }) => leastScore === 0.4),
    { precision: 0, recall: 0 },
  );
  t.match(curve.at(-1), { leastScore: 1, precision: 1, recall: 0 });
});
