import t from 'tap';
import type { WatchReport } from '#agent/ports/vision-watches.ts';
import { crowdOf, FROM_ABOVE, LONE_S, lonePeople } from './crowd-scene.ts';
import { HEIGHT, type Person, play } from './people.ts';

const EVERYWHERE = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];
const LEFT_HALF = EVERYWHERE.map(([x = 0, y = 0]) => [x / 2, y]);
const MEASURED = [0.4, 0.9].map((foot) => ({ foot, height: FROM_ABOVE(foot * HEIGHT) / HEIGHT }));

/** A limit of its own for every count, so that the reports tell between which two it lies. */
const limits = (counts: readonly number[], polygon = EVERYWHERE) =>
  counts.map((people, index) => ({ name: `limit-${index}`, polygon, people }));

/** The people of the reports that something began, by time. */
function begun(reports: readonly WatchReport[]): number[] {
  return reports.flatMap((report) =>
    report.watch === 'crowd' && report.state === 'began' ? [report.limit] : [],
  );
}

for (const [count, seed] of [
  [5, 3],
  [12, 5],
  [20, 7],
  [30, 9],
] as const) {
  t.test(
    `${count} people who mill about are counted to within a quarter where heights were measured`,
    async (t) => {
      const crowd = crowdOf(count, seed);
      const watches = { crowd: limits([0.75 * count, 1.25 * count]), personHeights: MEASURED };
      const people = (now: number) => (now < LONE_S ? lonePeople(now) : crowd(now));
      const reports = play(watches, LONE_S + 16, people, { geometry: FROM_ABOVE });
      t.same(begun(reports), [0.75 * count], 'more than three quarters, not more than five');
    },
  );
}

t.test('with measured heights and nobody to learn from, people are counted to within a third', async (t) => {
  const crowd = crowdOf(16, 21);
  const watches = { crowd: limits([11, 21.3]), personHeights: MEASURED };
  const people = (now: number) => (now < 11 ? [] : crowd(now));
  t.same(begun(play(watches, 27, people, { geometry: FROM_ABOVE })), [11]);
});

t.test('a crowd is told within 30 s of becoming one, and its end when it has thinned out', async (t) => {
  const crowd = crowdOf(14, 4);
  const watches = { crowd: [{ name: 'exit', polygon: EVERYWHERE, people: 8 }], personHeights: MEASURED };
  const present = (now: number) => (now < 14 ? 2 : now < 34 ? 14 : 3);
  const reports = play(watches, 56, (now) => (now < 10 ? [] : crowd(now).slice(0, present(now))), {
    geometry: FROM_ABOVE,
  }).filter(({ t }) => t > 15);
  t.match(reports, [
    { watch: 'crowd', state: 'began', name: 'exit', limit: 8 },
    { watch: 'crowd', state: 'ended', name: 'exit', limit: 8 },
  ]);
  t.equal(reports.length, 2);
  const [began, ended] = reports;
  t.ok((began?.t ?? 99) <= 44 && (began?.t ?? 0) < 30, `told ${(began?.t ?? 0) - 14} s after`);
  t.ok((ended?.t ?? 0) > 34);
});

t.test('a group that passes through within a few seconds is no crowd', async (t) => {
  const crowd = crowdOf(14, 4);
  const watches = { crowd: [{ name: 'exit', polygon: EVERYWHERE, people: 8 }], personHeights: MEASURED };
  const people = (now: number) => (now >= 20 && now < 24 ? crowd(now) : []);
  t.same(begun(play(watches, 36, people, { geometry: FROM_ABOVE })), []);
});

t.test('people count where they stand, and nowhere else', async (t) => {
  const crowd = crowdOf(24, 6);
  const onRight = ({ x }: Person) => x > 185;
  const watches = {
    crowd: [...limits([5], LEFT_HALF), { name: 'all', polygon: EVERYWHERE, people: 6 }],
    personHeights: MEASURED,
  };
  const people = (now: number) => (now < 12 ? [] : crowd(now).filter(onRight));
  t.ok(crowd(0).filter(onRight).length >= 8);
  t.same(begun(play(watches, 28, people, { geometry: FROM_ABOVE })), [6]);
});

t.test('people who stand quite still for a minute are still there', async (t) => {
  const crowd = crowdOf(10, 8);
  const watches = { crowd: [{ name: 'queue', polygon: EVERYWHERE, people: 6 }], personHeights: MEASURED };
  const people = (now: number) => (now < 12 ? [] : crowd(Math.min(now, 20)));
  const reports = play(watches, 80, people, { geometry: FROM_ABOVE, framesPerSecond: 3 });
  t.same(
    reports.filter(({ t }) => t > 12).map(({ state }) => state),
    ['began'],
  );
});
