import type { MonoMs } from '#contract/clock.ts';

/** Metres on the map. */
export type HallPoint = readonly [number, number];
export type HallLine = readonly [HallPoint, HallPoint];

export interface HallDoor {
  readonly name: string;
  readonly line: HallLine;
  /** Opens and closes by turns, beginning closed; it stays closed when absent. */
  readonly openS?: number | undefined;
  readonly closedS?: number | undefined;
}

export interface HallPlan {
  readonly walls: readonly HallLine[];
  readonly doors: readonly HallDoor[];
}

/** Something round that stands about. */
export interface Obstacle {
  readonly x: number;
  readonly y: number;
  readonly radiusM: number;
}

/** As much of a robot as takes up room. */
export interface Footprint {
  readonly x: number;
  readonly y: number;
  readonly theta: number;
  readonly radiusM: number;
}

/** Nothing farther away is seen. */
export const SIGHT_M = 5;
/** What stands this little beside the way of the hull is in it. */
const SIDE_M = 0.05;

/** What stands about a simulated robot. What it says is a function of its plan, the time, and what was put into it. */
export class Hall {
  readonly #plan: HallPlan;
  readonly #orders = new Map<string, 'open' | 'closed'>();
  #obstacles: readonly Obstacle[] = [];

  constructor(plan: HallPlan) {
    this.#plan = plan;
  }

  get doors(): readonly string[] {
    return this.#plan.doors.map(({ name }) => name);
  }

  /** `turns`: as its plan says. */
  setDoor(name: string, order: 'open' | 'closed' | 'turns'): void {
    if (order === 'turns') this.#orders.delete(name);
    else this.#orders.set(name, order);
  }

  put(obstacle: Obstacle): void {
    this.#obstacles = [...this.#obstacles, obstacle];
  }

  clear(): void {
    this.#obstacles = [];
  }

  /** Whether the hull would touch anything there. */
  touches({ x, y, radiusM }: Footprint, atMs: MonoMs): boolean {
    const isNear = ([from, to]: HallLine) => distanceM([x, y], from, to) < radiusM;
    return (
      this.#linesAt(atMs).some(isNear) ||
      this.#obstacles.some((it) => Math.hypot(it.x - x, it.y - y) < it.radiusM + radiusM)
    );
  }

  /** From the hull straight ahead to the first thing in its way, at most SIGHT_M; Infinity beyond. */
  aheadM(robot: Footprint, atMs: MonoMs): number {
    const halfM = robot.radiusM + SIDE_M;
    const centres = [
      ...this.#linesAt(atMs).map(([from, to]) =>
        lineAheadM(inFrontOf(robot, from), inFrontOf(robot, to), halfM),
      ),
      ...this.#obstacles.map(({ x, y, radiusM }) => roundAheadM(inFrontOf(robot, [x, y]), radiusM, halfM)),
    ];
    const nearest = Math.min(Number.POSITIVE_INFINITY, ...centres) - robot.radiusM;
    return nearest <= SIGHT_M ? Math.max(0, nearest) : Number.POSITIVE_INFINITY;
  }

  #linesAt(atMs: MonoMs): readonly HallLine[] {
    const shut = this.#plan.doors.filter((door) => !this.#isOpen(door, atMs)).map(({ line }) => line);
    return [...this.#plan.walls, ...shut];
  }

  #isOpen({ name, openS, closedS }: HallDoor, atMs: MonoMs): boolean {
    const order = this.#orders.get(name);
    if (order !== undefined) return order === 'open';
    if (openS === undefined || closedS === undefined) return false;
    return (atMs / 1000) % (openS + closedS) >= closedS;
  }
}

/** In the robot's own frame: x forwards from its middle, y to the left. */
function inFrontOf({ x, y, theta }: Footprint, [px, py]: HallPoint): HallPoint {
  const [dx, dy] = [px - x, py - y];
  return [dx * Math.cos(theta) + dy * Math.sin(theta), dy * Math.cos(theta) - dx * Math.sin(theta)];
}

/** How far ahead the part of a line begins that lies within `halfM` of the way; Infinity when none does. */
function lineAheadM([x1, y1]: HallPoint, [x2, y2]: HallPoint, halfM: number): number {
  const xAt = (y: number) => (y1 === y2 ? x1 : x1 + ((y - y1) / (y2 - y1)) * (x2 - x1));
  const low = Math.max(-halfM, Math.min(y1, y2));
  const high = Math.min(halfM, Math.max(y1, y2));
  if (low > high) return Number.POSITIVE_INFINITY;
  const ends = y1 === y2 ? [x1, x2] : [xAt(low), xAt(high)];
  const ahead = ends.filter((x) => x >= 0);
  if (ahead.length === 0) return Number.POSITIVE_INFINITY;
  return ahead.length < ends.length ? 0 : Math.min(...ahead);
}

function roundAheadM([x, y]: HallPoint, radiusM: number, halfM: number): number {
  if (x < 0 || Math.abs(y) > halfM + radiusM) return Number.POSITIVE_INFINITY;
  const asideM = Math.max(0, Math.abs(y) - halfM);
  return Math.max(0, x - Math.sqrt(radiusM * radiusM - asideM * asideM));
}

function distanceM([x, y]: HallPoint, [x1, y1]: HallPoint, [x2, y2]: HallPoint): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const long = dx * dx + dy * dy;
  const share = long === 0 ? 0 : Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / long));
  return Math.hypot(x1 + share * dx - x, y1 + share * dy - y);
}
