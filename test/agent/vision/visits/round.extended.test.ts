import t from 'tap';
import { benchRound } from '#scripts/bench/detect-round.ts';

t.test(
  'rounds of 24 visits in changing light: what was left is found, and next to nothing else',
  async (t) => {
    const { rows, total } = benchRound({ seeds: 4, firstSeed: 1, onStep: () => undefined });
    for (const row of rows) t.comment(JSON.stringify(row));
    t.equal(total.visits, 96);
    t.equal(total.displaced, 0);
    t.ok(total.found >= 0.9 * total.things, `${total.found} of ${total.things} found`);
    t.equal(total.toldGone, total.gone);
    t.equal(total.falselyGone, 0);
    t.ok(total.falseOnes + total.doubles <= 1, `${total.falseOnes} false, ${total.doubles} twice`);
  },
);
