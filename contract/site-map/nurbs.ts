import type { MapPoint } from './geometry.ts';

export interface ControlPoint {
  readonly x: number;
  readonly y: number;
  /** How strongly it pulls; 1 where it is not said. */
  readonly weight?: number | undefined;
}

/** A NURBS as LIF and VDA 5050 write it: as many knots as control points + degree + 1, within 0 and 1, never falling. */
export interface Nurbs {
  readonly degree?: number | undefined;
  readonly knotVector: readonly number[];
  readonly controlPoints: readonly ControlPoint[];
}

/** The degree where none is said (LIF 1.0.0, trajectory). */
export const DEFAULT_DEGREE = 1;
/** Between two knots: a quarter circle of 10 m radius is then drawn to within a millimetre. */
const STEPS_PER_SPAN = 32;

/** What is wrong with a curve, or null. Shapes only: where it leads is judged elsewhere. */
export function nurbsProblem({ degree = DEFAULT_DEGREE, knotVector, controlPoints }: Nurbs): string | null {
  const wanted = controlPoints.length + degree + 1;
  if (controlPoints.length <= degree)
    return `has ${controlPoints.length} control points; degree ${degree} needs ${degree + 1}`;
  if (knotVector.length !== wanted)
    return `has ${knotVector.length} knots; ${controlPoints.length} control points of degree ${degree} need ${wanted}`;
  const falling = knotVector.findIndex((knot, index) => knot < (knotVector[index - 1] ?? knot));
  if (falling >= 0) return `has a knot vector that falls at number ${falling + 1}`;
  if (knotVector[degree] === knotVector[controlPoints.length]) return 'has a knot vector that spans nothing';
  return null;
}

/** Points along the curve, from its start to its end; the curve must be without a problem. */
export function curvePoints(curve: Nurbs): MapPoint[] {
  const { degree = DEFAULT_DEGREE, knotVector, controlPoints } = curve;
  const points: MapPoint[] = [];
  for (let span = degree; span < controlPoints.length; span++) {
    const from = knotVector[span] ?? 0;
    const to = knotVector[span + 1] ?? from;
    if (to === from) continue;
    const steps = degree === 1 ? 1 : STEPS_PER_SPAN;
    for (let step = points.length === 0 ? 0 : 1; step <= steps; step++) {
      points.push(pointAt(curve, span, from + ((to - from) * step) / steps));
    }
  }
  return points;
}

/** De Boor's algorithm in homogeneous coordinates (Piegl and Tiller, The NURBS Book, chapter 4). */
function pointAt(
  { degree = DEFAULT_DEGREE, knotVector, controlPoints }: Nurbs,
  span: number,
  u: number,
): MapPoint {
  const knot = (index: number) => knotVector[index] ?? 0;
  let row = controlPoints
    .slice(span - degree, span + 1)
    .map(({ x, y, weight = 1 }) => [x * weight, y * weight, weight] as const);
  for (let level = 1; level <= degree; level++) {
    const before = row;
    row = before.slice(1).map((point, index) => {
      const low = span - degree + level + index;
      const share = (u - knot(low)) / (knot(low + degree - level + 1) - knot(low));
      const last = before[index] ?? point;
      return [
        last[0] + (point[0] - last[0]) * share,
        last[1] + (point[1] - last[1]) * share,
        last[2] + (point[2] - last[2]) * share,
      ] as const;
    });
  }
  const [x, y, weight] = row[0] ?? [0, 0, 1];
  return [x / weight, y / weight];
}
