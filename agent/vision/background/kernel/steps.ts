/** Tiles of the illumination; light is interpolated between their middles. */
export const TILE_COLUMNS = 8;
export const TILE_ROWS = 6;

/** Grey levels in the backgrounds are counted in 1/LEVEL. */
export const LEVEL = 128;
/** The lightest value: 255 levels. */
export const LIGHTEST = 255 * LEVEL;
/** From this grey level on, a pixel may be lighter than it can say: it is no darker than its background. */
export const WHITE = 252;
/** Deviations are counted in 1/16 level. */
export const DEVIATION_LEVEL = 16;
/** Ages are counted in 1/40 s. */
export const AGE_SECOND = 40;

/** The fixed-point one of a gain (a quarter of it is multiplied with, in 1/32768). */
export const GAIN_ONE = 8192;

/**
 * Places of a step's numbers in the block that kernel and twin read. The same numbers stand in
 * `assembly/kernel.ts`; a property test holds both together.
 */
export const STEP = {
  // Where the planes begin (bytes) and the size of the picture: written once.
  width: 0,
  height: 1,
  frame: 2,
  aligned: 3,
  long: 4,
  short: 5,
  deviation: 6,
  age: 7,
  foreground: 8,
  moving: 9,
  cells: 10,
  gains: 11,
  drifts: 12,
  rows: 13,
  scratch: 14,
  half: 15,
  quarter: 28,
  // What changes from picture to picture.
  /** 1 when the aligned picture is taken, else 0. */
  fromAligned: 16,
  /** Threshold in 1/128 level, and how much of it a sixteenth level of deviation adds. */
  threshold: 17,
  thresholdByDeviation: 18,
  /** Shares by which the means follow, in 1/32768. */
  shortShare: 19,
  longShare: 20,
  deviationShare: 21,
  /** Added before rounding, another one each time, so that what is less than a step is not lost. */
  longDither: 22,
  deviationDither: 23,
  /** Ages in 1/40 s: what is still grows by one, what moves shrinks by the next, background by the last. */
  ageUp: 24,
  ageBack: 25,
  ageDown: 26,
  ageCap: 27,
  // Moving the picture back.
  /** The part that lies within the picture after the move: from, and up to without. */
  warpLeft: 32,
  warpTop: 33,
  warpRight: 34,
  warpBottom: 35,
  /** Whole pixels to the right and down, and the weights of the four neighbours across and down, in 1/32768. */
  warpX: 36,
  warpY: 37,
  warpAcross: 38,
  warpDown: 42,
} as const;

/** The most that a deviation is believed (1/16 level). */
export const MAX_DEVIATION = 9 * DEVIATION_LEVEL;
