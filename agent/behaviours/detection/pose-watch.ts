import type { Pose } from '#agent/ports/base.ts';
import type { CameraPose, Waypoint } from '#agent/ports/vision-pose.ts';
import type { Cancel, Clock } from '#contract/clock.ts';

export interface PoseWatchOptions {
  readonly base: { pose(): Pose };
  readonly waypoints: readonly Waypoint[];
  readonly clock: Clock;
  /** Called when the robot stops, sets off, or stands elsewhere. */
  readonly onPose: (pose: CameraPose) => void;
}

const LOOK_EVERY_MS = 200;
/**
 * Odometry that has moved farther than this from where it stood is moving. Wheels tick in millimetres; at 2 m a
 * centimetre is a pixel and a half of a picture 320 wide.
 */
const STILL_WITHIN_M = 0.01;
const STILL_WITHIN_RAD = (0.3 * Math.PI) / 180;
/** A robot that creeps shows itself within this time; the vision process waits longer by itself. */
const STILL_AFTER_MS = 400;

/** Tells the camera of a robot when it is parked, and where. */
export class PoseWatch {
  readonly #options: PoseWatchOptions;
  #anchor: Pose | null = null;
  #movedMs = Number.NEGATIVE_INFINITY;
  #told: string | null = null;
  #cancel: Cancel | null = null;

  constructor(options: PoseWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#cancel = this.#options.clock.every(LOOK_EVERY_MS, () => this.#look());
    this.#look();
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #look(): void {
    const { base, clock } = this.#options;
    const pose = base.pose();
    const nowMs = clock.monoMs();
    if (this.#anchor === null) this.#anchor = pose;
    else if (!isNear(pose, this.#anchor)) {
      this.#anchor = pose;
      this.#movedMs = nowMs;
    }
    if (nowMs - this.#movedMs < STILL_AFTER_MS) this.#tell({ still: false });
    else this.#tell(this.#parked(this.#anchor));
  }

  #parked({ x, y, theta }: Pose): CameraPose {
    const distance = (waypoint: Waypoint) => Math.hypot(waypoint.x - x, waypoint.y - y);
    const near = this.#options.waypoints.filter((waypoint) => distance(waypoint) <= waypoint.withinM);
    const [nearest] = near.sort((a, b) => distance(a) - distance(b));
    const heading = Math.atan2(Math.sin(theta), Math.cos(theta));
    return { still: true, heading, ...(nearest === undefined ? {} : { waypoint: nearest.name }) };
  }

  #tell(pose: CameraPose): void {
    const text = JSON.stringify(pose);
    if (text === this.#told) return;
    this.#told = text;
    this.#options.onPose(pose);
  }
}

function isNear(a: Pose, b: Pose): boolean {
  const turned = Math.abs(Math.atan2(Math.sin(a.theta - b.theta), Math.cos(a.theta - b.theta)));
  return Math.hypot(a.x - b.x, a.y - b.y) <= STILL_WITHIN_M && turned <= STILL_WITHIN_RAD;
}
