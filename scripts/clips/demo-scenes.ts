import { Draft } from '../scenes/draft.ts';
import type { Scene } from '../scenes/scene.ts';

/** Chosen for a hall that is good to look at; any other would do. */
const SEED = 11;
const SIZE = { width: 480, height: 270 };
const BAG_CLIP_S = 64;
const QUIET_CLIP_S = 36;

/** Somebody walks in, leaves a bag, goes, and fetches it half a minute later; it ends as it begins. */
export function bagScene(): Scene {
  const draft = emptyHall();
  draft.dwellS = 10;
  const place = draft.stage.optics.groundAt(0.56 * SIZE.width, 0.8 * SIZE.height);
  const prop = draft.thing(place, { shape: 'backpack', contrast: [80, 110] });
  const beside = draft.beside(place, 1);
  const owner = draft.person(6, draft.edge(-1, place.z)).carrying(prop);
  owner
    .walkTo(beside, 0.9)
    .putDown(prop, { at: place })
    .stand(1)
    .walkTo(draft.edge(1, place.z + 0.5), 1.1);
  owner.standUntil(49).walkTo(beside, 1.1).pickUp(prop).walkTo(draft.edge(-1, place.z), 1.1);
  draft.expect(prop, [owner], { ends: 'reclaimed' });
  return draft.finished(BAG_CLIP_S);
}

/** The empty hall with two who pass. */
export function quietScene(): Scene {
  const draft = emptyHall();
  const near = draft.stage.optics.groundAt(0.5 * SIZE.width, 0.78 * SIZE.height);
  draft.person(6, draft.edge(-1, near.z)).walkTo(draft.edge(1, near.z), 1.2);
  draft.person(20, draft.edge(1, near.z + 1)).walkTo(draft.edge(-1, near.z + 1), 1.2);
  return draft.finished(QUIET_CLIP_S);
}

/** The same hall each time, under lamps that breathe a little. */
function emptyHall(): Draft {
  const draft = new Draft(SEED, { kind: 'hall', size: SIZE });
  draft.sensor = { noise: 1.8, shakePx: 0, isCompressed: false };
  draft.lightAt = (t) => 1 + 0.02 * Math.sin(t / 4);
  return draft;
}
