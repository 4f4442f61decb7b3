import type { Brush, Span } from './brush.ts';
import type { Dice } from './random.ts';

export type ThingShape = 'backpack' | 'suitcase' | 'box' | 'sack' | 'holdall';

/** Something that can be carried and left; metres and grey levels. */
export interface Thing {
  readonly name: string;
  readonly shape: ThingShape;
  readonly widthM: number;
  readonly heightM: number;
  readonly level: number;
  /** Straps, locks, labels. */
  readonly accent: number;
  /** Pulled on wheels rather than carried. */
  readonly isRolled: boolean;
}

/** Height and width over height that each shape comes in. */
const SIZES = {
  backpack: { heightM: [0.4, 0.55], aspect: [0.65, 0.8] },
  suitcase: { heightM: [0.5, 0.75], aspect: [0.6, 0.72] },
  box: { heightM: [0.28, 0.5], aspect: [0.9, 1.5] },
  sack: { heightM: [0.3, 0.45], aspect: [0.75, 1] },
  holdall: { heightM: [0.26, 0.36], aspect: [1.5, 2] },
} as const satisfies Record<
  ThingShape,
  { heightM: readonly [number, number]; aspect: readonly [number, number] }
>;

const SHAPES = ['backpack', 'suitcase', 'box', 'sack', 'holdall'] as const;

/** Something to leave, not yet of any level: that depends on where it is put. */
export function anyThing(
  dice: Dice,
  name: string,
  shape: ThingShape = dice.one(SHAPES),
): Omit<Thing, 'level' | 'accent'> {
  const { heightM, aspect } = SIZES[shape];
  const tall = dice.between(heightM[0], heightM[1]);
  const isRolled = shape === 'suitcase' && dice.chance(0.6);
  return { name, shape, widthM: tall * dice.between(aspect[0], aspect[1]), heightM: tall, isRolled };
}

/** Draws `thing` with the middle of its lower edge at a pixel. */
export function drawThing(brush: Brush, thing: Thing, column: number, row: number, pxPerM: number): void {
  const wide = thing.widthM * pxPerM;
  const tall = thing.heightM * pxPerM;
  const { level, accent } = thing;
  const part = (left: number, top: number, right: number, bottom: number): Span => ({
    left: column + left * wide,
    right: column + right * wide,
    top: row - top * tall,
    bottom: row - bottom * tall,
  });
  const body = { level, roundness: 0.14 };
  if (thing.shape === 'box') {
    brush.box(part(-0.5, 0.86, 0.5, 0), body);
    brush.box(part(-0.44, 1, 0.5, 0.84), { level: level * 1.14 + 6 });
    brush.box(part(-0.06, 0.86, 0.06, 0), { level: accent });
    return;
  }
  if (thing.shape === 'suitcase') {
    brush.capsule(
      column - 0.2 * wide,
      row - tall,
      column + 0.2 * wide,
      row - tall,
      0.03 * wide,
      0.03 * wide,
      { level: accent },
    );
    brush.box(part(-0.5, 0.92, 0.5, 0.03), body);
    for (const at of [-0.25, 0, 0.25])
      brush.box(part(at - 0.03, 0.85, at + 0.03, 0.1), { level: level * 0.85 });
    return;
  }
  const top = thing.shape === 'sack' ? 0.34 : 0.42;
  const lower = row - 0.3 * tall;
  const r = Math.min(0.5 * wide, 0.32 * tall);
  brush.capsule(column - 0.5 * wide + r, lower, column + 0.5 * wide - r, lower, r, r, body);
  brush.capsule(
    column,
    lower,
    column,
    row - tall + top * 0.5 * wide,
    0.46 * Math.min(wide, tall),
    top * Math.min(wide, tall),
    body,
  );
  if (thing.shape === 'sack')
    brush.capsule(column, row - 0.8 * tall, column + 0.12 * wide, row - tall, 0.05 * wide, 0.03 * wide, {
      level: accent,
    });
  else {
    brush.box(part(-0.3, 0.48, 0.3, 0.16), { level: level * 0.84 });
    brush.box(part(-0.28, 0.5, 0.28, 0.45), { level: accent });
  }
}

/** The darkening where it touches the floor. */
export function drawContactShadow(
  brush: Brush,
  thing: Thing,
  column: number,
  row: number,
  pxPerM: number,
): void {
  const wide = thing.widthM * pxPerM;
  brush.ellipse(column, row, 0.62 * wide, Math.max(1, 0.16 * wide), { gain: 0.72 }, 0.7);
}

export interface Car {
  readonly lengthM: number;
  readonly level: number;
}

/** Draws a car seen from the side, with the middle of its lower edge at a pixel. */
export function drawCar(
  brush: Brush,
  { lengthM, level }: Car,
  column: number,
  row: number,
  pxPerM: number,
): void {
  const long = lengthM * pxPerM;
  const at = (x: number, y: number): [number, number] => [column + x * long, row - y * pxPerM];
  brush.ellipse(column, row - 0.05 * pxPerM, 0.52 * long, 0.16 * pxPerM, { gain: 0.55 }, 0.4);
  const [left, low] = at(-0.44, 0.52);
  const [right] = at(0.44, 0.52);
  brush.capsule(left, low, right, low, 0.3 * pxPerM, 0.28 * pxPerM, { level });
  const [cabinLeft, cabin] = at(-0.2, 1.1);
  const [cabinRight] = at(0.14, 1.1);
  brush.capsule(cabinLeft, cabin, cabinRight, cabin, 0.36 * pxPerM, 0.34 * pxPerM, { level: level * 0.95 });
  brush.capsule(cabinLeft, cabin, cabinRight, cabin, 0.22 * pxPerM, 0.2 * pxPerM, { level: 52 });
  for (const x of [-0.3, 0.3]) {
    const [wheel, hub] = at(x, 0.3);
    brush.ellipse(wheel, hub, 0.31 * pxPerM, 0.31 * pxPerM, { level: 24 });
    brush.ellipse(wheel, hub, 0.16 * pxPerM, 0.16 * pxPerM, { level: 130 });
  }
}
