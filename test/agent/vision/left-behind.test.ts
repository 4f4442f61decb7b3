import t, { type Test } from 'tap';
import type { Detection } from '#agent/vision/detector.ts';
import { detectionsIn } from '#scripts/bench/detect-scenes.ts';
import { overlaps, scoreOf } from '#scripts/bench/detect-score.ts';
import { Draft } from '#scripts/scenes/draft.ts';
import { sceneOf } from '#scripts/scenes/scenario.ts';
import { SCENARIOS } from '#scripts/scenes/scenarios.ts';
import type { Scene } from '#scripts/scenes/scene.ts';
import { type SceneTruth, truthsOf } from '#scripts/scenes/truth.ts';

/*
 * What may befall a thing left behind, each in one drawn scene whose truth is exact. How often the detector is right
 * in hundreds of them is asked by test/scripts/scenes/judged.extended.test.ts; here, what it says and when.
 */

/** The clock begins when they are out of reach (1.3 person heights); truth counts from 1.5, at 0.65 or more a second. */
const CLOCK_S = 2;
/** From when it is due until it is said: half a second of proof, and whoever hides it just then. */
const PROMPT_S = 4;
/** Where nobody was seen walking off, as between the pictures of a slow camera, it waits for so long more. */
const UNSEEN_GOING_S = 10;

interface Judged {
  readonly scene: Scene;
  readonly truths: readonly SceneTruth[];
  readonly detections: readonly Detection[];
  readonly left: readonly Detection[];
}

function judged(scene: Scene): Judged {
  const detections = detectionsIn(scene);
  return {
    scene,
    truths: truthsOf(scene),
    detections,
    left: detections.filter(({ change }) => change === 'left'),
  };
}

function drawn(name: string, seed: number): Judged {
  const scenario = SCENARIOS.find((each) => each.name === name);
  if (scenario === undefined) throw new RangeError(name);
  return judged(sceneOf(scenario, seed));
}

/** Each thing once, where it is, in its time, and nothing else. */
function eachOnce(t: Test, { truths, left }: Judged): void {
  const { findings, falseAlarms } = scoreOf(truths, left);
  t.ok(truths.length > 0, 'there is something to find');
  for (const { what, isCentred } of findings) t.ok(isCentred, `${what} is found where it is, in time`);
  t.same(falseAlarms, [], 'and nothing else is');
}

/** The clock counts from when the last who belongs to it went, whoever else came by. */
function clockFromLeaving(t: Test, { truths, left }: Judged): void {
  for (const { box, aloneT } of truths) {
    const since = left.find((each) => overlaps(each.box, box))?.since ?? Number.NaN;
    t.ok(
      since > aloneT - 2 * CLOCK_S && since < aloneT + CLOCK_S,
      `the clock began at ${since.toFixed(1)} s, they went at ${aloneT.toFixed(1)} s`,
    );
  }
}

t.test('two bags left at once by two people are two objects, each reported once', async (t) => {
  const found = drawn('two by two owners', 1);
  t.equal(found.truths.length, 2);
  eachOnce(t, found);
  t.equal(new Set(found.left.map(({ objectId }) => objectId)).size, 2);
});

t.test('two bags that one person puts down a step apart are two objects, too', async (t) => {
  const draft = new Draft(7, { isWide: true });
  draft.dwellS = 15;
  const first = draft.spot(0.3);
  const second = { x: first.x + 0.9, z: first.z + 0.1 };
  const props = [first, second].map((place) => draft.thing(place, { contrast: [40, 110] }));
  const [one, other] = props;
  if (one === undefined || other === undefined) return t.fail('there are two');
  const owner = draft.bringer(one, first, 4).carrying(other);
  draft.leaves(owner.walkTo(draft.beside(second, 1), 1).putDown(other, { at: second }).stand(1));
  for (const prop of props) draft.expect(prop, [owner]);
  const found = judged(draft.finished(owner.t + 40));
  eachOnce(t, found);
  clockFromLeaving(t, found);
  t.equal(new Set(found.left.map(({ objectId }) => objectId)).size, 2);
});

t.test('a bag put on a bench is found on the bench', async (t) => {
  const found = drawn('put on a bench', 1);
  eachOnce(t, found);
  clockFromLeaving(t, found);
});

t.test('a bag that its owner moves by a metre is timed anew, and reported where it is now', async (t) => {
  const found = drawn('moved a metre by its owner', 1);
  eachOnce(t, found);
  clockFromLeaving(t, found);
  t.equal(found.left.length, 1, 'not also where it was');
});

t.test('a bag that another moves by a metre is timed anew from when that one went', async (t) => {
  const found = drawn('moved a metre by another', 1);
  eachOnce(t, found);
  clockFromLeaving(t, found);
});

t.test('a bag left within a crowd is found, though the crowd never goes', async (t) => {
  eachOnce(t, drawn('left within a crowd', 1));
});

t.test('a crowd that passes in front of a bag does not reset its clock', async (t) => {
  const found = drawn('a crowd passes in front of it', 1);
  eachOnce(t, found);
  clockFromLeaving(t, found);
});

t.test('passers-by near a bag do not reset its clock, and do not put off the report', async (t) => {
  const found = drawn('passers-by near it', 2);
  eachOnce(t, found);
  clockFromLeaving(t, found);
  const [truth] = found.truths;
  const [left] = found.left;
  t.ok((left?.t ?? Number.NaN) < (truth?.dueT ?? 0) + PROMPT_S, `due ${truth?.dueT}, reported ${left?.t}`);
});

t.test('a bag half behind a pillar is found by what is seen of it', async (t) => {
  const found = drawn('half behind a pillar', 1);
  eachOnce(t, found);
  clockFromLeaving(t, found);
});

t.test(
  'light that is dimmed during the dwell neither resets the clock nor makes anything of its own',
  async (t) => {
    const found = drawn('the light is dimmed during the dwell', 1);
    eachOnce(t, found);
    clockFromLeaving(t, found);
  },
);

t.test('an owner who comes back in time resets the clock: it counts from their second leaving', async (t) => {
  const found = drawn('owner comes back in time, then leaves it', 3);
  eachOnce(t, found);
  clockFromLeaving(t, found);
});

t.test('an owner who comes back and takes it ends what was reported as reclaimed', async (t) => {
  const found = drawn('fetched by its owner after the report', 1);
  eachOnce(t, found);
  const [left] = found.left;
  t.match(found.detections.at(-1), { change: 'reclaimed', objectId: left?.objectId ?? 'none' });
});

/** Somebody leaves a thing for `dwellS`, and others pass by all the time. */
function leftFor(dwellS: number, framesPerSecond: number, everyS: number): Judged {
  const draft = new Draft(5);
  draft.dwellS = dwellS;
  draft.framesPerSecond = framesPerSecond;
  const place = draft.spot();
  const prop = draft.thing(place);
  const owner = draft.leaves(draft.bringer(prop, place, 6).stand(2));
  for (let t = owner.t + 4; t < owner.t + dwellS - 8; t += everyS) {
    draft.passer(t, place, draft.dice.sign() * draft.dice.between(0.6, 2));
  }
  draft.expect(prop, [owner]);
  return judged(draft.finished(owner.t + dwellS + 20));
}

for (const [dwellS, framesPerSecond, everyS] of [
  [10, 10, 5],
  [60, 5, 12],
  [600, 2, 45],
] as const) {
  t.test(`with a dwell of ${dwellS} s a bag is reported then, not before and not much after`, async (t) => {
    const found = leftFor(dwellS, framesPerSecond, everyS);
    eachOnce(t, found);
    clockFromLeaving(t, found);
    const [left] = found.left;
    const [truth] = found.truths;
    if (left === undefined || truth === undefined) return t.fail('it must be reported');
    t.ok(left.t - left.since >= dwellS, `alone for ${left.t - left.since} s`);
    const lateS = PROMPT_S + (framesPerSecond < 5 ? UNSEEN_GOING_S : 0);
    t.ok(left.t < truth.dueT + lateS, `due ${truth.dueT}, reported ${left.t}`);
  });
}
