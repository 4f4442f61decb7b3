import type { Foot } from './rect.ts';

const KEPT = 300;
/** Each of the three prior points weighs as much as this many sightings. */
const PRIOR_WEIGHT = 6;
const REFIT_EVERY = 5;
/** The first guess: a person's height as a share of the picture's at its top, and growth by row. */
const PRIOR_BASE = 0.12;
const PRIOR_SLOPE = 0.35;
/** What is taken for somebody and is none is a part of one, and so it is smaller: the upper third tells. */
const UPPER = 0.65;
/**
 * Where nobody was seen the line is drawn out from where people were, and a few odd sightings tilt it: no farther than
 * from a camera that looks straight down to one with the horizon in the upper fifth of the picture.
 */
const LOWEST = 0.45;
const HIGHEST = 2;
/** As many sightings as three people make in passing, six each, before a height far from the first guess is believed. */
const LEARNED_AT = 18;
/** That people are taller than the first guess is believed of the first of them, within a factor. */
const ONE_PERSON = 4;
const TALLER_AT_ONCE = 1.5;
/** Focal length as a share of the picture's width: a field of view of about 53°, usual for fixed cameras. */
const FOCAL_SHARE = 1;

/** Rows and heights in pixels of the people seen. */
export interface ScaleMemory {
  readonly sightings: readonly { readonly row: number; readonly height: number }[];
}

/**
 * How tall a person appears by the row of their feet: a line, as a level camera makes it, learned from the
 * people who walk by. It gives distances on the ground in person heights without any calibration.
 */
export class PersonScale {
  readonly #pictureHeight: number;
  readonly #focalPx: number;
  readonly #sightings: { row: number; height: number }[] = [];
  #next = 0;
  #sinceFit = 0;
  /** Heights seen over those of the first guess. */
  #factor = 1;
  #base: number;
  #slope: number;

  constructor(width: number, height: number) {
    this.#pictureHeight = height;
    this.#focalPx = FOCAL_SHARE * width;
    this.#base = PRIOR_BASE * height;
    this.#slope = PRIOR_SLOPE;
  }

  /** Whether enough people were seen to trust the heights. */
  get isLearned(): boolean {
    return this.#sightings.length >= LEARNED_AT;
  }

  /** Height in pixels of a person whose feet are at `row`. */
  heightAt(row: number): number {
    const usual = this.#factor * this.#priorAt(row);
    const fitted = Math.min(usual * HIGHEST, Math.max(usual * LOWEST, this.#base + this.#slope * row));
    return Math.max(this.#pictureHeight * 0.05, fitted);
  }

  /** The row of the feet of somebody whose head is at `row`, at most the last one of the picture. */
  footUnder(row: number): number {
    const foot = (row + this.#base) / Math.max(0.1, 1 - this.#slope);
    return Math.min(this.#pictureHeight, Math.max(row + this.heightAt(row), foot));
  }

  /** Distance on the ground in person heights. */
  distance(a: Foot, b: Foot): number {
    const heightA = this.heightAt(a.y);
    const heightB = this.heightAt(b.y);
    const sideways = (2 * (a.x - b.x)) / (heightA + heightB);
    const deep = this.#focalPx * (1 / heightA - 1 / heightB);
    return Math.hypot(sideways, deep);
  }

  /** What was seen, for a restart. */
  save(): ScaleMemory {
    return { sightings: this.#sightings.map((each) => ({ ...each })) };
  }

  restore({ sightings }: ScaleMemory): void {
    this.#sightings.splice(0, this.#sightings.length, ...sightings.slice(-KEPT));
    this.#next = this.#sightings.length % KEPT;
    this.#fit();
  }

  /** Learns from somebody seen whole. */
  learn(row: number, height: number): void {
    const sighting = { row, height };
    if (this.#sightings.length < KEPT) this.#sightings.push(sighting);
    else this.#sightings[this.#next] = sighting;
    this.#next = (this.#next + 1) % KEPT;
    if (++this.#sinceFit >= REFIT_EVERY) this.#fit();
  }

  /**
   * Line by least squares, thrice, each time trusting less what lies far from the line before. It begins at the
   * prior line, scaled by what was seen, since a camera may hang twice as high as the usual one.
   */
  #fit(): void {
    this.#sinceFit = 0;
    const scale = this.#seenScale();
    this.#factor = scale;
    this.#base = scale * PRIOR_BASE * this.#pictureHeight;
    this.#slope = scale * PRIOR_SLOPE;
    for (let round = 0; round < 3; round++) this.#fitOnce(scale);
  }

  /** Seen over expected height of the taller ones; 1 until enough was seen to believe it. */
  #seenScale(): number {
    const ratios = this.#sightings
      .map(({ row, height }) => height / this.#priorAt(row))
      .sort((a, b) => a - b);
    const seen = ratios[Math.floor(ratios.length * UPPER)] ?? 1;
    if (this.isLearned) return seen;
    // Of somebody seen in part too little is seen, never too much.
    return ratios.length < ONE_PERSON || seen < 1 ? 1 : Math.min(seen, TALLER_AT_ONCE);
  }

  #priorAt(row: number): number {
    return PRIOR_BASE * this.#pictureHeight + PRIOR_SLOPE * row;
  }

  #fitOnce(scale: number): void {
    const sums = { w: 0, x: 0, y: 0, xx: 0, xy: 0 };
    for (const share of [0.3, 0.6, 0.95]) {
      const row = share * this.#pictureHeight;
      addPoint(sums, row, scale * this.#priorAt(row), PRIOR_WEIGHT);
    }
    for (const { row, height } of this.#sightings) {
      const expected = this.heightAt(row);
      addPoint(sums, row, height, 1 / (1 + ((height - expected) / (0.15 * expected)) ** 2));
    }
    const spread = sums.w * sums.xx - sums.x * sums.x;
    const slope = (sums.w * sums.xy - sums.x * sums.y) / spread;
    this.#slope = Math.min(1.5, Math.max(0.02, slope));
    this.#base = (sums.y - this.#slope * sums.x) / sums.w;
  }
}

function addPoint(
  sums: { w: number; x: number; y: number; xx: number; xy: number },
  x: number,
  y: number,
  weight: number,
): void {
  sums.w += weight;
  sums.x += weight * x;
  sums.y += weight * y;
  sums.xx += weight * x * x;
  sums.xy += weight * x * y;
}
