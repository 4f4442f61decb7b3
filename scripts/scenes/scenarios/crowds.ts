import { anyDepth, crowd, depthBefore } from '../crowd.ts';
import { Draft } from '../draft.ts';
import { after, type Scenario } from '../scenario.ts';

/** Many people, with and without a thing among them. */
export const CROWD_SCENARIOS: readonly Scenario[] = [
  {
    name: 'a crowd passes in front of it',
    draw: (seed) => {
      const draft = new Draft(seed);
      const place = draft.spot();
      const prop = draft.thing(place);
      const owner = draft.leaves(draft.bringer(prop, place, draft.dice.between(3, 8)));
      const beginT = owner.t + draft.dice.between(1, 5);
      const lastS = draft.dice.between(5, 9);
      crowd(draft, beginT, beginT + lastS, 1.2, () => depthBefore(draft, place));
      draft.expect(prop, [owner], { hiddenS: lastS + 4 });
      return after(draft, owner.t, lastS);
    },
  },
  {
    name: 'left within a crowd',
    draw: (seed) => {
      const draft = new Draft(seed, { isWide: true });
      const place = draft.spot();
      const prop = draft.thing(place, { contrast: [40, 110] });
      const owner = draft.leaves(draft.bringer(prop, place, draft.dice.between(6, 10)));
      const endT = owner.t + draft.dwellS * 1.5 + 16;
      crowd(draft, 1, endT, 2.4, () => anyDepth(draft));
      draft.expect(prop, [owner], { hiddenS: draft.dwellS / 2 + 8 });
      return after(draft, owner.t, draft.dwellS / 2 + 8);
    },
  },
  {
    name: 'a crowd and nothing left',
    draw: (seed) => {
      const draft = new Draft(seed);
      crowd(draft, 0.5, 46, draft.dice.between(0.9, 2.2), () => anyDepth(draft));
      return draft.finished(56);
    },
  },
];
