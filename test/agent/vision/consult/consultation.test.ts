import t from 'tap';
import type { Frame } from '#agent/ports/frames.ts';
import type { Advice } from '#agent/vision/consult/advice.ts';
import type { Candidate } from '#agent/vision/consult/candidates.ts';
import { Consultation, type TrackAdvice } from '#agent/vision/consult/consultation.ts';
import { DEFAULT_SETTINGS } from '#agent/vision/settings.ts';
import { PersonScale } from '#agent/vision/tracking/person-scale.ts';
import { DrawnSights } from './drawn-sights.ts';

const WIDTH = 320;
const HEIGHT = 240;
const SCALE = new PersonScale(WIDTH, HEIGHT);
/** How tall somebody appears whose feet are where the bag stands. */
const TALL = Math.round(SCALE.heightAt(180));
const BAG: Candidate = {
  id: 1,
  rect: { left: 150, top: 150, right: 180, bottom: 180 },
  aloneT: 10,
  dwellS: 30,
};
const JUDGED_EVERY_S = 0.2;
/** What differs from the picture this long ago moves. */
const SHORT_S = 0.6;

interface Drawn {
  readonly level: number;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Somebody standing with the middle of their feet `away` person heights to the right of the bag's. */
const personAt = (away: number, level = 250): Drawn => ({
  level,
  x: Math.round(165 + away * TALL - 0.175 * TALL),
  y: 180 - TALL,
  w: Math.round(0.35 * TALL),
  h: TALL,
});
const luggage: Drawn = { level: 20, x: 150, y: 150, w: 30, h: 30 };

function pictureOf(t: number, drawn: readonly Drawn[]): Frame {
  const data = new Uint8Array(WIDTH * HEIGHT).fill(120);
  for (const { level, x, y, w, h } of drawn) {
    for (let row = y; row < y + h; row++) {
      data.fill(level, row * WIDTH + Math.max(0, x), row * WIDTH + Math.min(WIDTH, x + w));
    }
  }
  return { width: WIDTH, height: HEIGHT, t, data };
}

const NOTHING = new Uint8Array(WIDTH * HEIGHT);

function movingIn(picture: Frame, now: readonly Drawn[], before: readonly Drawn[]): Uint8Array {
  if (JSON.stringify(now) === JSON.stringify(before)) return NOTHING;
  const { data } = pictureOf(0, before);
  return picture.data.map((level, at) => (level === data[at] ? 0 : 1));
}

/** A camera that judges five times a second, in front of it what `draws` gives for each time. */
class Run {
  readonly sights = new DrawnSights();
  readonly consultation: Consultation;
  t = 10;

  constructor(looksPerSecond = 1) {
    this.consultation = new Consultation({
      detector: this.sights,
      model: { people: ['person'], luggage: ['suitcase'], looksPerSecond },
      settings: DEFAULT_SETTINGS,
    });
  }

  async for(
    seconds: number,
    draws: (t: number) => readonly Drawn[],
    candidates: readonly Candidate[] = [BAG],
  ): Promise<TrackAdvice[]> {
    let last: TrackAdvice[] = [];
    for (let i = 0; i < Math.round(seconds / JUDGED_EVERY_S); i++) {
      this.t += JUDGED_EVERY_S;
      const { t } = this;
      const picture = pictureOf(t, draws(t));
      const moving = movingIn(picture, draws(t), draws(t - SHORT_S));
      last = this.consultation.push(picture, { t, scale: SCALE, moving, candidates });
      // Answers come back before the next picture.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return last;
  }

  async adviceAfter(
    seconds: number,
    draws: (t: number) => readonly Drawn[],
    candidate = BAG,
  ): Promise<Advice> {
    const [told] = await this.for(seconds, draws, [candidate]);
    if (told === undefined) throw new RangeError('no advice');
    return told.advice;
  }
}

t.test('a bag is looked at once when it is left, and again from a third of its dwell time on', async (t) => {
  const run = new Run();
  await run.for(9, () => [luggage]);
  t.equal(run.sights.pictures.length, 1, 'who was there when it was left');
  await run.for(11, () => [luggage]);
  t.ok(run.sights.pictures.length >= 9 && run.sights.pictures.length <= 12, 'then once a second');
});

t.test('what is attended, or reported already, is not looked at', async (t) => {
  const run = new Run();
  await run.for(20, () => [luggage], [{ ...BAG, aloneT: null }]);
  t.same(run.sights.pictures, []);
  await run.for(20, () => [luggage], []);
  t.same(run.sights.pictures, []);
});

t.test('luggage seen in its place confirms it, with the mean of the scores', async (t) => {
  const advice = await new Run().adviceAfter(25, () => [luggage]);
  t.match(advice, { state: 'confirmed', isVetoed: false, isAttended: false });
  t.equal(advice.score?.toFixed(6), '0.800000');
  t.ok(advice.looks >= 3);
});

t.test('silence says nothing: no veto, no attendance, no score', async (t) => {
  const advice = await new Run().adviceAfter(25, () => []);
  t.match(advice, { state: 'silent', score: null, isVetoed: false, isAttended: false });
  t.ok(advice.looks >= 3, 'though it was looked at');
});

t.test('luggage elsewhere, or much larger than the thing, confirms nothing', async (t) => {
  const elsewhere = await new Run().adviceAfter(25, () => [{ ...luggage, x: 190 }]);
  t.match(elsewhere, { state: 'silent', score: null });
  const larger = await new Run().adviceAfter(25, () => [{ ...luggage, x: 130, y: 120, w: 70, h: 70 }]);
  t.match(larger, { state: 'silent', score: null });
});

t.test('somebody who sits in its place in most looks is a veto, which ends when they are gone', async (t) => {
  const run = new Run();
  const sitting = { level: 250, x: 140, y: 120, w: 50, h: 62 };
  t.match(await run.adviceAfter(10.6, () => [sitting]), { isVetoed: false }, 'not by one or two looks');
  t.match(await run.adviceAfter(8, () => [sitting]), { state: 'person', isVetoed: true });
  run.sights.missesEvery = 3;
  t.match(
    await run.adviceAfter(15, () => [sitting]),
    { isVetoed: true },
    'a look that misses them changes nothing',
  );
  t.match(await run.adviceAfter(12, () => []), { state: 'silent', isVetoed: false });
});

t.test('a crowd that walks past in front is no veto, however many look', async (t) => {
  const walkers = (now: number) => [0, 1, 2].map((i) => personAt(-1.5 + ((now * 0.83 + i) % 3), 230 + i));
  const run = new Run();
  for (let i = 0; i < 40; i++) {
    const advice = await run.adviceAfter(1, walkers);
    t.match(advice, { isVetoed: false, isAttended: false }, `after ${i + 1} s`);
  }
});

t.test('who was there when it was left and stays within the radius attends it', async (t) => {
  const run = new Run();
  const owner = personAt(0.9);
  t.match(await run.adviceAfter(20, () => [luggage, owner]), {
    state: 'person',
    isAttended: true,
    isVetoed: false,
  });
  t.match(
    await run.adviceAfter(12, () => [luggage]),
    { state: 'confirmed', isAttended: false },
    'until they go',
  );
});

t.test(
  'who comes later and waits within the radius does not attend it, but right beside it does',
  async (t) => {
    const waiting = (away: number) => (now: number) => (now < 17 ? [luggage] : [luggage, personAt(away)]);
    t.match(await new Run().adviceAfter(25, waiting(0.9)), { state: 'confirmed', isAttended: false });
    t.match(await new Run().adviceAfter(25, waiting(0.4)), { state: 'person', isAttended: true });
  },
);

t.test('who stays beyond the radius does not attend it', async (t) => {
  t.match(await new Run().adviceAfter(25, () => [luggage, personAt(1.6)]), { isAttended: false });
});

t.test('a clock that stands because of the advice keeps the looks coming', async (t) => {
  const run = new Run();
  t.match(await run.adviceAfter(20, () => [luggage, personAt(0.9)]), { isAttended: true });
  const before = run.sights.pictures.length;
  const held = { ...BAG, aloneT: null };
  t.match(await run.adviceAfter(10, () => [luggage, personAt(0.9)], held), { isAttended: true });
  t.ok(run.sights.pictures.length >= before + 9);
  t.match(await run.adviceAfter(12, () => [luggage], held), { isAttended: false });
});

t.test('old looks are worth nothing', async (t) => {
  const run = new Run();
  t.match(await run.adviceAfter(20, () => [luggage, personAt(0.1)]), { isVetoed: true });
  run.sights.isHeld = true;
  const advice = await run.adviceAfter(16, () => [luggage]);
  t.match(advice, { state: 'silent', looks: 0, isVetoed: false, t: null });
  run.sights.release();
});

t.test(
  'the rate is for all candidates together, one after another, and one look is under way at a time',
  async (t) => {
    const others = [1, 2, 3, 4].map((id) => ({ ...BAG, id, aloneT: -20 }));
    const run = new Run(2);
    const told = await run.for(20, () => [luggage], others);
    t.ok(Math.abs(run.sights.pictures.length - 40) <= 2, `${run.sights.pictures.length} looks in 20 s`);
    t.ok(
      told.every(({ advice }) => advice.looks >= 7),
      'each had its share',
    );
    run.sights.isHeld = true;
    const { looks, dropped } = run.consultation.counts;
    await run.for(10, () => [luggage], others);
    t.equal(run.consultation.counts.looks, looks + 1, 'no second one beside it');
    t.ok(run.consultation.counts.dropped >= dropped + 18, 'the others are dropped, and counted');
    run.sights.release();
  },
);

t.test('looks still come when the clock of the camera is set back', async (t) => {
  const run = new Run();
  const long = { ...BAG, aloneT: -100 };
  await run.for(5, () => [luggage], [long]);
  const before = run.sights.pictures.length;
  run.t = 2;
  await run.for(5, () => [luggage], [long]);
  t.ok(run.sights.pictures.length >= before + 4);
});

for (const [code, state] of [
  ['WP2450', 'absent'],
  ['WP2451', 'absent'],
  ['WP2455', 'slow'],
  ['WP2456', 'failing'],
  ['WP2458', 'failing'],
] as const) {
  t.test(`a model that rejects with ${code} is ${state}, and changes nothing but that flag`, async (t) => {
    const run = new Run();
    const owner = personAt(0.1);
    t.match(await run.adviceAfter(20, () => [luggage, owner]), { isVetoed: true, isAttended: true });
    run.sights.fault = code;
    t.match(await run.adviceAfter(4, () => [luggage, owner]), {
      state,
      isVetoed: false,
      isAttended: false,
      score: null,
    });
    t.ok(run.consultation.counts.failed >= 2);
    run.sights.fault = null;
    t.match(await run.adviceAfter(6, () => [luggage, owner]), { state: 'person', isVetoed: true });
  });
}

t.test('one look in a row that goes wrong is passed over', async (t) => {
  const run = new Run();
  await run.for(20, () => [luggage]);
  run.sights.fault = 'WP2455';
  await run.for(1, () => [luggage]);
  run.sights.fault = null;
  t.match(await run.adviceAfter(0.2, () => [luggage]), { state: 'confirmed' });
  t.equal(run.consultation.counts.failed, 1);
});

t.test('until the model was heard of it counts as absent', async (t) => {
  const run = new Run();
  run.sights.fault = 'WP2457';
  t.match(await run.adviceAfter(25, () => [luggage]), { state: 'absent', looks: 0 });
});

t.test('an answer about an earlier scene is about nothing in this one', async (t) => {
  const run = new Run();
  run.sights.isHeld = true;
  await run.for(1, () => [luggage]);
  run.consultation.reset();
  run.sights.isHeld = false;
  run.sights.release();
  t.match(await run.adviceAfter(0.4, () => [luggage], { ...BAG, aloneT: null }), { looks: 0 });
});

t.test(
  'the part that is looked at holds the thing and those who may attend it, and nothing is kept of the rest',
  async (t) => {
    const run = new Run();
    await run.for(1, () => [luggage]);
    const [picture] = run.sights.pictures;
    t.ok(picture !== undefined && picture.width >= Math.min(WIDTH, 30 + 3 * TALL));
    t.equal(picture?.data.buffer.byteLength, (picture?.width ?? 0) * (picture?.height ?? 0));
  },
);
