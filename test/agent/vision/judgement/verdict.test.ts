import t from 'tap';
import { figureOf, type Verdict, verdictOn } from '#agent/vision/judgement/verdict.ts';
import { DEFAULT_SETTINGS } from '#agent/vision/settings.ts';
import type { Component } from '#agent/vision/tracking/components.ts';
import { PersonScale } from '#agent/vision/tracking/person-scale.ts';
import type { Appearance, Attendance } from '#agent/vision/tracking/track.ts';
import { HEIGHT, WIDTH } from '../picture-maker.ts';
import { block, trackOf } from './track-maker.ts';

/** A bag: dark, sharp, of more than one level. */
const BAG: Appearance = {
  edgeRatio: 3,
  edgeOverRing: 3,
  contrast: 40,
  ringContrast: 10,
  ringForeground: 0,
  textureCorrelation: 0,
  gain: 0.6,
  gainSpread: 0.6,
};

const scale = new PersonScale(WIDTH, HEIGHT);
const person = scale.heightAt(100);
const even = (share: number) => 2 * Math.round((share * person) / 2);

function judged(look: Partial<Appearance>, component: Component, known: Partial<Attendance> = {}): Verdict {
  const track = trackOf(component);
  track.attendance = {
    ...{
      members: new Set(),
      owners: new Set(),
      ownerLook: null,
      besideSince: new Map(),
      aroundSince: new Map(),
    },
    ...{ broughtWithin: 0.2, liftPx: 0, cameOutOf: false, walkedIn: false, walkedOff: true, nearT: 4 },
    ...{ nearSince: null, ownerT: 4, ownerDistance: null, nearestDistance: null, openUntilT: null, leftT: 6 },
    ...known,
  };
  return verdictOn(track, { ...BAG, ...look }, figureOf(track, scale), DEFAULT_SETTINGS, false);
}
const bag = block(60, 100, even(0.25), even(0.3));
const kindOf = (...args: Parameters<typeof judged>) => judged(...args).kind;

t.test(
  'shade and sun are lit by one factor within a soft border; a thing has an edge, or is of many levels',
  async (t) => {
    const soft = { edgeRatio: 1.2, gainSpread: 0.1 };
    t.equal(kindOf(BAG, bag), 'object');
    t.equal(kindOf(soft, bag), 'shade');
    t.equal(kindOf({ ...soft, gain: 1.6 }, bag), 'shade', 'sun');
    t.equal(kindOf({ ...soft, edgeRatio: 2 }, bag), 'object', 'even, but sharp: a box');
    t.equal(kindOf({ ...soft, gainSpread: 0.6 }, bag), 'object', 'soft, but of many levels');
    t.equal(kindOf({ ...soft, gain: 0.2 }, bag), 'object', 'darker than any shade');
    t.equal(
      kindOf({ edgeRatio: 2, gainSpread: 0.2, textureCorrelation: 0.7 }, bag),
      'shade',
      'the floor shows through',
    );
  },
);

t.test(
  'a streak that covers little of its rectangle is light, unless its edges are those of a thing',
  async (t) => {
    const cells = bag.cells.filter((_, at) => at % 5 === 0);
    const streak = { ...bag, cells, areaPx: cells.length * 4 };
    t.equal(kindOf({ edgeRatio: 1.4 }, streak), 'shade');
    t.equal(kindOf({ edgeRatio: 2 }, streak), 'object');
  },
);

t.test('the same lines with light and dark exchanged are a poster, a screen or a door', async (t) => {
  t.equal(kindOf({ textureCorrelation: -0.9 }, bag), 'panel');
  t.equal(kindOf({ textureCorrelation: -0.5 }, bag), 'object');
});

t.test(
  'out of what somebody came is a door where it is tall, and what they had with them where it is not',
  async (t) => {
    const tall = block(60, 100, even(0.3), even(0.62));
    t.equal(kindOf(BAG, tall), 'object');
    t.equal(kindOf(BAG, tall, { cameOutOf: true }), 'panel');
    t.equal(kindOf(BAG, bag, { cameOutOf: true }), 'object');
  },
);

t.test('what nobody can carry is no luggage', async (t) => {
  t.equal(kindOf(BAG, block(60, 100, even(0.4), even(0.74))), 'large');
  t.equal(kindOf(BAG, block(30, 100, even(0.9), even(0.28))), 'large');
  t.equal(kindOf(BAG, block(60, 100, even(0.6), even(0.3))), 'object', 'a holdall');
  t.equal(kindOf(BAG, block(30, 100, even(0.95), even(0.15))), 'object', 'skis in their bag');
});
