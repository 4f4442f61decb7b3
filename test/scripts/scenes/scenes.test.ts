import { createHash } from 'node:crypto';
import t from 'tap';
import { Draft } from '#scripts/scenes/draft.ts';
import { distanceM, Optics, PERSON_M } from '#scripts/scenes/optics.ts';
import { drawScene, framesOf } from '#scripts/scenes/render.ts';
import { sceneOf } from '#scripts/scenes/scenario.ts';
import { SCENARIOS } from '#scripts/scenes/scenarios.ts';
import type { Scene } from '#scripts/scenes/scene.ts';
import { truthsOf } from '#scripts/scenes/truth.ts';

function named(name: string) {
  const scenario = SCENARIOS.find((each) => each.name === name);
  if (scenario === undefined) throw new RangeError(name);
  return scenario;
}

function hashOf(scene: Scene): string {
  const hash = createHash('sha256');
  let left = 30;
  for (const { data } of framesOf(scene)) {
    hash.update(data);
    if (--left === 0) break;
  }
  return hash.digest('hex');
}

t.test('a seed gives the same pictures each time, another one others', async (t) => {
  for (const scenario of [named('left and walked away'), named('rain, and a thing left')]) {
    const [a, b, c] = [1, 1, 2].map((seed) => hashOf(sceneOf(scenario, seed)));
    t.equal(a, b, scenario.name);
    t.not(a, c, scenario.name);
  }
});

t.test('names of scenarios are their own, since seeds are mixed with them', async (t) => {
  t.equal(new Set(SCENARIOS.map(({ name }) => name)).size, SCENARIOS.length);
});

t.test('whatever a scenario expects has a time and a place in view, at every seed', async (t) => {
  for (const scenario of SCENARIOS) {
    for (const seed of [1, 2, 3]) {
      const scene = sceneOf(scenario, seed);
      const truths = truthsOf(scene);
      const what = `${scenario.name}, seed ${seed}`;
      if (truths.length !== scene.expectations.length) t.fail(`${what}: an expectation without a truth`);
      for (const { box, from, dueT, to, isOptional } of truths) {
        const [x, y, w, h] = box;
        if (x < 0 || y < 0 || x + w > 1 || y + h > 1) t.fail(`${what}: outside the picture`);
        if (!isOptional && h * scene.stage.optics.size.height < 5) t.fail(`${what}: too small to be seen`);
        if (!(from <= dueT && dueT + 2 <= to)) t.fail(`${what}: no time to report it`);
        if (to > scene.durationS) t.fail(`${what}: ends before it is due`);
      }
    }
  }
  t.pass('all looked at');
});

t.test('the box of a truth is where the picture differs by the thing', async (t) => {
  const scene = sceneOf(named('left and walked away'), 3);
  const [truth] = truthsOf(scene);
  const { width, height } = scene.stage.optics.size;
  const picture = new Float32Array(width * height);
  drawScene(picture, { ...scene, sun: null }, truth?.dueT ?? 0);
  const inside = { sum: 0, n: 0 };
  const outside = { sum: 0, n: 0 };
  const [x = 0, y = 0, w = 0, h = 0] = truth?.box ?? [];
  const softEdge = 2;
  picture.forEach((level, i) => {
    const [px, py] = [i % width, Math.floor(i / width)];
    const beyondX = Math.max(x * width - px, px + 1 - (x + w) * width);
    const beyondY = Math.max(y * height - py, py + 1 - (y + h) * height);
    const isContactShadow = py >= (y + h * 0.6) * height && py < (y + h * 1.4) * height;
    const beyond = Math.max(beyondX, beyondY);
    if (beyond > 0 && (beyond <= softEdge || isContactShadow)) return;
    const sum = beyond <= 0 ? inside : outside;
    sum.sum += Math.abs(level - (scene.stage.base[i] ?? 0));
    sum.n++;
  });
  t.ok(inside.sum / inside.n > 15, `${(inside.sum / inside.n).toFixed(1)} levels inside`);
  t.equal(outside.sum, 0, 'and nothing elsewhere');
});

t.test('the owner is beyond arm’s length when the clock of a truth may begin', async (t) => {
  const scene = sceneOf(named('left and walked away'), 5);
  const [expectation] = scene.expectations;
  const [truth] = truthsOf(scene);
  const rest = expectation?.prop.story.find((at) => 'at' in at);
  const owner = expectation?.attendants[0];
  const place = rest !== undefined && 'at' in rest ? rest.at : { x: 0, z: 0 };
  const then = owner?.placeAt((truth?.aloneT ?? 0) - 0.2) ?? null;
  t.ok(then !== null && distanceM(then, place) <= 1.5 * PERSON_M, 'until then the owner is near');
  t.ok((truth?.dueT ?? 0) - (truth?.aloneT ?? 0) - scene.dwellS < 1e-6);
});

t.test('out of the picture is away, and walking past is not coming back', async (t) => {
  /** When a bag may be reported whose owner goes to `aside` metres beside it, waits there, and comes back by `past`. */
  const truthOf = (aside: number, waitsS: number) => {
    const draft = new Draft(7, { kind: 'hall' });
    draft.dwellS = 10;
    const { optics } = draft.stage;
    const half = (optics.size.width / 2 / optics.focalPx) * 5;
    const place = { x: half - 0.8, z: 5 };
    const prop = draft.thing(place);
    const owner = draft.bringer(prop, place, 2).walkTo({ x: half + aside, z: 5 }, 1.2);
    owner
      .stand(20)
      .walkTo({ x: place.x - 0.5, z: 5 }, 1.2)
      .stand(waitsS)
      .walkTo({ x: -half - 1, z: 5 }, 1.2);
    draft.expect(prop, [owner]);
    return { owner, truth: truthsOf(draft.finished(owner.t + 30))[0] };
  };
  const { truth } = truthOf(0.7, 0);
  t.ok(truth, 'nobody in the picture is with it while its owner waits just outside');
  const [past, stays] = [truthOf(0.7, 0), truthOf(0.7, 6)];
  t.ok((stays.truth?.from ?? 0) > (past.truth?.from ?? 99) + 10, 'who stops beside it has been back');
});

t.test('what is farther off is smaller and higher up, and places come back from pixels', async (t) => {
  const optics = new Optics({ width: 320, height: 180 }, { heightM: 3, focalShare: 1, horizonShare: 0.1 });
  t.ok(optics.rowOf(5) > optics.rowOf(9));
  t.ok(optics.scaleAt(5) > optics.scaleAt(9));
  const { x, z } = optics.groundAt(optics.columnOf({ x: 1.2, z: 6 }), optics.rowOf(6));
  t.ok(Math.abs(x - 1.2) < 1e-9 && Math.abs(z - 6) < 1e-9);
});
