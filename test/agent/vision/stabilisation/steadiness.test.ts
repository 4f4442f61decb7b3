import t from 'tap';
import { SteadinessJudge } from '#agent/vision/stabilisation/steadiness.ts';

const FRAME_S = 0.1;

/** Shows the shifts to a judge one after another; answers what it said to each. */
function told(durationS: number, shiftAt: (now: number) => readonly [number, number]) {
  const judge = new SteadinessJudge();
  const said: { t: number; steadiness: string }[] = [];
  for (let i = 0; i * FRAME_S < durationS; i++) {
    const now = i * FRAME_S;
    if (!judge.isDue(now)) continue;
    const [dx, dy] = shiftAt(now);
    const steadiness = judge.observe({ dx, dy }, now);
    said.push({ t: now, steadiness });
    if (steadiness === 'settled' || steadiness === 'lost') break;
  }
  return { judge, said, last: said.at(-1)?.steadiness };
}

t.test('a camera at rest is looked at twice a second, one that sways at every picture', async (t) => {
  t.equal(told(10, () => [0, 0]).said.length, 20);
  t.equal(told(10, (now) => [Math.sin(9 * now), 0.3]).said.length, 100);
});

t.test('shake and bursts are undone, never taken for a new place', async (t) => {
  const shake = told(60, (now) => [Math.sin(now * 13), Math.cos(now * 17)]);
  t.equal(shake.last, 'swaying');
  const bursts = told(60, (now) => (now % 8 < 1 ? [3 * Math.sin(now * 40), 2] : [0, 0]));
  t.notOk(bursts.said.some(({ steadiness }) => steadiness === 'settled' || steadiness === 'away'));
});

t.test('a nudge for good is told after three seconds, with where to', async (t) => {
  const { judge, said, last } = told(30, (now) => (now > 5 ? [2.04, -0.96] : [0, 0]));
  t.equal(last, 'settled');
  t.ok((said.at(-1)?.t ?? 0) < 9.2);
  t.ok(Math.abs(judge.settledAt.dx - 2.04) < 0.01 && Math.abs(judge.settledAt.dy + 0.96) < 0.01);
});

t.test('nothing is judged while it is far away; where it stays is its new place', async (t) => {
  const { said, last } = told(30, (now) => (now > 5 ? [14, 3] : [0, 0]));
  t.equal(last, 'settled');
  t.same(
    said
      .filter(({ t: at }) => at > 5.6 && at < 8)
      .map(({ steadiness }) => steadiness)
      .every((each) => each === 'away'),
    true,
  );
});

t.test('one that stays far away without coming to rest is lost', async (t) => {
  const { said, last } = told(30, (now) => (now > 5 ? [14 + 4 * Math.sin(now * 5), 3] : [0, 0]));
  t.equal(last, 'lost');
  t.ok((said.at(-1)?.t ?? 0) > 9);
});
