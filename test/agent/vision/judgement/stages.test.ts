import t from 'tap';
import { settle } from '#agent/vision/judgement/attendance.ts';
import { type Figure, ghostScore, personScore } from '#agent/vision/judgement/scores.ts';
import { isGhost } from '#agent/vision/judgement/verdict.ts';
import { DEFAULT_SETTINGS } from '#agent/vision/settings.ts';
import type { Appearance, Attendance } from '#agent/vision/tracking/track.ts';

const figure = (change: Partial<Figure>): Figure => ({
  tall: 0.3,
  wide: 0.25,
  residualMotion: 0,
  walkedIn: false,
  ...change,
});
const isPerson = (change: Partial<Figure>) => personScore(figure(change), DEFAULT_SETTINGS) > 0.5;

t.test('who is a person and what is luggage', async (t) => {
  const cases: [string, Partial<Figure>, boolean][] = [
    ['a bag', {}, false],
    ['a large suitcase', { tall: 0.5, wide: 0.35 }, false],
    ['somebody who stands', { tall: 1, wide: 0.3 }, true],
    ['somebody who stands with a bag, as one', { tall: 0.95, wide: 0.9 }, true],
    ['somebody who sits and stirs', { tall: 0.68, wide: 0.4, residualMotion: 0.06 }, true],
    ['somebody crouching who stirs much', { tall: 0.55, wide: 0.55, residualMotion: 0.12 }, true],
    ['something tall as a sitter that came on its own feet', { tall: 0.6, wide: 0.5, walkedIn: true }, true],
    ['a small thing that rolled here', { tall: 0.3, walkedIn: true }, false],
    ['a bag in flickering light', { residualMotion: 0.05 }, false],
  ];
  for (const [title, change, expected] of cases) t.equal(isPerson(change), expected, title);
});

t.test('the scores are within 0 and 1 and rise with what speaks for them', async (t) => {
  let before = 0;
  for (let tall = 0; tall < 1.5; tall += 0.05) {
    const score = personScore(figure({ tall }), DEFAULT_SETTINGS);
    t.ok(score >= before && score <= 1);
    before = score;
  }
  const look = (edgeRatio: number): Appearance => ({
    edgeRatio,
    edgeOverRing: 1,
    contrast: 20,
    ringContrast: 5,
    ringForeground: 0,
    textureCorrelation: 0,
    gain: 0.5,
    gainSpread: 1,
  });
  t.equal(ghostScore(look(1), DEFAULT_SETTINGS), 0.5);
  t.ok(ghostScore(look(3), DEFAULT_SETTINGS) < 0.1);
  t.ok(isGhost(look(0.8), DEFAULT_SETTINGS));
  t.notOk(isGhost(look(1.1), DEFAULT_SETTINGS), 'doubtful, and it stands out from its ring');
  t.ok(isGhost({ ...look(1.1), ringContrast: 1 }, DEFAULT_SETTINGS), 'doubtful, and it does not');
});

/** Runs the dwell clock over times at which somebody is near; five looks a second. */
function clock(nearAt: (t: number) => 'away' | 'near' | 'walks' | 'lingers', untilT: number): number | null {
  const attendance: Attendance = {
    members: new Set(),
    owners: new Set(),
    ownerLook: null,
    besideSince: new Map(),
    aroundSince: new Map(),
    broughtWithin: 0,
    liftPx: 0,
    cameOutOf: false,
    walkedIn: false,
    walkedOff: true,
    nearT: 0,
    nearSince: null,
    ownerT: 0,
    ownerDistance: null,
    nearestDistance: null,
    openUntilT: null,
    leftT: null,
  };
  for (let i = 0; i <= untilT * 5; i++) {
    const how = nearAt(i / 5);
    const isNear = how === 'near' || how === 'walks';
    settle(attendance, isNear, how === 'near', how === 'lingers', i / 5, DEFAULT_SETTINGS.returnS);
  }
  return attendance.leftT;
}

t.test('the clock starts when the last one goes, not at a gap of the tracker', async (t) => {
  t.equal(
    clock((now) => (now <= 10 ? 'near' : 'away'), 20),
    10,
  );
  t.equal(
    clock((now) => (now <= 10 && !(now > 5 && now < 5.7) ? 'near' : 'away'), 20),
    10,
  );
  t.equal(
    clock(() => 'near', 20),
    null,
  );
});

t.test('one who only crosses does not stop it; one who stays or lingers does', async (t) => {
  const back = (from: number, to: number, how: 'near' | 'walks' | 'lingers') => (now: number) =>
    now <= 5 ? ('near' as const) : now >= from && now <= to ? how : ('away' as const);
  t.equal(clock(back(12, 15, 'near'), 30), 5, 'three seconds: across the circle at a walk');
  t.equal(clock(back(12, 17, 'near'), 30), 17, 'five seconds: somebody who stays');
  t.equal(clock(back(12, 19, 'walks'), 30), 5, 'seven seconds, always walking: past it in depth');
  t.equal(clock(back(12, 12.4, 'lingers'), 30), 12.4);
});
