import { Draft } from '../draft.ts';
import { after, type Scenario } from '../scenario.ts';
import { BENCH_M } from '../stage.ts';

/** People who stay with their things, or have none. */
export const COMPANY_SCENARIOS: readonly Scenario[] = [
  {
    name: 'owner stands beside it',
    draw: (seed) => {
      const draft = new Draft(seed);
      const place = draft.spot();
      const prop = draft.thing(place);
      draft.bringer(prop, place, draft.dice.between(3, 8)).stand(draft.dwellS * 2 + 20);
      return draft.finished(draft.dwellS * 2 + 22);
    },
  },
  {
    name: 'owner sits on a bench beside it',
    draw: (seed) => {
      const draft = new Draft(seed, { hasBench: true });
      const bench = draft.stage.bench ?? { x: 0, z: 5, widthM: 1.6 };
      const seat = { x: bench.x + draft.dice.between(-0.4, 0.4), z: bench.z - 0.25 };
      const isOnBench = draft.dice.chance(0.4);
      const side = draft.dice.sign();
      const place = {
        x: seat.x + side * draft.dice.between(0.4, 0.7),
        z: seat.z + (isOnBench ? 0.2 : -0.05),
      };
      const prop = draft.thing(place, { shape: draft.dice.one(['backpack', 'sack', 'box']) });
      const owner = draft
        .person(draft.dice.between(3, 8), draft.edge(draft.dice.sign(), seat.z - 0.4))
        .carrying(prop);
      owner.walkTo(seat, draft.pace()).putDown(prop, { at: place, liftM: isOnBench ? BENCH_M : 0 });
      owner.sit(draft.dwellS * 2 + 15);
      return draft.finished(owner.t);
    },
  },
  {
    name: 'fetched before it is due',
    draw: (seed) => {
      const draft = new Draft(seed, { isWide: true });
      draft.dwellS = draft.dice.one([15, 20, 30]);
      const place = draft.spot();
      const prop = draft.thing(place);
      const owner = draft.bringer(prop, place, draft.dice.between(3, 8));
      const off = draft.placeFrom(place, draft.dice.between(2.2, 3.5));
      owner
        .walkTo(off, draft.pace())
        .stand(draft.dwellS * 0.25)
        .walkTo(draft.beside(place), draft.pace())
        .pickUp(prop);
      draft.leaves(owner);
      return draft.finished(owner.t + draft.dwellS * 1.5 + 10);
    },
  },
  {
    name: 'owner comes back in time, then leaves it',
    draw: (seed) => {
      const draft = new Draft(seed, { isWide: true });
      draft.dwellS = draft.dice.one([15, 20, 30]);
      const place = draft.spot();
      const prop = draft.thing(place);
      const owner = draft.bringer(prop, place, draft.dice.between(3, 8));
      const off = draft.placeFrom(place, draft.dice.between(2.2, 3.5));
      owner
        .walkTo(off, draft.pace())
        .stand(draft.dwellS * 0.25)
        .walkTo(draft.beside(place), draft.pace())
        .stand(6);
      draft.leaves(owner);
      draft.expect(prop, [owner]);
      return after(draft, owner.t);
    },
  },
  {
    name: 'handed over to another who stays',
    draw: (seed) => {
      const draft = new Draft(seed);
      const place = draft.spot(0.3);
      const prop = draft.thing(place);
      const owner = draft.bringer(prop, place, draft.dice.between(3, 7));
      const side = draft.dice.sign();
      const friend = draft.person(Math.max(0.5, owner.t - 5), draft.edge(side, place.z + 0.3));
      friend.walkTo({ x: place.x + side * draft.dice.between(0.5, 0.9), z: place.z + 0.1 }, 1.4);
      owner.standUntil(friend.t + draft.dice.between(3, 6));
      draft.leaves(owner);
      friend.stand(draft.dwellS * 2 + 15);
      return draft.finished(friend.t);
    },
  },
  {
    name: 'somebody stands still for a minute',
    draw: (seed) => {
      const draft = new Draft(seed);
      const from = draft.edge(draft.dice.sign(), draft.depthNear(5, 2));
      const someone = draft
        .person(draft.dice.between(2, 6), from)
        .walkTo(draft.spot(), draft.pace())
        .stand(60);
      draft.leaves(someone);
      return draft.finished(someone.t + 8);
    },
  },
  {
    name: 'somebody sits for a while',
    draw: (seed) => {
      const draft = new Draft(seed, { hasBench: true });
      const bench = draft.stage.bench ?? { x: 0, z: 5, widthM: 1.6 };
      const seat = { x: bench.x + draft.dice.between(-0.5, 0.5), z: bench.z - 0.25 };
      const someone = draft.person(draft.dice.between(2, 6), draft.edge(draft.dice.sign(), seat.z - 0.5));
      draft.leaves(someone.walkTo(seat, draft.pace()).sit(45));
      return draft.finished(someone.t + 8);
    },
  },
  {
    name: 'two meet, talk and part',
    draw: (seed) => {
      const draft = new Draft(seed);
      const place = draft.spot(0.3);
      const talkS = draft.dice.between(20, 35);
      const t = draft.dice.between(2, 6);
      const pair = [-1, 1].map((side) => {
        const edge = draft.edge(side === 1 ? 1 : -1, place.z);
        return draft.person(t, edge).walkTo({ x: place.x + side * 0.4, z: place.z }, draft.pace());
      });
      const untilT = Math.max(...pair.map((one) => one.t)) + talkS;
      for (const one of pair) draft.leaves(one.standUntil(untilT));
      return draft.finished(untilT + 22);
    },
  },
  {
    name: 'somebody there from the first picture leaves',
    draw: (seed) => {
      const draft = new Draft(seed);
      const someone = draft.person(0, draft.spot()).stand(draft.dice.between(6, 25));
      draft.leaves(someone);
      return draft.finished(someone.t + draft.dwellS * 1.5 + 15);
    },
  },
  {
    name: 'left where somebody stood from the first picture',
    draw: (seed) => {
      const draft = new Draft(seed);
      const place = draft.spot(0.28);
      const near = { x: place.x + draft.dice.sign() * 0.5, z: place.z + 0.1 };
      const ghost = draft.leaves(draft.person(0, near).stand(draft.dice.between(5, 10)));
      const prop = draft.thing(place, { contrast: [35, 110] });
      const owner = draft.leaves(draft.bringer(prop, place, ghost.t + draft.dice.between(4, 8)).stand(1));
      draft.expect(prop, [owner]);
      return after(draft, owner.t);
    },
  },
  {
    name: 'a cleaner with a trolley works and goes',
    draw: (seed) => {
      const draft = new Draft(seed);
      draft.dwellS = draft.dice.one([20, 30]);
      const place = draft.spot();
      const trolley = draft.thing(place, { shape: 'box', contrast: [40, 110] });
      const cart = { ...trolley, thing: { ...trolley.thing, widthM: 0.6, heightM: 0.9, isRolled: true } };
      draft.props.splice(draft.props.indexOf(trolley), 1, cart);
      const cleaner = draft.bringer(cart, place, draft.dice.between(3, 7));
      for (let i = 0; i < 3; i++) cleaner.walkTo(draft.placeFrom(place, 0.55), 0.5).stand(draft.dwellS * 0.3);
      draft.leaves(cleaner.walkTo(draft.beside(place), 0.7).pickUp(cart));
      return draft.finished(cleaner.t + draft.dwellS + 8);
    },
  },
];
