import t from 'tap';
import { benchRound } from '#scripts/bench/detect-round.ts';

t.test(
  'rounds of 24 visits in changing light: everything left is found, and next to nothing else',
  async (t) => {
    const { rows, total } = benchRound({ seeds: 4, firstSeed: 1, onStep: () => undefined });
    for (const row of rows) t.comment(JSON.stringify(row));
    t.equal(total.visits, 96);
    t.equal(total.displaced, 0);
    t.equal(total.found, total.things);
    t.equal(total.toldGone, total.gone);
    t.equal(total.falselyGone, 0);
    t.ok(total.falseOnes + total.doubles <= 1, `${total.falseOnes} false, ${total.doubles} twice`);
  },
);
