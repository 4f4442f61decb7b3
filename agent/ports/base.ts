import type { Cancel, MonoMs } from '#contract/clock.ts';

/** On the site map, metres and radians (REP 103: counter-clockwise from x). */
export interface Pose {
  readonly map: string;
  readonly x: number;
  readonly y: number;
  readonly theta: number;
}

/** Where a base thinks that it is, and how sure it is of that. */
export interface PoseEstimate {
  readonly pose: Pose;
  /** Of x and x, x and y, y and y (m²), and of theta (rad²). */
  readonly covariance: readonly [number, number, number, number];
  /** False when what it measures fits nowhere on the map. */
  readonly isLocalized: boolean;
}

/** By odometry, which does not jump when the place on the map is corrected. */
export interface Motion {
  /** Forwards. */
  readonly linearMps: number;
  readonly angularRadps: number;
  /** Not moving now. */
  readonly isStill: boolean;
}

/** What a wheel is told to do, and what it does. */
export interface Wheel {
  readonly commandedMps: number;
  readonly measuredMps: number;
}

export interface Battery {
  /** 0 to 1. */
  readonly charge: number;
  readonly isCharging: boolean;
}

/** `unknown`: there is one, and it cannot be read now. `absent`: this base has none. */
export type BaseContact = 'released' | 'pressed' | 'unknown' | 'absent';

export interface BaseContacts {
  readonly emergencyStop: BaseContact;
  readonly bumper: BaseContact;
  /** Pressed: the wheels hang in the air. */
  readonly lifted: BaseContact;
}

/** Everything a base knows of itself at one moment. Null: this base cannot know it. */
export interface BaseReading {
  /** When it was measured. */
  readonly atMs: MonoMs;
  readonly estimate: PoseEstimate | null;
  readonly motion: Motion | null;
  /** Empty where single wheels are not known. */
  readonly wheels: readonly Wheel[];
  readonly battery: Battery | null;
  readonly contacts: BaseContacts;
  /** From the upright, degrees. */
  readonly tiltDeg: number | 'unknown' | null;
  /** From the hull to the nearest thing in its way, metres; Infinity when there is nothing within its sight. */
  readonly obstacleM: number | 'unknown' | null;
  readonly isDocked: boolean;
}

/**
 * A base stops by itself so long after its last command, as a machine does whose hold-to-run control is let go:
 * whoever drives it and freezes or dies leaves a base that stands.
 */
export const DEAD_MAN_MS = 300;

/** How long a command holds, and how fast it may be carried out. */
export interface Hold {
  /** Above 0; no command holds longer than DEAD_MAN_MS, whatever is said. */
  readonly forMs: number;
  /** 0 keeps it standing without ending the drive. */
  readonly maxMps: number;
}

export type DriveGoal =
  | { readonly kind: 'pose'; readonly pose: Pose }
  /** Through every pose in order; the heading of the last one counts. At least one. */
  | { readonly kind: 'path'; readonly poses: readonly Pose[] }
  | { readonly kind: 'dock' }
  | { readonly kind: 'undock' };

/**
 * How a drive ended: `blocked`, no way was found; `stuck`, it does not move; `lost`, it does not know where it is;
 * `cancelled`, by whoever drove, or by another drive; `expired`, nobody refreshed it in time; `stopped`, by the base
 * itself: emergency stop, bumper, lifted.
 */
export type DriveOutcome = 'arrived' | 'blocked' | 'stuck' | 'lost' | 'cancelled' | 'expired' | 'stopped';

export interface Drive {
  /** Null while it lasts. */
  readonly outcome: DriveOutcome | null;
  /** Never rejects. */
  readonly done: Promise<DriveOutcome>;
  /** Says again that this is wanted. Without effect once it has ended: an ended drive never begins again. */
  refresh(hold: Hold): void;
  /** Brakes. Idempotent. */
  cancel(): void;
}

export interface BaseCapabilities {
  readonly dock: boolean;
  /** Sees what is in its way. */
  readonly obstacle: boolean;
  /**
   * What stops it when commands cease: electronics of its own, the driver in this process, or nothing, where the
   * base must not be let near people.
   */
  readonly deadMan: 'hardware' | 'driver' | 'none';
}

/** What carries the device about. */
export interface Base {
  readonly capabilities: BaseCapabilities;
  start(): Promise<void>;
  /** The last known, for whoever only tells where the device is. */
  pose(): Pose;
  /** @throws WatchpostError WP2801 when the base says nothing */
  read(): BaseReading;
  /** Called at once when a contact has changed, within the call that noticed it. */
  onContact(listener: () => void): Cancel;
  /**
   * Begins a drive in place of the one under way, which ends as `cancelled`. It lasts only while it is refreshed.
   * @throws WatchpostError WP2802 for what this base cannot do, WP2803 for an emergency stop, bumper or lifted wheels,
   * WP2804 before the start
   */
  drive(goal: DriveGoal, hold: Hold): Drive;
  /** Brakes as hard as it may and ends the drive under way. Never throws. */
  stop(): void;
  /** Stops. Idempotent. */
  close(): Promise<void>;
}
