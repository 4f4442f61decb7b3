import t from 'tap';
import { PlaceFolder } from '#agent/vision/visits/place-folder.ts';
import { itineraryOf } from '#scripts/scenes/round/itinerary.ts';
import { judgeRound, ROUND_SIZE } from '#scripts/scenes/round/judge.ts';
import { scoreOf } from '#scripts/scenes/round/score.ts';

t.test(
  'two stops, four rounds: what was left is told once, what was taken too, and nothing else',
  async (t) => {
    const folder = t.testdir();
    const itinerary = itineraryOf({ seed: 6, rounds: 4, stops: 2 });
    const onTrouble = (error: Error) => t.fail(error.message);
    const { told, reports } = judgeRound(itinerary, new PlaceFolder({ folder, onTrouble }), t.testdir());
    const score = scoreOf(itinerary, told, ROUND_SIZE);
    t.equal(score.visits, 8);
    t.equal(score.found, score.things, told.map(({ reason }) => reason).join('\n'));
    t.match(score, { falseOnes: 0, doubles: 0, falselyGone: 0 });
    t.equal(score.toldGone, score.gone);
    t.equal(reports.length, 8);
    t.same(
      reports.slice(0, 4).map(({ outcome }) => outcome),
      ['first', 'first', 'first', 'first'],
    );
    t.ok(reports.slice(4).every(({ outcome }) => outcome === 'changed' || outcome === 'unchanged'));
  },
);
