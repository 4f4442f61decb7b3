import t from 'tap';
import { benchScenes, judgeScene } from '#scripts/bench/detect-scenes.ts';
import { SCENARIOS } from '#scripts/scenes/scenarios.ts';

/** One short scene of each: left-behind.test.ts has more of what may befall a thing, the extended test judges hundreds. */
const ROUTINE: readonly (readonly [string, number])[] = [
  ['left and walked away', 1],
  ['thrown down while walking on', 1],
  ['fetched before it is due', 1],
  ['somebody there from the first picture leaves', 1],
  ['a lamp is switched on', 1],
  ['rain, and a thing left', 1],
  ['night, and a thing left', 1],
];

for (const [name, seed] of ROUTINE) {
  t.test(`drawn scene: ${name}, seed ${seed}`, async (t) => {
    const scenario = SCENARIOS.find((each) => each.name === name);
    if (scenario === undefined) throw new RangeError(name);
    const { score } = judgeScene(scenario, seed);
    for (const { what, raised } of score.findings) t.ok(raised !== null, `${what} is found`);
    t.same(score.falseAlarms, [], 'and nothing else is');
  });
}

t.test('scenes are dealt to the scenarios asked for in turns, and added up', async (t) => {
  const seen: string[] = [];
  const bench = benchScenes({
    seeds: 2,
    only: 'left where somebody',
    onScene: ({ scenario, seed }) => seen.push(`${scenario} ${seed}`),
  });
  t.same(seen, [
    'left where somebody stood from the first picture 1',
    'left where somebody stood from the first picture 2',
  ]);
  t.equal(bench.scenes, 2);
  t.equal(bench.rows.length, 1);
  t.equal(bench.total.expected, 2);
});

t.test('a name that no scenario has gives no scenes', async (t) => {
  t.equal(benchScenes({ seeds: 5, only: 'no such thing' }).scenes, 0);
});

t.test(
  'who stands in one outline with what they put down is still there, and the clock waits for them',
  async (t) => {
    for (const [only, firstSeed] of [
      ['left and walked away', 101],
      ['put on a bench', 105],
    ] as const) {
      const { total } = benchScenes({ seeds: 1, firstSeed, only });
      t.match(total, { expected: 1, found: 1, falseAlarms: 0 }, only);
    }
  },
);
