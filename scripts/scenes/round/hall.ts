import { Dice } from '../random.ts';

/** Metres; x and y on the floor, z up. */
export interface Point3 {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** A solid with edges along the axes. `albedo` 0 to 1; `pattern` tells how its faces are painted. */
export interface Solid {
  readonly min: Point3;
  readonly max: Point3;
  readonly albedo: number;
  readonly pattern: 'plain' | 'stripes' | 'panels';
  /** Makes the paint of one solid differ from another's. */
  readonly seed: number;
}

/** A lamp under the ceiling. */
export interface Lamp extends Point3 {
  readonly power: number;
}

/** A hall with a floor, four walls, and things standing in it at many distances. */
export interface Hall {
  readonly length: number;
  readonly width: number;
  readonly height: number;
  readonly solids: readonly Solid[];
  readonly lamps: readonly Lamp[];
  readonly seed: number;
}

/** Where a robot parks, metres and radians. */
export interface Stop {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly theta: number;
}

/** A solid on the floor around (x, y). */
export function standing(
  [x, y]: readonly [number, number],
  [length, width, height]: readonly [number, number, number],
  albedo: number,
  pattern: Solid['pattern'],
  seed: number,
): Solid {
  return {
    min: { x: x - length / 2, y: y - width / 2, z: 0 },
    max: { x: x + length / 2, y: y + width / 2, z: height },
    albedo,
    pattern,
    seed,
  };
}

export const STOPS: readonly [Stop, Stop, Stop, Stop] = [
  { name: 'entrance', x: 1.5, y: 2.5, theta: 0.35 },
  { name: 'atrium', x: 8, y: 2, theta: 1.2 },
  { name: 'lifts', x: 14.5, y: 7.5, theta: -2.6 },
  { name: 'gallery', x: 6.5, y: 8.2, theta: -0.75 },
];

/** The same furniture at every seed but for its paint: pillars near and far, benches, bins, planters, a kiosk. */
export function hallOf(seed: number): Hall {
  const dice = new Dice(seed);
  const paint = (): number => dice.between(0.15, 0.8);
  const next = (): number => dice.whole(1, 1_000_000);
  const solid = (
    at: readonly [number, number],
    size: readonly [number, number, number],
    pattern: Solid['pattern'],
  ) => standing(at, size, paint(), pattern, next());
  return {
    length: 16,
    width: 10,
    height: 3.6,
    seed,
    solids: [
      solid([3.4, 4.9], [0.45, 0.45, 3.6], 'panels'),
      solid([7.5, 4.8], [0.45, 0.45, 3.6], 'panels'),
      solid([11.5, 4.9], [0.45, 0.45, 3.6], 'panels'),
      solid([6, 0.35], [1.8, 0.45, 0.45], 'stripes'),
      solid([10.5, 9.6], [1.8, 0.45, 0.45], 'stripes'),
      solid([15.5, 3.2], [0.5, 1.6, 0.45], 'stripes'),
      solid([13.3, 1.1], [1.2, 1.2, 1.1], 'panels'),
      solid([2.2, 9.4], [0.9, 0.9, 0.8], 'panels'),
      solid([9.6, 6.6], [0.35, 0.35, 0.8], 'plain'),
      solid([4.6, 7.6], [0.35, 0.35, 0.8], 'plain'),
      solid([12.3, 7.1], [0.5, 0.5, 0.6], 'stripes'),
      solid([8.3, 9.5], [0.6, 0.6, 1.8], 'panels'),
      solid([11.2, 0.5], [0.8, 0.5, 1.9], 'panels'),
      solid([0.4, 6.3], [0.5, 1.4, 1.1], 'stripes'),
    ],
    lamps: [3, 8, 13].flatMap((x) => [2.5, 7.5].map((y) => ({ x, y, z: 3.5, power: dice.between(5, 7) }))),
  };
}
