import { Brush } from './brush.ts';
import { Optics, type Size, type View } from './optics.ts';
import type { Dice } from './random.ts';

export type StageKind = 'hall' | 'street';
type FloorKind = 'tiles' | 'carpet' | 'plain' | 'planks' | 'asphalt' | 'paving';

/** Something fixed that hides what is behind it. */
export interface Occluder {
  /** Distance of its foot from the camera in metres. */
  readonly z: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Bench {
  readonly x: number;
  readonly z: number;
  readonly widthM: number;
}

/** Where everything happens: the empty place and the camera that looks at it. */
export interface Stage {
  readonly kind: StageKind;
  readonly optics: Optics;
  /** Grey levels of the empty place, in the light it is designed in. */
  readonly base: Float32Array;
  readonly occluders: readonly Occluder[];
  readonly bench: Bench | null;
  /** Distance of the wall at the back, in metres. */
  readonly wallZ: number;
  /** Polished or wet: people are mirrored in it, by this share. */
  readonly gloss: number;
}

export interface StageWish {
  readonly kind?: StageKind;
  readonly hasBench?: boolean;
  readonly hasPillar?: boolean;
  /** Seen from higher up, so that much floor is in view. */
  readonly isWide?: boolean;
  /** Else one of the usual. */
  readonly size?: Size;
}

const SIZES: readonly [Size, ...Size[]] = [
  { width: 320, height: 180 },
  { width: 320, height: 240 },
  { width: 320, height: 180 },
  { width: 256, height: 192 },
  { width: 384, height: 216 },
];

/** A place of its own for every seed. */
export function anyStage(dice: Dice, wish: StageWish = {}): Stage {
  const kind = wish.kind ?? (dice.chance(0.65) ? 'hall' : 'street');
  const optics = new Optics(wish.size ?? dice.one(SIZES), anyView(dice, wish));
  const wallZ = wallOf(optics, dice);
  const base = new Float32Array(optics.size.width * optics.size.height);
  paintFloorAndWall(base, optics, wallZ, kind, dice);
  const brush = new Brush(base, optics.size);
  furnishWall(brush, optics, wallZ, kind, dice);
  const bench = wish.hasBench === true ? paintBench(brush, optics, dice) : null;
  const occluders = wish.hasPillar === true ? [paintPillar(brush, optics, dice)] : [];
  return {
    kind,
    optics,
    base,
    occluders,
    bench,
    wallZ,
    gloss: kind === 'hall' && dice.chance(0.3) ? 0.14 : 0,
  };
}

function anyView(dice: Dice, { isWide }: StageWish): View {
  if (isWide === true) {
    return {
      heightM: dice.between(4, 5.2),
      focalShare: dice.between(0.72, 0.9),
      horizonShare: dice.between(-0.1, 0.12),
    };
  }
  return {
    heightM: dice.between(2.4, 4.4),
    focalShare: dice.between(0.75, 1.15),
    horizonShare: dice.between(-0.15, 0.2),
  };
}

/** The wall begins in the upper half of the picture, and no nearer than five metres. */
function wallOf(optics: Optics, dice: Dice): number {
  const row = optics.size.height * dice.between(0.22, 0.42);
  const least = 12;
  return Math.min(25, Math.max(5, optics.groundAt(0, Math.max(row, optics.horizon + least)).z));
}

function paintFloorAndWall(
  base: Float32Array,
  optics: Optics,
  wallZ: number,
  kind: StageKind,
  dice: Dice,
): void {
  const { width, height } = optics.size;
  const wallRow = optics.rowOf(wallZ);
  const floorAt = anyFloor(kind, dice);
  const wallLevel = dice.between(95, 185);
  const grain = dice.between(1, 3.5);
  const slope = dice.between(-14, 14);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const level =
        row < wallRow
          ? wallLevel + (slope * column) / width + (row > wallRow - 3 ? -30 : 0)
          : floorLevel(optics, column, row, floorAt);
      base[row * width + column] = level + grain * dice.normal();
    }
  }
}

/** Sampled at four points of the pixel, so that far tiles melt into one another instead of flickering. */
function floorLevel(
  optics: Optics,
  column: number,
  row: number,
  floorAt: (x: number, z: number) => number,
): number {
  let sum = 0;
  for (const [across, down] of [
    [0.25, 0.25],
    [0.75, 0.25],
    [0.25, 0.75],
    [0.75, 0.75],
  ] as const) {
    const { x, z } = optics.groundAt(column + across, row + down);
    sum += floorAt(x, z);
  }
  return sum / 4;
}

const FLOORS = {
  hall: ['tiles', 'tiles', 'carpet', 'plain', 'planks'],
  street: ['asphalt', 'paving', 'asphalt'],
} as const satisfies Record<StageKind, readonly [FloorKind, ...FloorKind[]]>;

/** The level of the floor at a place; x and z in metres. */
function anyFloor(kind: StageKind, dice: Dice): (x: number, z: number) => number {
  const level = dice.between(75, 175);
  const floor: FloorKind = dice.one<FloorKind>(FLOORS[kind]);
  const [phaseX, phaseZ] = [dice.between(0, 9), dice.between(0, 9)];
  const slope = dice.between(-1.5, 1.5);
  if (floor === 'tiles' || floor === 'paving') {
    const size = floor === 'tiles' ? dice.between(0.4, 0.9) : dice.between(0.3, 0.6);
    const [checker, joint] = [dice.between(0, 14), dice.between(6, 26)];
    return (x, z) => {
      const [u, v] = [x / size + phaseX, z / size + phaseZ];
      const isJoint = u - Math.floor(u) < 0.06 || v - Math.floor(v) < 0.06;
      const isDark = (Math.floor(u) + Math.floor(v)) % 2 === 0;
      return level + slope * z + (isJoint ? -joint : isDark ? -checker : 0);
    };
  }
  if (floor === 'planks') {
    return (x, z) => {
      const u = x / 0.14 + phaseX;
      const board = Math.floor(u);
      return (
        level +
        slope * z +
        7 * Math.sin(board * 12.9898) +
        (u - board < 0.1 ? -14 : 0) +
        2 * Math.sin(z * 3 + board)
      );
    };
  }
  const [rough, patch] = floor === 'plain' ? [0, 2] : [5, 6];
  return (x, z) =>
    level +
    slope * z +
    rough * Math.sin(x * 31 + 7 * Math.sin(z * 17)) * Math.sin(z * 29 + x * 5) +
    patch * Math.sin(x * 1.7 + phaseX) * Math.cos(z * 1.3 + phaseZ);
}

/** Doors, posters and shop windows, or the windows of a house. */
function furnishWall(brush: Brush, optics: Optics, wallZ: number, kind: StageKind, dice: Dice): void {
  const pxPerM = optics.scaleAt(wallZ);
  const floorRow = optics.rowOf(wallZ);
  const { width } = optics.size;
  for (let column = dice.between(0, 0.1) * width; column < width; ) {
    const wideM = dice.between(0.9, 2.2);
    const isDoor = dice.chance(0.4);
    const [foot, top] = isDoor ? [0, 2.1] : kind === 'hall' ? [1.1, dice.between(1.8, 2.3)] : [0.9, 2.2];
    const level = dice.between(45, 215);
    const span = {
      left: column,
      right: column + wideM * pxPerM,
      top: floorRow - top * pxPerM,
      bottom: floorRow - foot * pxPerM,
    };
    brush.box(
      { left: span.left - 2, right: span.right + 2, top: span.top - 2, bottom: span.bottom },
      { level: level * 0.8 },
    );
    brush.box(span, { level, roundness: 0.1 });
    if (!isDoor) stripes(brush, span, level, dice);
    column += (wideM + dice.between(0.4, 2.5)) * pxPerM;
  }
}

function stripes(
  brush: Brush,
  { left, right, top, bottom }: { left: number; right: number; top: number; bottom: number },
  level: number,
  dice: Dice,
): void {
  for (let i = 0; i < 3; i++) {
    const y = top + ((i + 0.3) * (bottom - top)) / 3;
    brush.box(
      { left: left + 3, right: right - dice.between(3, 12), top: y, bottom: y + (bottom - top) / 8 },
      { level: level > 128 ? level - 55 : level + 55 },
    );
  }
}

function paintBench(brush: Brush, optics: Optics, dice: Dice): Bench {
  const { width, height } = optics.size;
  const { x, z } = optics.groundAt(width * dice.between(0.3, 0.7), height * dice.between(0.55, 0.72));
  const widthM = dice.between(1.5, 2);
  const pxPerM = optics.scaleAt(z);
  const [column, row] = [optics.columnOf({ x, z }), optics.rowOf(z)];
  const half = (widthM / 2) * pxPerM;
  const level = dice.between(50, 120);
  brush.ellipse(column, row, half, 0.12 * pxPerM, { gain: 0.7 }, 0.5);
  for (const at of [-0.9, 0.9]) {
    const leg = column + at * half;
    brush.box(
      { left: leg - 0.04 * pxPerM, right: leg + 0.04 * pxPerM, top: row - 0.42 * pxPerM, bottom: row },
      { level: level * 0.6 },
    );
  }
  brush.box(
    {
      left: column - half,
      right: column + half,
      top: row - BENCH_M * pxPerM,
      bottom: row - (BENCH_M - 0.09) * pxPerM,
    },
    { level },
  );
  return { x, z, widthM };
}

/** Height of a seat. */
export const BENCH_M = 0.46;

function paintPillar(brush: Brush, optics: Optics, dice: Dice): Occluder {
  const { width, height } = optics.size;
  const { x, z } = optics.groundAt(width * dice.between(0.25, 0.75), height * dice.between(0.72, 0.85));
  const half = dice.between(0.2, 0.32) * optics.scaleAt(z);
  const column = optics.columnOf({ x, z });
  const row = optics.rowOf(z);
  brush.ellipse(column, row, half * 1.3, half * 0.4, { gain: 0.75 }, 0.6);
  const span = { left: column - half, right: column + half, top: 0, bottom: row };
  brush.box(span, { level: dice.between(90, 190), roundness: 0.22 });
  return { z, ...span };
}
