import type { Pose } from '../../ports/base.ts';

export interface Twist {
  readonly linearMps: number;
  readonly angularRadps: number;
}

export interface SteeringLimits {
  readonly maxMps: number;
  readonly turnRadps: number;
  readonly brakeMps2: number;
}

export const STANDING: Twist = { linearMps: 0, angularRadps: 0 };
/** At the goal within this, by place and by heading. */
const AT_M = 0.04;
const AT_RAD = 0.03;
/** Nearer than this to its last place, it only turns. */
const NEAR_M = 0.08;
/** A place on the way counts as passed within this. */
const PASSED_M = 0.15;
/** Farther off its course than this, it turns on the spot first. */
const COURSE_RAD = 0.4;
/** Radians a second for each radian that it is off: settled within about a second, without swinging over. */
const TURN_GAIN = 2.5;
/** A share of what the brakes can do, so that they need not. */
const GENTLE = 0.6;
const LEAST_MPS = 0.05;

/**
 * How a differential drive goes on along a way, or that it has passed the first place of it. Turning on the spot needs
 * no permission to move forwards. Pure.
 */
export function steer(at: Pose, way: readonly Pose[], limits: SteeringLimits): Twist | 'passed' {
  const [goal, after] = way;
  if (goal === undefined) return 'passed';
  const awayM = Math.hypot(goal.x - at.x, goal.y - at.y);
  if (after !== undefined)
    return awayM <= PASSED_M ? 'passed' : towards(at, goal, rollOutM(at, goal, after), limits);
  const offRad = turned(goal.theta - at.theta);
  if (awayM <= AT_M && Math.abs(offRad) <= AT_RAD) return 'passed';
  if (awayM <= (Math.abs(offRad) <= AT_RAD ? AT_M : NEAR_M))
    return { linearMps: 0, angularRadps: turn(offRad, limits) };
  return towards(at, goal, awayM, limits);
}

function towards(at: Pose, goal: Pose, leftM: number, limits: SteeringLimits): Twist {
  const offRad = turned(Math.atan2(goal.y - at.y, goal.x - at.x) - at.theta);
  const angularRadps = turn(offRad, limits);
  if (Math.abs(offRad) > COURSE_RAD) return { linearMps: 0, angularRadps };
  const braking = Math.sqrt(2 * limits.brakeMps2 * GENTLE * leftM);
  const wanted = Math.max(LEAST_MPS, braking * Math.cos(offRad));
  return { linearMps: Math.min(limits.maxMps, wanted), angularRadps };
}

/** It slows down before a place at which it must turn. */
function rollOutM(at: Pose, goal: Pose, after: Pose): number {
  const leg = Math.atan2(goal.y - at.y, goal.x - at.x);
  const next = Math.atan2(after.y - goal.y, after.x - goal.x);
  if (Math.abs(turned(next - leg)) < COURSE_RAD) return Number.POSITIVE_INFINITY;
  return Math.hypot(goal.x - at.x, goal.y - at.y);
}

const turn = (offRad: number, { turnRadps }: SteeringLimits): number =>
  Math.max(-turnRadps, Math.min(turnRadps, TURN_GAIN * offRad));

/** Into -π to π. */
export const turned = (rad: number): number => Math.atan2(Math.sin(rad), Math.cos(rad));
