import type { ModelConfig, Sight } from '#agent/ports/object-detector.ts';
import { groundDistance } from '../tracking/movers.ts';
import type { PersonScale } from '../tracking/person-scale.ts';
import { footOf, heightOf, intersectionOf, type Rect, sizeOf, widthOf } from '../tracking/rect.ts';
import { uncropped } from './crop.ts';

/** What one look has to say of one thing; rectangles in pixels of the picture. Whoever walks is left out. */
export interface Look {
  readonly t: number;
  /** People who cover the thing. */
  readonly covering: readonly Rect[];
  /** People near enough to attend it, with their distance on the ground in person heights; the covering ones too. */
  readonly beside: readonly Attending[];
  /** The score of the luggage seen in its place; null when there was none. */
  readonly luggage: number | null;
}

export interface Attending {
  readonly rect: Rect;
  readonly distance: number;
}

/** What was asked: of which thing, in which part of which picture. */
export interface Question {
  readonly t: number;
  /** The thing, and the part of the picture that was looked at, in pixels. */
  readonly rect: Rect;
  readonly crop: Rect;
  /** 1 for each pixel of that part which moved then. */
  readonly moving: Uint8Array;
  readonly scale: PersonScale;
  readonly attendanceRadius: number;
}

/** A person covers a thing with at least this share of it behind or under them. */
const COVERED_SHARE = 0.5;
/** Luggage is the thing when at least half of the smaller of the two is shared, and neither is this much larger. */
const SAME_SHARE = 0.5;
const SAME_SIZE = 4;
/**
 * Somebody walks when half of their middle moves: at walking pace a place is covered for less than half a second,
 * and all of the body differs from the mean of the last 0.8 s; of who stands or sits, next to nothing does.
 */
const WALKING_SHARE = 0.5;

/** Reads the sights of a look. */
export function lookAt(
  question: Question,
  sights: readonly Sight[],
  labels: Pick<ModelConfig, 'people' | 'luggage'>,
): Look {
  const { t, rect, crop, scale, attendanceRadius } = question;
  const foot = footOf(rect);
  const people = placesOf(sights, labels.people, crop).filter((person) => !walks(person, question));
  const attending = people.map((person) => ({ rect: person, distance: groundDistance(scale, person, foot) }));
  const luggage = sights
    .filter(({ label, box }) => labels.luggage.includes(label) && isSame(uncropped(box, crop), rect))
    .map(({ score }) => score);
  return {
    t,
    covering: people.filter((person) => covers(person, rect)),
    beside: attending.filter((each) => each.distance <= attendanceRadius || covers(each.rect, rect)),
    luggage: luggage.length === 0 ? null : Math.max(...luggage),
  };
}

const placesOf = (sights: readonly Sight[], labels: readonly string[], crop: Rect): Rect[] =>
  sights.filter(({ label }) => labels.includes(label)).map(({ box }) => uncropped(box, crop));

/** By the middle half of their width and height, where a body hides whoever walks behind it. */
function walks(person: Rect, { crop, moving }: Question): boolean {
  const [quarterX, quarterY] = [widthOf(person) / 4, heightOf(person) / 4];
  const width = widthOf(crop);
  let count = 0;
  let all = 0;
  for (let y = Math.round(person.top + quarterY); y < person.bottom - quarterY; y++) {
    for (let x = Math.round(person.left + quarterX); x < person.right - quarterX; x++, all++) {
      count += moving[(y - crop.top) * width + x - crop.left] ?? 0;
    }
  }
  return count > WALKING_SHARE * all;
}

const covers = (person: Rect, rect: Rect): boolean =>
  intersectionOf(person, rect) >= COVERED_SHARE * sizeOf(rect);

function isSame(a: Rect, b: Rect): boolean {
  const ratio = sizeOf(a) / sizeOf(b);
  if (ratio > SAME_SIZE || ratio < 1 / SAME_SIZE) return false;
  return intersectionOf(a, b) >= SAME_SHARE * Math.min(sizeOf(a), sizeOf(b));
}

/** Intersection over union. */
export function overlapOf(a: Rect, b: Rect): number {
  const shared = intersectionOf(a, b);
  return shared / (sizeOf(a) + sizeOf(b) - shared);
}
