import { Draft } from '../draft.ts';
import { headlights, lampOver, rain, treeAt } from '../effects.ts';
import type { Ground } from '../optics.ts';
import { after, type Scenario } from '../scenario.ts';

/** Cars drive across the picture at this pace (metres a second). */
const CAR_PACE = 6;

/** Cars, weather, night, and a camera on a mast. */
export const OUTDOOR_SCENARIOS: readonly Scenario[] = [
  {
    name: 'a car parks, another leaves',
    draw: (seed) => {
      const draft = new Draft(seed, { kind: 'street', isWide: true });
      const place = carPlace(draft);
      const t = draft.dice.between(8, 14);
      const out = draft.edge(draft.dice.sign(), place.z);
      const far: Ground = { x: out.x * 2.2, z: out.z };
      const car = { lengthM: draft.dice.between(3.8, 4.6), level: draft.dice.between(40, 210) };
      const seconds = Math.abs(far.x - place.x) / (CAR_PACE / 2);
      const isComing = draft.dice.chance(0.5);
      draft.cars.push({
        car,
        placeAt: (now) => {
          const gone = Math.min(1, Math.max(0, (now - t) / seconds));
          const share = isComing ? 1 - (1 - gone) ** 2 : 1 - gone * gone;
          const along = isComing ? share : 1 - (1 - share);
          return { x: far.x + (place.x - far.x) * along, z: place.z };
        },
      });
      if (isComing && draft.dice.chance(0.6)) {
        const driver = draft.person(t + seconds + 3, { x: place.x, z: place.z - 0.6 });
        draft.leaves(driver.stand(2));
      }
      return draft.finished(t + seconds + draft.dwellS * 1.5 + 16);
    },
  },
  {
    name: 'traffic, and a thing left at the kerb',
    draw: (seed) => {
      const draft = new Draft(seed, { kind: 'street', isWide: true });
      const place = draft.spot();
      const prop = draft.thing(place, { contrast: [35, 110] });
      const owner = draft.leaves(draft.bringer(prop, place, draft.dice.between(4, 8)));
      draft.expect(prop, [owner]);
      const z = Math.min(draft.stage.wallZ - 0.8, place.z + 3);
      for (let t = 1; t < owner.t + draft.dwellS * 1.5 + 10; t += draft.dice.between(4, 9)) {
        const side = draft.dice.sign();
        const far = draft.edge(side, z).x + side * 3;
        const car = { lengthM: draft.dice.between(3.8, 4.6), level: draft.dice.between(40, 210) };
        const begin = t;
        draft.cars.push({
          car,
          placeAt: (now) => {
            const x = far - side * CAR_PACE * (now - begin);
            return now < begin || Math.abs(x) > Math.abs(far) ? null : { x, z };
          },
        });
      }
      return after(draft, owner.t);
    },
  },
  {
    name: 'rain, and a thing left',
    draw: (seed) => {
      const draft = new Draft(seed, { kind: 'street' });
      const place = draft.spot();
      const prop = draft.thing(place, { contrast: [35, 110] });
      const owner = draft.leaves(draft.bringer(prop, place, draft.dice.between(4, 8)));
      draft.expect(prop, [owner]);
      draft.sun = null;
      draft.overlays.push(rain(draft.dice.whole(50, 160), draft.stage.optics.size));
      return after(draft, owner.t);
    },
  },
  {
    name: 'night, and a thing left',
    draw: (seed) => {
      const draft = new Draft(seed, { kind: 'street' });
      const place = draft.spot();
      const dark = draft.dice.between(0.4, 0.6);
      const noise = draft.dice.between(6, 9);
      const prop = draft.thing(place, { contrast: [(4.5 * noise) / dark, 130] });
      const owner = draft.leaves(draft.bringer(prop, place, draft.dice.between(4, 8)));
      draft.expect(prop, [owner], { hiddenS: 4 });
      draft.sun = null;
      draft.sensor = { ...draft.sensor, noise };
      draft.lightAt = () => dark;
      draft.lamps.push(lampOver(draft.stage.optics, draft.spot(), 4, () => 0.5));
      return after(draft, owner.t, 4);
    },
  },
  {
    name: 'headlights sweep at night',
    draw: (seed) => {
      const draft = new Draft(seed, { kind: 'street' });
      const dark = draft.dice.between(0.35, 0.55);
      draft.sun = null;
      draft.sensor = { ...draft.sensor, noise: draft.dice.between(5, 8) };
      draft.lightAt = () => dark;
      const { height } = draft.stage.optics.size;
      for (let t = 6; t < 50; t += draft.dice.between(4, 10)) {
        draft.backdrops.push(
          headlights(
            draft.stage.optics,
            t,
            draft.dice.between(2, 6),
            height * draft.dice.between(0.45, 0.8),
            draft.dice.sign(),
          ),
        );
      }
      draft.passer(14, draft.spot(), 0);
      draft.passer(30, draft.spot(), 0);
      return draft.finished(58);
    },
  },
  {
    name: 'trees sway',
    draw: (seed) => {
      const draft = new Draft(seed, { kind: 'street' });
      const { width, height } = draft.stage.optics.size;
      const left = draft.dice.between(0, 0.6) * width;
      draft.backdrops.push(treeAt({ left, right: left + 0.3 * width, top: 0, bottom: 0.3 * height }, seed));
      const place = draft.spot();
      const prop = draft.thing(place);
      const owner = draft.leaves(draft.bringer(prop, place, draft.dice.between(4, 8)));
      draft.expect(prop, [owner]);
      return after(draft, owner.t);
    },
  },
  {
    name: 'a mast that sways, and a thing left',
    draw: (seed) => {
      const draft = new Draft(seed);
      const place = draft.spot();
      const prop = draft.thing(place, { contrast: [35, 110] });
      const owner = draft.leaves(draft.bringer(prop, place, draft.dice.between(4, 8)));
      draft.expect(prop, [owner]);
      draft.sensor = { ...draft.sensor, shakePx: draft.dice.between(0.5, 1.2) };
      return after(draft, owner.t);
    },
  },
  {
    name: 'nothing happens for ten minutes',
    draw: (seed) => {
      const draft = new Draft(seed);
      draft.framesPerSecond = 1;
      const [most, period] = [draft.dice.between(0.02, 0.15), draft.dice.between(60, 400)];
      draft.lightAt = (t) => 1 + most * Math.sin((2 * Math.PI * t) / period);
      draft.sensor = { ...draft.sensor, noise: draft.dice.between(2, 5) };
      return draft.finished(600);
    },
  },
];

/** Beside the road, at some depth in the middle of the picture. */
function carPlace(draft: Draft): Ground {
  const { optics, wallZ } = draft.stage;
  const { width, height } = optics.size;
  const at = optics.groundAt(width * draft.dice.between(0.35, 0.65), height * draft.dice.between(0.5, 0.7));
  return { x: at.x, z: Math.min(at.z, wallZ - 1) };
}
