import type { OutlineStep } from '#broker/print/font.ts';

/** From the upper end to the lower, in pixels; `winding` is 1 where the outline goes down there, -1 where it goes up. */
export interface Edge {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  readonly winding: 1 | -1;
}

type Point = readonly [x: number, y: number];

/** Straight pieces for each curve: at 40 pixels of height the error is below a tenth of one. */
const PIECES = 8;
/** Looks at each row of pixels. */
const SCANS = 4;

/** Outline of a glyph (y upwards) as edges in a picture (y downwards). */
export function edgesOf(
  steps: readonly OutlineStep[],
  { x, y, scale }: { readonly x: number; readonly y: number; readonly scale: number },
): Edge[] {
  const edges: Edge[] = [];
  let [start, at]: [Point, Point] = [
    [0, 0],
    [0, 0],
  ];
  const lineTo = (to: Point) => {
    const edge = edgeOf(at, to);
    if (edge !== null) edges.push(edge);
    at = to;
  };
  for (const { command, args } of steps) {
    const points = pointsOf(args).map(([px, py]): Point => [x + px * scale, y - py * scale]);
    if (command === 'closePath') lineTo(start);
    else if (command === 'moveTo') start = at = points[0] ?? at;
    else for (const point of curve([at, ...points])) lineTo(point);
  }
  return edges;
}

const pointsOf = (args: readonly number[]): Point[] =>
  args.flatMap((value, at) => (at % 2 === 0 ? [[value, args[at + 1] ?? 0] as const] : []));

/** A line, a quadratic or a cubic Bézier curve, by how many points it has (de Casteljau). */
function curve(points: readonly Point[]): Point[] {
  const last = points.at(-1);
  if (last === undefined || points.length <= 2) return last === undefined ? [] : [last];
  return Array.from({ length: PIECES }, (_, at) => between(points, (at + 1) / PIECES));
}

function between(points: readonly Point[], share: number): Point {
  const [first = [0, 0] as const, ...rest] = points;
  if (rest.length === 0) return first;
  const nearer = rest.map((to, at): Point => {
    const [fx, fy] = points[at] ?? to;
    return [fx + (to[0] - fx) * share, fy + (to[1] - fy) * share];
  });
  return between(nearer, share);
}

function edgeOf([ax, ay]: Point, [bx, by]: Point): Edge | null {
  if (ay === by) return null;
  return ay < by
    ? { x0: ax, y0: ay, x1: bx, y1: by, winding: 1 }
    : { x0: bx, y0: by, x1: ax, y1: ay, winding: -1 };
}

/** Fills what the outlines wind around (non-zero rule) with black, softened at the borders. */
export function fillEdges(
  edges: readonly Edge[],
  { width, height, data }: { readonly width: number; readonly height: number; readonly data: Uint8Array },
): void {
  for (let row = 0; row < height; row += 1) {
    const near = edges.filter(({ y0, y1 }) => y0 < row + 1 && y1 > row);
    if (near.length === 0) continue;
    const cover = new Float64Array(width);
    for (let scan = 0; scan < SCANS; scan += 1) addSpans(near, row + (scan + 0.5) / SCANS, cover);
    cover.forEach((covered, x) => {
      const was = data[row * width + x] ?? 255;
      if (covered > 0) data[row * width + x] = Math.round(was * (1 - Math.min(1, covered / SCANS)));
    });
  }
}

function addSpans(edges: readonly Edge[], y: number, cover: Float64Array): void {
  const crossings = edges
    .filter(({ y0, y1 }) => y0 <= y && y < y1)
    .map(({ x0, y0, x1, y1, winding }) => ({ x: x0 + ((x1 - x0) * (y - y0)) / (y1 - y0), winding }))
    .sort((a, b) => a.x - b.x);
  let winding = 0;
  let from = 0;
  for (const crossing of crossings) {
    if (winding !== 0) addSpan(from, crossing.x, cover);
    winding += crossing.winding;
    from = crossing.x;
  }
}

function addSpan(from: number, to: number, cover: Float64Array): void {
  const [left, right] = [Math.max(0, from), Math.min(cover.length, to)];
  for (let x = Math.floor(left); x < right; x += 1) {
    cover[x] = (cover[x] ?? 0) + Math.min(right, x + 1) - Math.max(left, x);
  }
}
