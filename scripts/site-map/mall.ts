import type { MapPoint } from '#contract/site-map/geometry.ts';
import type { FloorDrawing, Opening, Rectangle } from './mall-drawing.ts';

/** One storey of the example mall: 48 m by 30 m, a corridor all round an atrium, shops outside of it. */
export interface MallFloor {
  readonly id: string;
  readonly name: string;
  readonly level: number;
  readonly drawing: FloorDrawing;
  readonly waypoints: readonly Waypoint[];
  /** Both ways between two waypoints; `oneWay` only from the first to the second. */
  readonly ways: readonly (readonly [string, string, ('two-way' | 'one-way')?])[];
}

export interface Waypoint {
  readonly id: string;
  readonly name: string;
  readonly at: MapPoint;
  /** What a robot does there, as VDA 5050 names actions. */
  readonly action?: 'inspect' | 'startCharging' | 'wait';
}

const WIDTH_M = 48;
const HEIGHT_M = 30;
const SHOP_M = 7;
const SHOPS_ALONG = [0, 12, 24, 36] as const;

/** Four shops on each long side, with fronts 3 m wide towards the corridor. */
const shops: Rectangle[] = SHOPS_ALONG.flatMap((x): Rectangle[] => [
  [x, 0, 12, SHOP_M],
  [x, HEIGHT_M - SHOP_M, 12, SHOP_M],
]);
const fronts: Opening[] = SHOPS_ALONG.flatMap((x): Opening[] => [
  ['h', SHOP_M, x + 4.5, x + 7.5],
  ['h', HEIGHT_M - SHOP_M, x + 4.5, x + 7.5],
]);
const corridor: Rectangle = [0, SHOP_M - 0.2, WIDTH_M, HEIGHT_M - 2 * SHOP_M + 0.4];
/** What keeps the two halves of the corridor apart on the ground: planters, and the lift shaft. */
const LIFT: Rectangle = [22.5, 13.5, 3, 3];

const floorDrawing = (openings: readonly Opening[], solids: readonly Rectangle[]): FloorDrawing => ({
  widthM: WIDTH_M,
  heightM: HEIGHT_M,
  rooms: [corridor, ...shops],
  openings: [...fronts, ...openings],
  solids,
});

const GROUND: MallFloor = {
  id: 'central-mall-g',
  name: 'Ground floor',
  level: 0,
  drawing: floorDrawing(
    [
      ['v', 0.1, 13, 17],
      ['v', WIDTH_M - 0.1, 13, 17],
    ],
    [
      [8, 13.5, 6, 3],
      [34, 13.5, 6, 3],
      [LIFT[0], LIFT[1], LIFT[2], 0.2],
      [LIFT[0], LIFT[1], 0.2, LIFT[3]],
      [LIFT[0], LIFT[1] + LIFT[3] - 0.2, LIFT[2], 0.2],
    ],
  ),
  waypoints: [
    { id: 'g-west-gate', name: 'West gate', at: [2, 15], action: 'inspect' },
    { id: 'g-sw', name: 'Corridor south-west', at: [4, 9.5] },
    { id: 'g-atrium-s', name: 'Atrium south', at: [17, 9.5], action: 'inspect' },
    { id: 'g-s-middle', name: 'Corridor south', at: [30, 9.5] },
    { id: 'g-se', name: 'Corridor south-east', at: [44, 9.5] },
    { id: 'g-east-gate', name: 'East gate', at: [46, 15], action: 'inspect' },
    { id: 'g-ne', name: 'Corridor north-east', at: [44, 20.5] },
    { id: 'g-n-middle', name: 'Corridor north', at: [30, 20.5] },
    { id: 'g-atrium-n', name: 'Atrium north', at: [17, 20.5], action: 'inspect' },
    { id: 'g-nw', name: 'Corridor north-west', at: [4, 20.5] },
    { id: 'g-information', name: 'Information desk', at: [30, 15], action: 'wait' },
    { id: 'g-atrium', name: 'Atrium', at: [17, 15], action: 'inspect' },
    { id: 'g-lift', name: 'Lift, ground floor', at: [24.5, 15] },
    { id: 'g-lift-front', name: 'In front of the lift', at: [27.5, 15] },
    { id: 'g-dock', name: 'Charging dock', at: [6, 4], action: 'startCharging' },
    { id: 'g-dock-front', name: 'In front of the dock', at: [6, 9.5] },
    { id: 'g-pharmacy', name: 'Pharmacy', at: [42, 26], action: 'inspect' },
    { id: 'g-pharmacy-front', name: 'In front of the pharmacy', at: [42, 20.5] },
  ],
  ways: [
    ['g-west-gate', 'g-sw'],
    ['g-sw', 'g-dock-front'],
    ['g-dock-front', 'g-dock'],
    ['g-dock-front', 'g-atrium-s'],
    ['g-atrium-s', 'g-s-middle'],
    ['g-s-middle', 'g-se'],
    ['g-se', 'g-east-gate'],
    ['g-east-gate', 'g-ne'],
    ['g-ne', 'g-pharmacy-front'],
    ['g-pharmacy-front', 'g-pharmacy'],
    ['g-pharmacy-front', 'g-n-middle'],
    ['g-n-middle', 'g-atrium-n'],
    ['g-atrium-n', 'g-nw'],
    ['g-nw', 'g-west-gate'],
    ['g-atrium-s', 'g-atrium'],
    ['g-atrium', 'g-atrium-n'],
    ['g-s-middle', 'g-information'],
    ['g-information', 'g-n-middle'],
    ['g-information', 'g-lift-front'],
    ['g-lift-front', 'g-lift'],
  ],
};

const UPPER: MallFloor = {
  id: 'central-mall-1',
  name: 'First floor',
  level: 1,
  drawing: floorDrawing(
    [],
    [
      [8, 12, 12, 6],
      [28.5, 12, 12, 6],
      [LIFT[0], LIFT[1], LIFT[2], 0.2],
      [LIFT[0], LIFT[1], 0.2, LIFT[3]],
      [LIFT[0], LIFT[1] + LIFT[3] - 0.2, LIFT[2], 0.2],
    ],
  ),
  waypoints: [
    { id: 'u-west', name: 'Gallery west', at: [4, 15], action: 'inspect' },
    { id: 'u-sw', name: 'Gallery south-west', at: [4, 9.5] },
    { id: 'u-s-middle', name: 'Gallery south', at: [27, 9.5], action: 'inspect' },
    { id: 'u-se', name: 'Gallery south-east', at: [44, 9.5] },
    { id: 'u-east', name: 'Gallery east', at: [44, 15], action: 'inspect' },
    { id: 'u-ne', name: 'Gallery north-east', at: [44, 20.5] },
    { id: 'u-n-middle', name: 'Gallery north', at: [27, 20.5], action: 'inspect' },
    { id: 'u-nw', name: 'Gallery north-west', at: [4, 20.5] },
    { id: 'u-lift-front', name: 'In front of the lift', at: [27, 15] },
    { id: 'u-lift', name: 'Lift, first floor', at: [24.5, 15] },
    { id: 'u-cinema', name: 'Cinema', at: [6, 26], action: 'inspect' },
    { id: 'u-cinema-front', name: 'In front of the cinema', at: [6, 20.5] },
  ],
  ways: [
    ['u-west', 'u-sw', 'one-way'],
    ['u-sw', 'u-s-middle', 'one-way'],
    ['u-s-middle', 'u-se', 'one-way'],
    ['u-se', 'u-east', 'one-way'],
    ['u-east', 'u-ne', 'one-way'],
    ['u-ne', 'u-n-middle', 'one-way'],
    ['u-n-middle', 'u-cinema-front', 'one-way'],
    ['u-cinema-front', 'u-nw', 'one-way'],
    ['u-nw', 'u-west', 'one-way'],
    ['u-cinema-front', 'u-cinema'],
    ['u-s-middle', 'u-lift-front'],
    ['u-lift-front', 'u-n-middle'],
    ['u-lift-front', 'u-lift'],
  ],
};

export const MALL_FLOORS: readonly MallFloor[] = [GROUND, UPPER];
/** Both ways between the floors. */
export const MALL_LIFT = ['g-lift', 'u-lift'] as const;
