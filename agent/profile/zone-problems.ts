import pointInPolygon from 'point-in-polygon-hao';
import { orient2d } from 'robust-predicates';
import type { Point, Zone } from '#agent/ports/vision-zones.ts';
import type { ProfileProblem } from './problem.ts';

/** A problem before its file and line are looked up; `path` from the list of zones on, as `[2].polygon`. */
export type ZoneProblem = Pick<ProfileProblem, 'code' | 'path' | 'message' | 'hint'>;

/** What is wrong with the zones of a camera: their outlines, their sizes, and what they say together. */
export function zoneProblems(zones: readonly Zone[]): ZoneProblem[] {
  const alone = zones.flatMap((zone, index) => problemOfOne(zone, `[${index}]`) ?? []);
  return alone.length > 0 ? alone : problemsTogether(zones);
}

function problemOfOne(zone: Zone, path: string): ZoneProblem | null {
  const outline = outlineProblem(zone.polygon);
  if (outline !== null) return { code: 'WP2465', path: `${path}.polygon`, ...outline };
  if (samplesOf(zone.polygon).length < MIN_SAMPLES) {
    const hint = 'draw it larger: a thing is in a zone when the middle of its lower edge is';
    return { code: 'WP2466', path: `${path}.polygon`, message: 'is too small to hold a thing', hint };
  }
  return dwellProblem(zone, path);
}

function dwellProblem({ kind, dwellS }: Zone, path: string): ZoneProblem | null {
  if (kind === 'dwell' && dwellS === undefined) {
    const hint = 'give dwellS, the seconds alone before something in it is reported';
    return { code: 'WP2467', path, message: 'is of kind dwell and has no dwellS', hint };
  }
  if (kind !== 'ignore' || dwellS === undefined) return null;
  const hint = 'remove dwellS, or make it kind: dwell';
  return { code: 'WP2467', path: `${path}.dwellS`, message: 'is given though nothing in it is judged', hint };
}

type Outline = Pick<ZoneProblem, 'message' | 'hint'>;

/** What keeps corners from going once around an area; null when they do. */
export function outlineProblem(polygon: readonly Point[]): Outline | null {
  const sides = polygon.map((from, index) => ({ from, to: polygon[(index + 1) % polygon.length] ?? from }));
  const short = sides.findIndex(({ from, to }) => from[0] === to[0] && from[1] === to[1]);
  if (short >= 0) {
    const which =
      short === polygon.length - 1
        ? 'the last repeats the first'
        : `number ${short + 2} repeats the one before`;
    return { message: `has a corner twice: ${which}`, hint: 'leave it out; an outline closes by itself' };
  }
  if (sides.every(({ from, to }) => turn(sides[0]?.from ?? from, sides[0]?.to ?? to, to) === 0)) {
    return { message: 'has no area: all its corners are on one line', hint: 'move a corner off the line' };
  }
  for (let a = 0; a < sides.length; a++) {
    for (let b = a + 1; b < sides.length; b++) {
      if (meets(sides, a, b)) {
        const message = `crosses itself: the side after corner ${a + 1} meets the side after corner ${b + 1}`;
        return { message, hint: 'name the corners in order around the zone, once' };
      }
    }
  }
  return null;
}

interface Side {
  readonly from: Point;
  readonly to: Point;
}

/** Whether two sides have a point in common that they should not have. */
function meets(sides: readonly Side[], a: number, b: number): boolean {
  const first = sides[a];
  const second = sides[b];
  if (first === undefined || second === undefined) return false;
  if (b === a + 1) return turnsBack(first, second);
  if (a === 0 && b === sides.length - 1) return turnsBack(second, first);
  const across = turn(first.from, first.to, second.from) * turn(first.from, first.to, second.to);
  const along = turn(second.from, second.to, first.from) * turn(second.from, second.to, first.to);
  if (across < 0 && along < 0) return true;
  return (
    isOn(first, second.from) || isOn(first, second.to) || isOn(second, first.from) || isOn(second, first.to)
  );
}

/** Whether `next`, which begins where `side` ends, runs back along it. */
const turnsBack = (side: Side, next: Side): boolean => isOn(side, next.to) || isOn(next, side.from);

const turn = (a: Point, b: Point, c: Point): number =>
  Math.sign(orient2d(a[0], a[1], b[0], b[1], c[0], c[1]));

function isOn({ from, to }: Side, [x, y]: Point): boolean {
  return (
    turn(from, to, [x, y]) === 0 &&
    x >= Math.min(from[0], to[0]) &&
    x <= Math.max(from[0], to[0]) &&
    y >= Math.min(from[1], to[1]) &&
    y <= Math.max(from[1], to[1])
  );
}

/** A zone that leaves nothing of the others, or a picture that is not watched at all. */
function problemsTogether(zones: readonly Zone[]): ZoneProblem[] {
  const ignored = zones.filter(({ kind }) => kind === 'ignore').map(({ polygon }) => polygon);
  const problems = zones.flatMap((zone, index): ZoneProblem[] => {
    if (zone.kind === 'ignore' || !samplesOf(zone.polygon).every((at) => isInOne(at, ignored))) return [];
    const hint =
      'nothing in an ignore zone is judged, whatever else covers it: make that one smaller, or remove this';
    return [{ code: 'WP2467', path: `[${index}].polygon`, message: 'lies wholly within ignore zones', hint }];
  });
  if (problems.length > 0 || zones.some(({ kind }) => kind === 'watch')) return problems;
  if (ignored.length === 0 || !samplesOf(WHOLE).every((at) => isInOne(at, ignored))) return [];
  const index = zones.findIndex(({ kind }) => kind === 'ignore');
  const hint = 'leave some of the picture, or take the camera out of the profile';
  return [
    {
      code: 'WP2467',
      path: `[${index}].polygon`,
      message: 'with the others ignores the whole picture',
      hint,
    },
  ];
}

/** Samples are the cells of the grid that a picture 320 wide is judged on; a thing has at least four of them. */
const COLUMNS = 160;
const ROWS = 90;
const MIN_SAMPLES = 4;
const WHOLE: Point[] = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];

function samplesOf(polygon: readonly Point[]): Point[] {
  const samples: Point[] = [];
  const xs = polygon.map(([x]) => x);
  const ys = polygon.map(([, y]) => y);
  for (let row = Math.floor(Math.min(...ys) * ROWS); row < Math.max(...ys) * ROWS; row++) {
    for (let column = Math.floor(Math.min(...xs) * COLUMNS); column < Math.max(...xs) * COLUMNS; column++) {
      const at: Point = [(column + 0.5) / COLUMNS, (row + 0.5) / ROWS];
      if (isInOne(at, [polygon])) samples.push(at);
    }
  }
  return samples;
}

/** A point on an edge counts as inside. */
const isInOne = (at: Point, polygons: readonly (readonly Point[])[]): boolean =>
  polygons.some((polygon) => pointInPolygon([...at], [closed(polygon)]) !== false);

function closed(polygon: readonly Point[]): number[][] {
  const first = polygon[0];
  return first === undefined ? [] : [...polygon, first].map((point) => [...point]);
}
