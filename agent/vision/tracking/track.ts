import type { Advice } from '../consult/advice.ts';
import type { Lifecycle } from '../judgement/lifecycle.ts';
import type { Component } from './components.ts';
import type { GreyLook } from './grey-look.ts';

/** Something new that keeps still. */
export interface StaticTrack {
  readonly id: number;
  component: Component;
  /** How large it was soon after it came to rest. */
  settledAreaPx: number;
  /** How large it was when it was found out who brought it. */
  tracedAreaPx: number;
  /** When it came to rest. */
  restT: number;
  /** When it was last seen as a component of its own. */
  seenT: number;
  /** Since when its place has looked like background, or null. */
  goneT: number | null;
  /** Share of its pixels that move while nobody is in front: 0 for a thing, more for a person. */
  residualMotion: number;
  /** Since when it has not stirred as people do who keep as still as they can; null while it does. */
  stillT: number | null;
  /** It has once not done so for longer than anybody can. */
  hasKeptStill: boolean;
  /** Seconds since it was left alone in which it was seen freely, with nobody in front or touching. */
  clearS: number;
  /** Seconds in which it looked like a person. */
  somebodyS: number;
  /** Share of the last seconds in which somebody of whom only pieces are seen stood over it. */
  stoodOver: number;
  /** When something over it last moved. */
  overT: number;
  /** Its first judgement, and all it has learned of who is about. */
  attendance: Attendance | null;
  /** Cut out of a ghost: the background under its contour is half healed and says nothing of it. */
  isCutOut: boolean;
  /** Most likely floor that came to light where somebody stood in the first picture. */
  isGhostly: boolean;
  /** Where it stands between coming to rest and its end. */
  life: Lifecycle;
  /** The id it will be reported under; given early, so that it is the same one after a restart. */
  objectId: string | null;
  /** Reported as left behind, with the id it was reported under. */
  reportedAs: string | null;
  /** How it looked when last looked at; null before. */
  look: Appearance | null;
  /** How surely it was left behind when it was reported, 0 to 1. */
  score: number;
  /** Seconds alone after which it is reported where it stands. */
  dwellS: number;
  /** What the learned detector said of it last; null where there is none. */
  advice: Advice | null;
}

/** How a static thing looks now beside how its place looked before. */
export interface Appearance {
  /** Mean gradient on its contour now, over that of the background at the same pixels. */
  readonly edgeRatio: number;
  /** Mean gradient on its contour over that of the ring around it, both now. */
  readonly edgeOverRing: number;
  /** Difference of inside to ring now (grey levels). */
  readonly contrast: number;
  /** Contrast of inside to ring now, over that of the background. */
  readonly ringContrast: number;
  /** Share of the ring around it that is foreground. */
  readonly ringForeground: number;
  /** Correlation of the gradients inside now and before; near 1 where the same texture is lit otherwise. */
  readonly textureCorrelation: number;
  /** Levels inside now over those before: the middle one, and the range of the middle half over it. */
  readonly gain: number;
  readonly gainSpread: number;
}

/** Who is with a thing. */
export interface Attendance {
  /** Movers that count as being with it. */
  readonly members: Set<number>;
  /** Those of them who brought it. */
  readonly owners: Set<number>;
  /** How who brought it looks; grows while they are with it, null when nobody was seen apart from others. */
  ownerLook: GreyLook | null;
  /** Since when each mover has been right beside it, and within the attendance radius. */
  readonly besideSince: Map<number, number>;
  readonly aroundSince: Map<number, number>;
  /** How near the nearest who may have brought it came, in person heights, or null when nobody did. */
  readonly broughtWithin: number | null;
  /** How far below its lower edge the floor is that it stands over (pixels): 0, or a seat's or a table's height. */
  readonly liftPx: number;
  /** Who brought it was first seen coming out of its place: a door, or the thing and they were one from the beginning. */
  readonly cameOutOf: boolean;
  /** It came here by itself: somebody who sat down, a car that parked. */
  readonly walkedIn: boolean;
  /** One of those who were with it was seen farther off than they could attend to it from. */
  walkedOff: boolean;
  /** When somebody who belongs to it was last near, and since when without a gap. */
  nearT: number;
  nearSince: number | null;
  /** When who brought it was last within the radius; null when nobody was seen bringing it. */
  ownerT: number | null;
  /** In person heights, now; null when out of sight. */
  ownerDistance: number | null;
  nearestDistance: number | null;
  /** After a restart: until then whoever is around it counts as with it, since nobody is known any more. */
  openUntilT: number | null;
  /** Since when it has been left alone; null while it is attended. */
  leftT: number | null;
}
