import pointInPolygon from 'point-in-polygon-hao';
import { orient2d } from 'robust-predicates';

/** A point on a map: metres from its origin, x and y as in VDA 5050 (counter-clockwise angles). */
export type MapPoint = readonly [number, number];

export interface OutlineProblem {
  readonly message: string;
  readonly hint: string;
}

/** What keeps corners from going once around an area; null when they do. */
export function outlineProblem(polygon: readonly MapPoint[]): OutlineProblem | null {
  const sides = sidesOf(polygon);
  const twice = sides.findIndex(({ from, to }) => from[0] === to[0] && from[1] === to[1]);
  if (twice >= 0) {
    const at = ((twice + 1) % polygon.length) + 1;
    return {
      message: `has a corner twice: number ${at} repeats the one before it`,
      hint: 'leave it out; an outline closes by itself',
    };
  }
  const [first] = sides;
  if (first === undefined || sides.every(({ to }) => turn(first.from, first.to, to) === 0)) {
    return { message: 'has no area: all its corners are on one line', hint: 'move a corner off the line' };
  }
  return crossing(sides);
}

function crossing(sides: readonly Side[]): OutlineProblem | null {
  for (const [a, one] of sides.entries()) {
    for (const [b, other] of sides.entries()) {
      if (b <= a || !meets(one, other, neighbours(a, b, sides.length))) continue;
      return {
        message: `crosses itself: the side after corner ${a + 1} meets the side after corner ${b + 1}`,
        hint: 'name the corners in order around the zone, once',
      };
    }
  }
  return null;
}

/** Inside or on the outline. */
export const isInside = (point: MapPoint, polygon: readonly MapPoint[]): boolean =>
  pointInPolygon([...point], [closed(polygon)]) !== false;

/** A part of a straight line that no outline crosses. */
export interface Piece {
  /** Of the whole line, 0 to 1. */
  readonly share: number;
  readonly middle: MapPoint;
}

/** The straight line from `from` to `to`, cut wherever it crosses one of the outlines. */
export function piecesOf(from: MapPoint, to: MapPoint, polygons: readonly (readonly MapPoint[])[]): Piece[] {
  const cuts = [0, 1];
  for (const side of polygons.flatMap(sidesOf)) {
    const at = cutAt(from, to, side);
    if (at !== null) cuts.push(at);
  }
  cuts.sort((a, b) => a - b);
  return cuts.slice(1).flatMap((end, index) => {
    const start = cuts[index] ?? 0;
    return end > start ? [{ share: end - start, middle: between(from, to, (start + end) / 2) }] : [];
  });
}

/** Which share of the straight line from `from` to `to` lies in the polygon, 0 to 1. */
export const shareInside = (from: MapPoint, to: MapPoint, polygon: readonly MapPoint[]): number =>
  piecesOf(from, to, [polygon])
    .filter(({ middle }) => isInside(middle, polygon))
    .reduce((sum, { share }) => sum + share, 0);

export const distance = (a: MapPoint, b: MapPoint): number => Math.hypot(b[0] - a[0], b[1] - a[1]);

/** The length of a line through all of the points. */
export const lengthOf = (line: readonly MapPoint[]): number =>
  line.reduce((sum, point, index) => sum + distance(line[index - 1] ?? point, point), 0);

/** The point that `share` (0 to 1) of the way from `a` to `b` leads to. */
export const between = (a: MapPoint, b: MapPoint, share: number): MapPoint => [
  a[0] + (b[0] - a[0]) * share,
  a[1] + (b[1] - a[1]) * share,
];

interface Side {
  readonly from: MapPoint;
  readonly to: MapPoint;
}

const sidesOf = (polygon: readonly MapPoint[]): Side[] =>
  polygon.map((from, index) => ({ from, to: polygon[(index + 1) % polygon.length] ?? from }));

/** Where along `from`–`to` a side is crossed, as a share; null where it is not, or runs along it. */
function cutAt(from: MapPoint, to: MapPoint, side: Side): number | null {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const [ex, ey] = [side.to[0] - side.from[0], side.to[1] - side.from[1]];
  const det = dx * ey - dy * ex;
  if (det === 0) return null;
  const [fx, fy] = [side.from[0] - from[0], side.from[1] - from[1]];
  const along = (fx * ey - fy * ex) / det;
  const across = (fx * dy - fy * dx) / det;
  return along > 0 && along < 1 && across >= 0 && across <= 1 ? along : null;
}

type Neighbours = 'in-order' | 'around-the-end' | 'apart';

function neighbours(a: number, b: number, count: number): Neighbours {
  if (b === a + 1) return 'in-order';
  return a === 0 && b === count - 1 ? 'around-the-end' : 'apart';
}

/** Whether two sides have a point in common that they should not have. */
function meets(one: Side, other: Side, as: Neighbours): boolean {
  if (as === 'in-order') return turnsBack(one, other);
  if (as === 'around-the-end') return turnsBack(other, one);
  const across = turn(one.from, one.to, other.from) * turn(one.from, one.to, other.to);
  const along = turn(other.from, other.to, one.from) * turn(other.from, other.to, one.to);
  if (across < 0 && along < 0) return true;
  return isOn(one, other.from) || isOn(one, other.to) || isOn(other, one.from) || isOn(other, one.to);
}

/** Whether `next`, which begins where `side` ends, runs back along it. */
const turnsBack = (side: Side, next: Side): boolean => isOn(side, next.to) || isOn(next, side.from);

const turn = (a: MapPoint, b: MapPoint, c: MapPoint): number =>
  Math.sign(orient2d(a[0], a[1], b[0], b[1], c[0], c[1]));

function isOn({ from, to }: Side, point: MapPoint): boolean {
  return (
    turn(from, to, point) === 0 &&
    point[0] >= Math.min(from[0], to[0]) &&
    point[0] <= Math.max(from[0], to[0]) &&
    point[1] >= Math.min(from[1], to[1]) &&
    point[1] <= Math.max(from[1], to[1])
  );
}

function closed(polygon: readonly MapPoint[]): number[][] {
  const [first] = polygon;
  return first === undefined ? [] : [...polygon, first].map((point) => [...point]);
}
