import { Watches, type WatchReport } from '#agent/ports/vision-watches.ts';
import { Detector } from '#agent/vision/detector.ts';
import type { SceneView } from '#agent/vision/scene-view.ts';
import { CameraWatches } from '#agent/vision/watches/watches.ts';
import { box, type Canvas, ellipse, frameOf, HEIGHT, randomFrom, room, WIDTH } from './hall.ts';

/** Somebody in the picture; `x` and `foot` in pixels. */
export interface Person {
  readonly x: number;
  readonly foot: number;
  /** Grey level of the coat. */
  readonly coat?: number;
  /** Seconds walked, for the swing of legs and arms; standing when absent. */
  readonly walked?: number;
}

/** How tall people are by the row of their feet, in pixels. */
export type Geometry = (foot: number) => number;

/** What the detector takes for granted before it has seen anybody. */
export const USUAL: Geometry = (foot) => 0.12 * HEIGHT + 0.35 * foot;

/** A silhouette of 0.15 squares of their height, as people have (Fanger 1970). */
export function drawPerson(canvas: Canvas, person: Person, geometry: Geometry): void {
  const { x, foot, coat = 45, walked } = person;
  const tall = geometry(foot);
  const swing = walked === undefined ? 0.04 : 0.12 * Math.sin(walked * 6);
  for (const side of [-1, 1]) {
    limb(canvas, x, foot - 0.48 * tall, x + side * swing * tall, foot, 0.035 * tall, 0.7 * coat);
    limb(
      canvas,
      x + side * 0.1 * tall,
      foot - 0.8 * tall,
      x + side * (0.13 - swing) * tall,
      foot - 0.42 * tall,
      0.025 * tall,
      coat,
    );
  }
  ellipse(canvas, x, foot - 0.65 * tall, 0.1 * tall, 0.2 * tall, coat);
  ellipse(canvas, x, foot - 0.92 * tall, 0.055 * tall, 0.075 * tall, 190);
}

function limb(
  canvas: Canvas,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  half: number,
  level: number,
): void {
  for (let step = 0; step <= 8; step++) {
    const [x, y] = [x0 + ((x1 - x0) * step) / 8, y0 + ((y1 - y0) * step) / 8];
    box(canvas, x - half, y - half, 2 * half, 2 * half, level);
  }
}

const HALL = room(11).map((level) => 120 + (level - 120) * 0.4);

export interface PlayOptions {
  readonly geometry?: Geometry;
  readonly framesPerSecond?: number;
  /** Inputs that close at this time. */
  readonly released?: (t: number) => readonly string[];
  readonly onView?: (view: SceneView) => void;
}

/** Plays people through the detector and the watches; answers what was reported. */
export function play(
  watches: object,
  durationS: number,
  peopleAt: (t: number) => readonly Person[],
  { geometry = USUAL, framesPerSecond = 5, released = () => [], onView }: PlayOptions = {},
): WatchReport[] {
  let id = 0;
  const detector = new Detector({ width: WIDTH, height: HEIGHT, dwellS: 600, newObjectId: () => `${++id}` });
  const watching = new CameraWatches(Watches.parse(watches));
  const reports: WatchReport[] = [];
  for (let index = 0; index < durationS * framesPerSecond; index++) {
    const t = index / framesPerSecond;
    const canvas = HALL.slice();
    const people = [...peopleAt(t)].sort((a, b) => a.foot - b.foot);
    for (const person of people) drawPerson(canvas, person, geometry);
    const frame = frameOf(canvas, t);
    for (const input of released(t)) watching.release(input);
    watching.lookAtPicture(frame);
    if (watching.isBlind) continue;
    detector.push(frame);
    const { view } = detector;
    onView?.(view);
    watching.lookAtScene(view);
    reports.push(...watching.take());
  }
  return reports;
}

/** From `from` to `to` in a straight line, beginning at `startS`; nobody before and after. */
export function walker(
  t: number,
  startS: number,
  from: readonly [number, number],
  to: readonly [number, number],
  { speed = 40, coat = 45 }: { speed?: number; coat?: number } = {},
): Person[] {
  const walked = t - startS;
  const durationS = Math.hypot(to[0] - from[0], to[1] - from[1]) / speed;
  if (walked < 0 || walked > durationS) return [];
  const share = walked / durationS;
  return [
    { x: from[0] + (to[0] - from[0]) * share, foot: from[1] + (to[1] - from[1]) * share, coat, walked },
  ];
}

export { HEIGHT, randomFrom, WIDTH };
