/**
 * Every number the detector judges by, with its unit in the name. The defaults were found on real scenes at
 * about 320 pixels of width and 10 frames a second (docs/vision.md); areas scale with the width.
 */
export interface Settings {
  /** A pixel that differs from the background and has kept still this long is static. */
  readonly staticS: number;
  readonly tauShortS: number;
  readonly tauLongS: number;
  /** Grey levels by which a pixel must differ from the background, plus `deviations` mean absolute deviations. */
  readonly thresholdLevels: number;
  readonly thresholdDeviations: number;
  /** The first background is the median of frames taken over this time, so that a walker leaves no trace. */
  readonly bootstrapS: number;
  /** Smallest object, in pixels of a picture 320 wide. */
  readonly minAreaPx320: number;
  /** How often tracks are judged. */
  readonly judgePerSecond: number;

  /** Distances on the ground are in person heights. */
  readonly attendanceRadius: number;
  readonly lingerS: number;
  readonly lingerRadius: number;
  /** Who had left it and is near again for this long is with it again. */
  readonly returnS: number;
  /** Who put it down was this close when it came to rest, at most this long before. */
  readonly bringerRadius: number;
  readonly bringerWindowS: number;

  /** Contour gradient now against the background's: below this the thing is what left, not what came. */
  readonly ghostEdgeRatio: number;
  readonly doubtfulEdgeRatio: number;
  readonly doubtfulRingContrast: number;
  readonly earlyHealEdgeRatio: number;
  readonly earlyHealAfterS: number;
  readonly healRingForeground: number;
  /** What was cut out of a ghost has a contour this much sharper than its surroundings, and this contrast. */
  readonly cutOutEdgeOverRing: number;
  readonly cutOutContrastLevels: number;
  /** Texture of the background that shines through: correlation of gradients within the thing. */
  readonly lightingCorrelation: number;

  /** More of its ring than this being foreground: somebody covers or touches it, wait. */
  readonly crowdedRingForeground: number;
  /** Share of the dwell time in which it must have been seen freely. */
  readonly clearShare: number;

  readonly personAspect: number;
  readonly personHeight: number;
  readonly movingPersonHeight: number;
  readonly residualMotion: number;
  /** Taller than this many person heights is no luggage. */
  readonly largestSize: number;
  /** Nor what covers more than this, in squares of a person height. */
  readonly largestArea: number;

  /** Reported and still there after this long, and after this many dwell times: part of the scene. */
  readonly fixtureAfterS: number;
  readonly fixtureDwells: number;
}

export const DEFAULT_SETTINGS: Settings = {
  staticS: 2,
  tauShortS: 0.8,
  tauLongS: 20,
  thresholdLevels: 13,
  thresholdDeviations: 3,
  bootstrapS: 2,
  minAreaPx320: 16,
  judgePerSecond: 5,
  attendanceRadius: 1.3,
  lingerS: 1.5,
  lingerRadius: 0.35,
  returnS: 4,
  bringerRadius: 0.9,
  bringerWindowS: 5,
  ghostEdgeRatio: 1.0,
  doubtfulEdgeRatio: 1.25,
  doubtfulRingContrast: 2,
  earlyHealEdgeRatio: 0.7,
  earlyHealAfterS: 4,
  healRingForeground: 0.25,
  cutOutEdgeOverRing: 2,
  cutOutContrastLevels: 15,
  lightingCorrelation: 0.8,
  crowdedRingForeground: 0.35,
  clearShare: 0.4,
  personAspect: 1.3,
  personHeight: 0.85,
  movingPersonHeight: 0.6,
  residualMotion: 0.04,
  largestSize: 0.7,
  largestArea: 0.42,
  fixtureAfterS: 1800,
  fixtureDwells: 30,
};
