import type { MonoMs } from '#contract/clock.ts';
import type { BaseContact, Battery, DriveOutcome, Motion, Pose, Wheel } from '../../ports/base.ts';
import { Chance } from './chance.ts';
import type { SimBaseConfig } from './config.ts';
import { Hall } from './hall.ts';
import { PlaceError } from './place-error.ts';
import { STANDING, steer, type Twist, turned } from './steering.ts';

/** A step of the simulated world. */
const STEP_MS = 10;
const STEP_S = STEP_MS / 1000;
/** A bumper gives in before the hull touches: farther than the fastest robot goes in a step. */
const BUMPER_M = 0.05;
/** So far it backs out of its dock, and stands before it when it drives in. */
const DOCK_WAY_M = 0.5;
const UNDOCK_MPS = 0.2;
/** So near its dock it is in it. */
const DOCKED_M = 0.1;
/** How long odometry shows a push. */
const PUSHED_MS = 200;

export type SimWheel = 'left' | 'right';

/** What a drive under way is after; the electronics of the base know no more than this. */
interface Plan {
  way: readonly Pose[];
  /** Backwards from there, out of the dock. */
  readonly backFrom: Pose | null;
  maxMps: number;
  untilMs: MonoMs;
  readonly end: (outcome: DriveOutcome) => void;
}

/**
 * The truth of a simulated robot: two wheels, a hull, a battery, in a hall. Time passes in steps of 10 ms on its own
 * grid, however seldom it is asked, so that what it did does not depend on who looked when; its motors hold their last
 * command no longer than it was given for, though nobody runs. Everything in it comes from its configuration, its seed,
 * and what it was told when.
 */
export class SimBody {
  readonly hall: Hall;
  readonly #config: SimBaseConfig;
  readonly #chance: Chance;
  readonly #placeError: PlaceError;
  #atMs: MonoMs;
  #pose: Pose;
  #twist: Twist = STANDING;
  #commanded: readonly [number, number] = [0, 0];
  #measured: readonly [number, number] = [0, 0];
  #charge: number;
  #plan: Plan | null = null;
  #pushedUntilMs: MonoMs = Number.NEGATIVE_INFINITY;
  readonly #stuck = new Set<SimWheel>();
  readonly #held = { emergencyStop: false, bumper: false, lifted: false };
  isSilent = false;
  isBlind = false;
  tiltDeg = 0;

  constructor(config: SimBaseConfig, nowMs: MonoMs) {
    this.#config = config;
    const { map, x, y, theta } = config;
    this.#pose = { map, x, y, theta };
    this.#charge = config.battery?.charge ?? 1;
    this.#chance = new Chance(config.seed);
    this.#placeError = new PlaceError({ ...config.noise, chance: this.#chance });
    this.hall = new Hall(config);
    this.#atMs = Math.floor(nowMs / STEP_MS) * STEP_MS;
  }

  /** Where it is. */
  get pose(): Pose {
    return this.#pose;
  }

  get placeError(): PlaceError {
    return this.#placeError;
  }

  get motion(): Motion {
    const { linearMps, angularRadps } = this.#twist;
    const isPushed = this.#atMs < this.#pushedUntilMs;
    const isStill = !isPushed && this.#measured.every((mps) => Math.abs(mps) < 0.001);
    return { linearMps, angularRadps, isStill };
  }

  get wheels(): readonly Wheel[] {
    return [0, 1].map((index) => ({
      commandedMps: this.#commanded[index] ?? 0,
      measuredMps: this.#measured[index] ?? 0,
    }));
  }

  get battery(): Battery {
    return { charge: this.#charge, isCharging: this.isDocked };
  }

  /** Standing in its dock. */
  get isDocked(): boolean {
    const { dock } = this.#config;
    if (dock === undefined || this.#twist !== STANDING || this.#held.lifted) return false;
    return Math.hypot(dock.x - this.#pose.x, dock.y - this.#pose.y) <= DOCKED_M;
  }

  contact(name: 'emergencyStop' | 'bumper' | 'lifted'): BaseContact {
    const isTouched =
      name === 'bumper' && this.hall.touches(this.#footprint(this.#pose, BUMPER_M), this.#atMs);
    return this.#held[name] || isTouched ? 'pressed' : 'released';
  }

  /** To the first thing ahead. */
  get obstacleM(): number {
    return this.hall.aheadM(this.#footprint(this.#pose, 0), this.#atMs);
  }

  get isDriving(): boolean {
    return this.#plan !== null;
  }

  get isMoving(): boolean {
    return this.#plan !== null || this.#twist !== STANDING;
  }

  hold(name: 'emergencyStop' | 'bumper' | 'lifted', state: 'pressed' | 'released'): void {
    this.#held[name] = state === 'pressed';
    if (state === 'pressed') this.#end('stopped');
  }

  stick(wheel: SimWheel, state: 'stuck' | 'free'): void {
    if (state === 'stuck') this.#stuck.add(wheel);
    else this.#stuck.delete(wheel);
  }

  setCharge(charge: number): void {
    this.#charge = charge;
  }

  /** Somebody moves it by so much. */
  push(by: { readonly x: number; readonly y: number; readonly theta: number }): void {
    const { map, x, y, theta } = this.#pose;
    this.#pose = { map, x: x + by.x, y: y + by.y, theta: turned(theta + by.theta) };
    this.#pushedUntilMs = this.#atMs + PUSHED_MS;
  }

  /** Puts it elsewhere, where it knows where it is. */
  place(pose: Pose): void {
    this.#pose = pose;
  }

  drive(way: readonly Pose[], hold: Pick<Plan, 'maxMps' | 'untilMs' | 'end'>): void {
    this.#plan = { ...hold, way, backFrom: null };
  }

  dock(hold: Pick<Plan, 'maxMps' | 'untilMs' | 'end'>): void {
    const { dock } = this.#config;
    if (dock === undefined) return;
    const { map } = this.#pose;
    const before = {
      map,
      x: dock.x - DOCK_WAY_M * Math.cos(dock.theta),
      y: dock.y - DOCK_WAY_M * Math.sin(dock.theta),
      theta: dock.theta,
    };
    this.drive([before, { map, ...dock }], hold);
  }

  undock(hold: Pick<Plan, 'maxMps' | 'untilMs' | 'end'>): void {
    this.#plan = { ...hold, way: [], backFrom: this.#pose };
  }

  refresh(hold: Pick<Plan, 'maxMps' | 'untilMs'>): void {
    if (this.#plan === null) return;
    this.#plan.maxMps = hold.maxMps;
    this.#plan.untilMs = hold.untilMs;
  }

  cancel(outcome: 'cancelled' | 'stopped'): void {
    this.#end(outcome);
  }

  /** Lets time pass up to now. */
  advance(nowMs: MonoMs): void {
    while (this.isMoving && this.#atMs + STEP_MS <= nowMs) this.#step();
    const restMs = Math.floor((nowMs - this.#atMs) / STEP_MS) * STEP_MS;
    if (restMs <= 0) return;
    this.#atMs += restMs;
    this.#wear(restMs);
  }

  #step(): void {
    this.#atMs += STEP_MS;
    this.#wear(STEP_MS);
    if (this.#plan !== null && this.#atMs >= this.#plan.untilMs) this.#end('expired');
    if (this.contact('bumper') === 'pressed') this.#end('stopped');
    const wanted = this.#wanted();
    const { accelerationMps2, brakeMps2 } = this.#config.motors;
    const linearMps = ramp(this.#twist.linearMps, wanted.linearMps, accelerationMps2, brakeMps2);
    const angularRadps = ramp(this.#twist.angularRadps, wanted.angularRadps, 4, 8);
    this.#turnWheels({ linearMps, angularRadps });
  }

  /** What its electronics want: along the way, or nothing. */
  #wanted(): Twist {
    for (let plan = this.#plan; plan !== null; plan = this.#plan) {
      const wish = plan.backFrom === null ? this.#along(plan) : this.#back(plan.backFrom, plan.maxMps);
      if (wish !== 'passed') return wish;
      plan.way = plan.way.slice(1);
      if (plan.way.length === 0) this.#end('arrived');
    }
    return STANDING;
  }

  #along({ way, maxMps }: Plan): Twist | 'passed' {
    const { motors } = this.#config;
    const limits = { ...motors, maxMps: Math.min(maxMps, motors.maxMps) };
    return steer(this.#placeError.seen(this.#pose), way, limits);
  }

  #back(from: Pose, maxMps: number): Twist | 'passed' {
    const goneM = Math.hypot(this.#pose.x - from.x, this.#pose.y - from.y);
    if (goneM >= DOCK_WAY_M) return 'passed';
    return { linearMps: -Math.min(UNDOCK_MPS, maxMps), angularRadps: 0 };
  }

  #turnWheels(twist: Twist): void {
    const { trackM } = this.#config.hull;
    const half = (twist.angularRadps * trackM) / 2;
    this.#commanded = [twist.linearMps - half, twist.linearMps + half];
    const [left, right] = this.#commanded;
    this.#measured = [this.#turned('left', left), this.#turned('right', right)];
    const [l, r] = this.#measured;
    const real = { linearMps: (l + r) / 2, angularRadps: (r - l) / trackM };
    const isAtRest = twist.linearMps === 0 && twist.angularRadps === 0;
    this.#twist = isAtRest ? STANDING : twist;
    if (!isAtRest && !this.#held.lifted) this.#move(real);
  }

  #turned(wheel: SimWheel, mps: number): number {
    if (this.#stuck.has(wheel)) return 0;
    const { slip } = this.#config.noise;
    return slip === 0 ? mps : mps * (1 + slip * this.#chance.normal());
  }

  #move({ linearMps, angularRadps }: Twist): void {
    const { map, x, y, theta } = this.#pose;
    const middle = theta + (angularRadps * STEP_S) / 2;
    const next = {
      map,
      x: x + linearMps * Math.cos(middle) * STEP_S,
      y: y + linearMps * Math.sin(middle) * STEP_S,
      theta: turned(theta + angularRadps * STEP_S),
    };
    this.#placeError.step(STEP_S);
    if (this.hall.touches(this.#footprint(next, 0), this.#atMs)) this.#twist = STANDING;
    else this.#pose = next;
  }

  #wear(ms: number): void {
    const { battery } = this.#config;
    if (battery === undefined) return;
    const hours = ms / 3_600_000;
    const spent = this.isMoving ? hours / battery.drivesForH : hours / battery.standsForH;
    const change = this.isDocked ? hours / battery.chargesInH : -spent;
    this.#charge = Math.max(0, Math.min(1, this.#charge + change));
  }

  #end(outcome: DriveOutcome): void {
    const plan = this.#plan;
    this.#plan = null;
    plan?.end(outcome);
  }

  #footprint({ x, y, theta }: Pose, moreM: number) {
    return { x, y, theta, radiusM: this.#config.hull.radiusM + moreM };
  }
}

/** Towards what is wanted, as fast as it may speed up or slow down. */
function ramp(now: number, wanted: number, faster: number, slower: number): number {
  const isFaster = Math.abs(wanted) > Math.abs(now) && wanted * now >= 0;
  const most = (isFaster ? faster : slower) * STEP_S;
  return now + Math.max(-most, Math.min(most, wanted - now));
}
