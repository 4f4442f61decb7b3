import t from 'tap';
import { type Person, play, walker } from './people.ts';

const SQUARE = [
  [0.3, 0.55],
  [0.75, 0.55],
  [0.75, 0.99],
  [0.3, 0.99],
];
const SQUARE_FOR_20_S = { loitering: [{ name: 'till', polygon: SQUARE, afterS: 20 }] };

/** Comes in from the left, stays about `x` from second 6 until `leavesT`, goes out to the right. */
function visitor(now: number, leavesT: number, { x = 160, foot = 190, sway = 0, coat = 45 } = {}): Person[] {
  if (now < leavesT && now >= 6) {
    return [{ x: x + sway * Math.sin(now * 1.3), foot, walked: now * 0.3, coat }];
  }
  if (now < 6) return walker(now, 6 - (x + 20) / 60, [-20, foot], [x, foot], { speed: 60, coat });
  return walker(now, leavesT, [x, foot], [340, foot], { speed: 60, coat });
}

/** Without the word that nobody is there, which comes first where nobody is. */
const told = (reports: readonly { watch: string; state: string; t: number }[]) => {
  const states = reports.map(({ state }) => state);
  return states[0] === 'ended' ? states.slice(1) : states;
};

t.test('who paces up and down is told once, when the time is up, and when they have gone', async (t) => {
  const reports = play(SQUARE_FOR_20_S, 44, (now) => visitor(now, 32, { sway: 25 }));
  t.same(told(reports), ['began', 'ended']);
  const [began, ended] = reports.filter((report) => report.t > 5);
  t.ok(began !== undefined && 'since' in began && began.t - began.since >= 20 && began.t - began.since < 21);
  t.ok((began?.t ?? 99) < 27 && (ended?.t ?? 0) > 32 && (ended?.t ?? 99) < 39);
});

t.test('that nobody stays is said only when somebody there at the start would have been found', async (t) => {
  const [empty] = play(SQUARE_FOR_20_S, 30, () => []);
  t.match(empty, { state: 'ended' });
  t.ok((empty?.t ?? 0) > 20, `said at ${empty?.t}`);
});

t.test('who keeps quite still is no furniture', async (t) => {
  const reports = play(SQUARE_FOR_20_S, 40, (now) =>
    visitor(now, 33).map((person) => (now >= 6 && now < 33 ? { ...person, walked: 1 } : person)),
  );
  t.same(told(reports), ['began', 'ended']);
});

t.test('who leaves for two seconds stays, who leaves for ten begins again', async (t) => {
  const away = (now: number, s: number) => (now > 16 && now < 16 + s ? 100 : 0);
  const briefly = play(SQUARE_FOR_20_S, 30, (now) =>
    visitor(now, 60, { x: 200 + 0.6 * away(now, 2), sway: 12 }),
  );
  t.same(told(briefly), ['began']);
  const forLong = play(SQUARE_FOR_20_S, 30, (now) =>
    visitor(now, 60, { x: 200 + 0.6 * away(now, 10), sway: 12 }),
  );
  t.same(told(forLong), []);
});

t.test('passers-by, one after another, do not add up to somebody who stays', async (t) => {
  const stream = (now: number) =>
    Array.from({ length: 30 }, (_, who) =>
      walker(now, 2 + who * 1.5, [-20, 170 + ((who * 13) % 50)], [340, 170 + ((who * 13) % 50)], {
        speed: 75,
        coat: 40 + ((who * 37) % 160),
      }),
    ).flat();
  t.same(told(play(SQUARE_FOR_20_S, 46, stream)), []);
});

t.test('somebody beside the area is not in it', async (t) => {
  t.same(told(play(SQUARE_FOR_20_S, 34, (now) => visitor(now, 60, { x: 285, sway: 10 }))), []);
});

t.test('passers-by do not end a stay', async (t) => {
  const reports = play(SQUARE_FOR_20_S, 32, (now) => [
    ...visitor(now, 60, { sway: 15 }),
    ...walker(now, 12, [-20, 205], [340, 205], { speed: 60, coat: 210 }),
    ...walker(now, 19, [340, 175], [-20, 175], { speed: 60, coat: 90 }),
  ]);
  t.same(told(reports), ['began']);
});
