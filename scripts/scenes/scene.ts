import type { Brush } from './brush.ts';
import type { Ground } from './optics.ts';
import type { Actor, Prop } from './play.ts';
import type { Stage } from './stage.ts';
import type { Car } from './things.ts';

/** A car with where it is at a time; null while it is out of the picture. */
export interface CarTrack {
  readonly car: Car;
  readonly placeAt: (t: number) => Ground | null;
}

/** Something drawn onto the empty place before anybody steps in: a screen, a sun patch, an open door. */
export type Backdrop = (brush: Brush, t: number) => void;

/** A lamp: how much lighter it makes each pixel when it is fully on, and how far it is on. */
export interface Lamp {
  readonly reach: Float32Array;
  readonly strengthAt: (t: number) => number;
}

export interface Sun {
  /** Metres on the floor by which a shadow's end lies from its foot, for each metre of height. */
  readonly dx: number;
  readonly dz: number;
  /** 1 leaves the floor as light as it was. */
  readonly gain: number;
}

/** What the camera makes of the light. */
export interface Sensor {
  /** Standard deviation of its noise in grey levels. */
  readonly noise: number;
  /** Most it sways from its place, in pixels. */
  readonly shakePx: number;
  /** Whether blocks that hardly change are not sent anew, as video compression does. */
  readonly isCompressed: boolean;
}

/** A thing that is to be reported, or may be. */
export interface Expectation {
  readonly prop: Prop;
  /** Whoever belongs to it: the one who brought it and those who came along. */
  readonly attendants: readonly Actor[];
  /** It may be reported, once, but need not be. */
  readonly isOptional: boolean;
  /** How it goes after it was reported, when it does. */
  readonly ends: 'reclaimed' | 'removed' | null;
  /** Seconds for which it is hidden from view after it was left, beyond the usual. */
  readonly hiddenS: number;
  /** It may be reported from here on already; else from when it was left and alone for the dwell time. */
  readonly mayFrom: number | null;
}

/** The vision process ends and is started again with what it kept; pictures in between are lost. */
export interface Restart {
  readonly atT: number;
  readonly gapS: number;
}

/** A minute or so before a camera, with all that is true of it. */
export interface Scene {
  readonly scenario: string;
  readonly seed: number;
  readonly stage: Stage;
  readonly framesPerSecond: number;
  readonly durationS: number;
  readonly dwellS: number;
  readonly actors: readonly Actor[];
  readonly props: readonly Prop[];
  readonly cars: readonly CarTrack[];
  readonly backdrops: readonly Backdrop[];
  /** Drawn over everything: rain. */
  readonly overlays: readonly Backdrop[];
  readonly sun: Sun | null;
  readonly lamps: readonly Lamp[];
  /** The light of the whole place; 1 is what it was designed in. */
  readonly lightAt: (t: number) => number;
  readonly sensor: Sensor;
  readonly expectations: readonly Expectation[];
  readonly restart: Restart | null;
}
