/** On the site map, metres and radians (REP 103: counter-clockwise from x). */
export interface Pose {
  readonly map: string;
  readonly x: number;
  readonly y: number;
  readonly theta: number;
}

/** What carries the device about. */
export interface Base {
  start(): Promise<void>;
  pose(): Pose;
  close(): Promise<void>;
}
