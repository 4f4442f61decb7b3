import { Draft } from '../draft.ts';
import { bandOnFloor, escalatorIn, lampOver, ramp, screenOn } from '../effects.ts';
import type { Ground } from '../optics.ts';
import type { Prop } from '../play.ts';
import { after, type Scenario } from '../scenario.ts';

/** Somebody leaves a thing in the usual way; answers when they are gone. */
function leaveOne(
  draft: Draft,
  contrast: readonly [number, number] = [30, 110],
): { leftT: number; prop: Prop; place: Ground } {
  const place = draft.spot();
  const prop = draft.thing(place, { contrast });
  const owner = draft.leaves(draft.bringer(prop, place, draft.dice.between(4, 8)));
  draft.expect(prop, [owner]);
  return { leftT: owner.t, prop, place };
}

/** Light and shade, doors and screens: what changes in a place without anything being left. */
export const SURROUNDINGS_SCENARIOS: readonly Scenario[] = [
  {
    name: 'a lamp is switched on',
    draw: (seed) => {
      const draft = new Draft(seed, { kind: 'hall' });
      const atT = draft.dice.between(8, 20);
      const strength = draft.dice.between(0.25, 0.7) * (draft.dice.chance(0.3) ? -0.6 : 1);
      const reachM = draft.dice.between(1.2, 3);
      draft.lamps.push(lampOver(draft.stage.optics, draft.spot(), reachM, (t) => (t > atT ? strength : 0)));
      if (draft.dice.chance(0.6)) draft.passer(atT - 3, draft.spot(), 0);
      return draft.finished(atT + draft.dwellS * 1.5 + 25);
    },
  },
  {
    name: 'the sun comes in',
    draw: (seed) => {
      const draft = new Draft(seed, { kind: 'hall' });
      const [a, b] = [draft.spot(0.15), draft.spot(0.15)];
      const halfWidthM = draft.dice.between(0.15, 0.5);
      const moved = (at: Ground): Ground => ({ x: at.x + draft.dice.between(-0.6, 0.6), z: at.z });
      const to: readonly [Ground, Ground] = [moved(a), moved(b)];
      const [onT, offT] = [draft.dice.between(6, 14), draft.dice.between(30, 70)];
      const most = draft.dice.between(0.2, 0.55);
      const gainAt = (t: number) => 1 + most * Math.min(ramp(t, onT, onT + 3), 1 - ramp(t, offT, offT + 3));
      draft.backdrops.push(bandOnFloor(draft.stage.optics, { from: [a, b], to, halfWidthM }, 70, gainAt));
      draft.passer(onT + 2, a, 0.3);
      draft.passer(onT + 14, b, 0.3);
      return draft.finished(62);
    },
  },
  {
    name: 'the shadow of a pillar moves',
    draw: (seed) => {
      const draft = new Draft(seed, { kind: 'street', hasPillar: true });
      const [pillar] = draft.stage.occluders;
      const { optics } = draft.stage;
      const foot = optics.groundAt(((pillar?.left ?? 0) + (pillar?.right ?? 0)) / 2, pillar?.bottom ?? 100);
      const ahead = draft.dice.sign() * 2.4;
      const from: readonly [Ground, Ground] = [foot, { x: foot.x + ahead, z: foot.z + 0.8 }];
      const to: readonly [Ground, Ground] = [foot, { x: foot.x + ahead * 0.8, z: foot.z + 1.9 }];
      const level = draft.dice.between(0.55, 0.75);
      const cloudT = draft.dice.between(10, 25);
      const gainAt = (t: number) => (t > cloudT && t < cloudT + 12 ? 1 - (1 - level) * 0.1 : level);
      draft.backdrops.push(bandOnFloor(optics, { from, to, halfWidthM: 0.25 }, 70, gainAt));
      draft.passer(12, foot, 1);
      draft.passer(30, foot, 1.4);
      return draft.finished(66);
    },
  },
  {
    name: 'clouds, and a thing left',
    draw: (seed) => {
      const draft = new Draft(seed, { kind: 'street' });
      const { leftT } = leaveOne(draft);
      const [most, period] = [draft.dice.between(0.1, 0.28), draft.dice.between(9, 30)];
      draft.lightAt = (t) => 1 + most * Math.sin((2 * Math.PI * t) / period);
      return after(draft, leftT);
    },
  },
  {
    name: 'the light is dimmed during the dwell',
    draw: (seed) => {
      const draft = new Draft(seed);
      const { leftT } = leaveOne(draft, [40, 110]);
      const atT = leftT + draft.dice.between(1, draft.dwellS - 2);
      const level = draft.dice.between(0.6, 0.8);
      draft.lightAt = (t) => (t > atT ? level : 1);
      return after(draft, leftT);
    },
  },
  {
    name: 'a lamp is switched on during the dwell',
    draw: (seed) => {
      const draft = new Draft(seed, { kind: 'hall' });
      const { leftT } = leaveOne(draft, [40, 110]);
      const atT = leftT + draft.dice.between(1, draft.dwellS - 2);
      const strength = draft.dice.between(0.2, 0.5);
      draft.lamps.push(
        lampOver(draft.stage.optics, draft.spot(), draft.dice.between(2, 4), (t) => (t > atT ? strength : 0)),
      );
      return after(draft, leftT, 4);
    },
  },
  {
    name: 'a door is left open',
    draw: (seed) => {
      const draft = new Draft(seed, { kind: 'hall' });
      const { optics, wallZ } = draft.stage;
      const x = draft.dice.between(-0.25, 0.25) * (optics.size.width / optics.focalPx) * wallZ;
      const pxPerM = optics.scaleAt(wallZ);
      const [column, row] = [optics.columnOf({ x, z: wallZ }), optics.rowOf(wallZ)];
      const openT = draft.dice.between(7, 12);
      const door = {
        left: column - 0.45 * pxPerM,
        right: column + 0.45 * pxPerM,
        top: row - 2.05 * pxPerM,
        bottom: row,
      };
      const [shut, open] = [draft.dice.between(90, 160), draft.dice.between(25, 60)];
      draft.backdrops.push((brush, t) => brush.box(door, { level: t > openT ? open : shut, roundness: 0.1 }));
      const someone = draft
        .person(openT, { x, z: wallZ - 0.1 })
        .walkTo({ x, z: Math.max(2, wallZ - 2) }, 1.2);
      draft.leaves(someone);
      return draft.finished(someone.t + draft.dwellS * 1.5 + 12);
    },
  },
  {
    name: 'a poster is changed',
    draw: (seed) => {
      const draft = new Draft(seed, { kind: 'hall' });
      const { optics, wallZ } = draft.stage;
      const x = draft.dice.between(-0.25, 0.25) * (optics.size.width / optics.focalPx) * wallZ;
      const pxPerM = optics.scaleAt(wallZ);
      const [column, row] = [optics.columnOf({ x, z: wallZ }), optics.rowOf(wallZ)];
      const frame = {
        left: column - 0.4 * pxPerM,
        right: column + 0.4 * pxPerM,
        top: row - 2.2 * pxPerM,
        bottom: row - 1.2 * pxPerM,
      };
      const worker = draft.person(draft.dice.between(3, 6), draft.edge(draft.dice.sign(), wallZ - 0.6));
      worker.walkTo({ x: x + 0.2, z: wallZ - 0.5 }, draft.pace()).stand(4);
      const changeT = worker.t;
      draft.leaves(worker.stand(5));
      const levels = [draft.dice.between(60, 110), draft.dice.between(150, 220)];
      draft.backdrops.push((brush, t) => {
        const [first = 90, second = 190] = t < changeT ? levels : levels.toReversed();
        brush.box(frame, { level: first });
        brush.box(
          { ...frame, bottom: (frame.top + frame.bottom) / 2, left: frame.left + 2 },
          { level: second },
        );
      });
      return draft.finished(worker.t + draft.dwellS * 1.5 + 10);
    },
  },
  {
    name: 'a chair is moved',
    draw: (seed) => {
      const draft = new Draft(seed, { kind: 'hall' });
      const place = draft.spot(0.3);
      const chair = draft.thing(place, { shape: 'box', contrast: [40, 100] });
      const seat: Prop = { ...chair, thing: { ...chair.thing, widthM: 0.45, heightM: 0.8 } };
      draft.props.splice(draft.props.indexOf(chair), 1, seat);
      seat.story.push({ from: 0, to: Number.POSITIVE_INFINITY, at: place, liftM: 0 });
      const worker = draft.person(draft.dice.between(6, 9), draft.edge(draft.dice.sign(), place.z + 0.3));
      const to = draft.placeFrom(place, 0.6);
      worker
        .walkTo(draft.beside(place), draft.pace())
        .pickUp(seat)
        .walkTo(draft.beside(to), 0.7)
        .putDown(seat, { at: to });
      draft.leaves(worker);
      draft.expect(seat, [worker], { isOptional: true });
      return after(draft, worker.t);
    },
  },
  {
    name: 'a screen and an escalator run',
    draw: (seed) => {
      const draft = new Draft(seed, { kind: 'hall' });
      const { optics, wallZ } = draft.stage;
      const pxPerM = optics.scaleAt(wallZ);
      const row = optics.rowOf(wallZ);
      const { width } = optics.size;
      const left = width * draft.dice.between(0.05, 0.3);
      draft.backdrops.push(
        screenOn(
          { left, right: left + 1.6 * pxPerM, top: row - 2.3 * pxPerM, bottom: row - 1.2 * pxPerM },
          draft.dice.between(1, 12),
          seed,
        ),
        escalatorIn(
          { left: width * 0.7, right: width * 0.7 + 1.1 * pxPerM, top: row - 2.4 * pxPerM, bottom: row },
          14,
          6,
        ),
      );
      const { leftT } = leaveOne(draft, [40, 110]);
      return after(draft, leftT);
    },
  },
];
