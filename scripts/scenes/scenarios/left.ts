import { Draft } from '../draft.ts';
import { between } from '../optics.ts';
import { after, type Scenario } from '../scenario.ts';
import { BENCH_M } from '../stage.ts';

/** Things that are left behind for good, by one person at a time. */
export const LEFT_SCENARIOS: readonly Scenario[] = [
  {
    name: 'left and walked away',
    draw: (seed) => {
      const draft = new Draft(seed);
      const place = draft.spot();
      const prop = draft.thing(place);
      const owner = draft.leaves(
        draft.bringer(prop, place, draft.dice.between(3, 9)).stand(draft.dice.between(0, 4)),
      );
      draft.expect(prop, [owner]);
      return after(draft, owner.t);
    },
  },
  {
    name: 'passers-by near it',
    draw: (seed) => {
      const draft = new Draft(seed);
      const place = draft.spot();
      const prop = draft.thing(place);
      const owner = draft.leaves(draft.bringer(prop, place, draft.dice.between(3, 8)));
      for (let t = owner.t + 1; t < owner.t + draft.dwellS + 4; t += draft.dice.between(3, 7)) {
        draft.passer(t, place, draft.dice.sign() * draft.dice.between(0.6, 1.6));
      }
      draft.expect(prop, [owner]);
      return after(draft, owner.t);
    },
  },
  {
    name: 'owner lingers farther off, then leaves',
    draw: (seed) => {
      const draft = new Draft(seed, { isWide: true });
      const place = draft.spot();
      const prop = draft.thing(place);
      const owner = draft.bringer(prop, place, draft.dice.between(3, 8)).stand(1);
      const off = draft.placeFrom(place, draft.dice.between(3, 5));
      draft.leaves(owner.walkTo(off, draft.pace()).stand(draft.dice.between(5, 12)));
      draft.expect(prop, [owner], { hiddenS: owner.t - owner.startT });
      return after(draft, owner.t);
    },
  },
  {
    name: 'put on a bench',
    draw: (seed) => {
      const draft = new Draft(seed, { hasBench: true });
      const bench = draft.stage.bench ?? { x: 0, z: 5, widthM: 1.6 };
      const place = { x: bench.x + draft.dice.between(-0.3, 0.3) * bench.widthM, z: bench.z - 0.02 };
      const prop = draft.thing(place, {
        shape: draft.dice.one(['backpack', 'sack', 'box']),
        contrast: [40, 110],
      });
      const owner = draft.leaves(
        draft.bringer(prop, place, draft.dice.between(3, 8), BENCH_M).stand(draft.dice.between(0, 3)),
      );
      draft.expect(prop, [owner]);
      return after(draft, owner.t);
    },
  },
  {
    name: 'thrown down while walking on',
    draw: (seed) => {
      const draft = new Draft(seed);
      const place = draft.spot();
      const prop = draft.thing(place, { shape: draft.dice.one(['sack', 'box', 'backpack', 'holdall']) });
      const side = draft.dice.sign();
      const [from, to] = [draft.edge(side, place.z + 0.3), draft.edge(side === 1 ? -1 : 1, place.z + 0.3)];
      const release = { x: place.x + 0.5 * side, z: place.z + 0.3 };
      const owner = draft.person(draft.dice.between(3, 8), from).carrying(prop).walkTo(release, 1.3);
      owner.throwDown(prop, place).walkTo(to, 1.3);
      draft.expect(prop, [owner]);
      return after(draft, owner.t);
    },
  },
  {
    name: 'half behind a pillar',
    draw: (seed) => {
      const draft = new Draft(seed, { hasPillar: true });
      const [pillar] = draft.stage.occluders;
      const { optics } = draft.stage;
      const z = Math.min(draft.stage.wallZ - 1, (pillar?.z ?? 4) + draft.dice.between(0.5, 1.2));
      const side = draft.dice.sign();
      const shape = draft.dice.one(['suitcase', 'holdall', 'box'] as const);
      const prop = draft.thing({ x: 0, z }, { shape, contrast: [40, 110] });
      const hidden = draft.dice.between(0.05, 0.3) * prop.thing.widthM;
      const border = side > 0 ? (pillar?.right ?? 0) : (pillar?.left ?? 0);
      const place = {
        x: optics.groundAt(border, optics.rowOf(z)).x + side * (prop.thing.widthM / 2 - hidden),
        z,
      };
      const owner = draft.person(draft.dice.between(3, 8), draft.edge(side, z + 0.2)).carrying(prop);
      owner.walkTo({ x: place.x + side * 0.5, z: z + 0.1 }, draft.pace()).putDown(prop, { at: place });
      draft.leaves(owner.stand(1), side);
      draft.expect(prop, [owner]);
      return after(draft, owner.t);
    },
  },
  {
    name: 'left for one or two minutes',
    draw: (seed) => {
      const draft = new Draft(seed);
      draft.dwellS = draft.dice.one([60, 60, 120]);
      draft.framesPerSecond = 5;
      const place = draft.spot();
      const prop = draft.thing(place);
      const owner = draft.leaves(draft.bringer(prop, place, draft.dice.between(3, 8)).stand(2));
      for (let t = owner.t + 4; t < owner.t + draft.dwellS; t += draft.dice.between(9, 20)) {
        draft.passer(t, place, draft.dice.sign() * draft.dice.between(0.6, 2));
      }
      draft.expect(prop, [owner]);
      return after(draft, owner.t);
    },
  },
  {
    name: 'two by two owners',
    draw: (seed) => {
      const draft = new Draft(seed, { isWide: true });
      const first = draft.spot(0.16);
      let second = draft.spot(0.16);
      for (let tries = 0; tries < 40 && Math.hypot(first.x - second.x, first.z - second.z) < 1.8; tries++)
        second = draft.spot(0.16);
      const t = draft.dice.between(3, 7);
      const ends = [first, second].map((place, at) => {
        const prop = draft.thing(place);
        const owner = draft.leaves(draft.bringer(prop, place, t + at * draft.dice.between(0, 4)).stand(1));
        draft.expect(prop, [owner]);
        return owner.t;
      });
      return after(draft, Math.max(...ends));
    },
  },
  {
    name: 'taken by another after the report',
    draw: (seed) => {
      const draft = new Draft(seed);
      draft.dwellS = draft.dice.one([10, 15]);
      const place = draft.spot();
      const prop = draft.thing(place);
      const owner = draft.leaves(draft.bringer(prop, place, draft.dice.between(3, 7)));
      const comesT = owner.t + draft.dwellS + 10;
      const thief = draft.person(comesT, draft.edge(draft.dice.sign(), place.z + 0.3));
      draft.leaves(thief.walkTo(draft.beside(place), 1.4).pickUp(prop));
      draft.expect(prop, [owner], { ends: 'removed' });
      return draft.finished(thief.t + 4);
    },
  },
  {
    name: 'fetched by its owner after the report',
    draw: (seed) => {
      const draft = new Draft(seed);
      draft.dwellS = draft.dice.one([10, 15]);
      const place = draft.spot();
      const prop = draft.thing(place);
      const owner = draft.bringer(prop, place, draft.dice.between(3, 7));
      const side = draft.dice.sign();
      draft.leaves(owner, side);
      owner
        .stand(draft.dwellS + 10)
        .walkTo(draft.beside(place), 1.3)
        .pickUp(prop);
      draft.leaves(owner);
      draft.expect(prop, [owner], { ends: 'reclaimed' });
      return draft.finished(owner.t + 4);
    },
  },
  {
    name: 'moved a metre by its owner',
    draw: (seed) => {
      const draft = new Draft(seed);
      const place = draft.spot(0.3);
      const to = between(place, draft.placeFrom(place, 0.62), 1);
      const prop = draft.thing(place, { contrast: [40, 110] });
      const owner = draft.bringer(prop, place, draft.dice.between(3, 7));
      const off = draft.placeFrom(place, 2);
      owner
        .walkTo(off, 1.2)
        .stand(draft.dwellS * 0.3)
        .walkTo(draft.beside(place), 1.2)
        .pickUp(prop);
      draft.leaves(owner.walkTo(draft.beside(to), 0.8).putDown(prop, { at: to }).stand(1));
      draft.expect(prop, [owner]);
      return after(draft, owner.t);
    },
  },
  {
    name: 'moved a metre by another',
    draw: (seed) => {
      const draft = new Draft(seed);
      draft.dwellS = draft.dice.one([20, 30]);
      const place = draft.spot(0.3);
      const to = draft.placeFrom(place, 0.62);
      const prop = draft.thing(place, { contrast: [40, 110] });
      const owner = draft.leaves(draft.bringer(prop, place, draft.dice.between(3, 7)));
      const other = draft.person(owner.t + draft.dwellS * 0.1, draft.edge(draft.dice.sign(), place.z));
      other
        .walkTo(draft.beside(place), 1.3)
        .pickUp(prop)
        .walkTo(draft.beside(to), 0.8)
        .putDown(prop, { at: to });
      draft.leaves(other);
      draft.expect(prop, [owner, other]);
      return after(draft, other.t);
    },
  },
  {
    name: 'vision is restarted during the dwell',
    draw: (seed) => {
      const draft = new Draft(seed);
      draft.dwellS = draft.dice.one([15, 20, 30]);
      const place = draft.spot();
      const prop = draft.thing(place);
      const owner = draft.leaves(draft.bringer(prop, place, draft.dice.between(3, 8)));
      const atT = owner.t + draft.dice.between(1, draft.dwellS - 8);
      draft.restart = { atT, gapS: draft.dice.between(0.5, 4) };
      draft.expect(prop, [owner]);
      return after(draft, owner.t);
    },
  },
  {
    name: 'vision is restarted after the report',
    draw: (seed) => {
      const draft = new Draft(seed);
      draft.dwellS = 10;
      const place = draft.spot();
      const prop = draft.thing(place);
      const owner = draft.leaves(draft.bringer(prop, place, draft.dice.between(3, 8)));
      const atT = owner.t + draft.dwellS * 1.5 + 9;
      draft.restart = { atT, gapS: draft.dice.between(0.5, 4) };
      draft.expect(prop, [owner]);
      return draft.finished(atT + draft.dwellS + 20);
    },
  },
];
