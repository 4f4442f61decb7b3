import type { Frame } from '#agent/ports/frames.ts';
import { seeded } from '#test/support/random.ts';
import type { Face } from './faces.ts';

export const WIDTH = 320;
export const HEIGHT = 240;
export const FRAMES_PER_SECOND = 10;
export const DURATION_S = 42;
/** A head with its hair is 0.13 of a person of 98 px, and two thirds of that wide. */
export const FACE_WIDTH = 10;
export const FACE_HEIGHT = 13;
const [BODY_WIDTH, BODY_HEIGHT] = [26, 98];
export const BAG = { left: 182, top: 184, width: 20, height: 16 };
const FLOOR_ROW = 200;

/** Where somebody is: the upper left corner of the face, in pixels, and how much of a body hangs below it. */
export interface Presence {
  readonly role: 'first' | 'holder' | 'stander' | 'behind' | 'in-front';
  readonly x: number;
  readonly y: number;
  readonly tall: number;
  readonly isInFront: boolean;
}

/** Heads go up and down in walking: every row of a mosaic cuts them at every height in time. */
const upright = (role: Presence['role'], x: number): Presence => ({
  ...{ role, x: Math.round(x), y: FLOOR_ROW - BODY_HEIGHT + Math.round(4 * Math.sin(x)), tall: BODY_HEIGHT },
  isInFront: false,
});

/** Everybody in the picture at `t`; all of them have the same face. */
export function presencesAt(t: number): Presence[] {
  const found: Presence[] = [];
  if (t < 3.5) found.push(upright('first', 90 - 33 * t));
  if (t >= 4 && t < 7.5) found.push(upright('holder', 310 - 30 * (t - 4)));
  if (t >= 7.5 && t < 9) found.push(upright('holder', 205));
  if (t >= 9 && t < 13) found.push(upright('holder', 205 + 31 * (t - 9)));
  if (t >= 5) found.push(upright('stander', Math.min(30, -20 + 25 * (t - 5))));
  found.push(...passing('behind', t - 16, 168, false), ...passing('in-front', t - 35, 180, true));
  return found;
}

/** Comes from the right, crouches for a moment where the bag is, and goes back; too short to pass for its owner. */
function passing(role: Presence['role'], s: number, y: number, isInFront: boolean): Presence[] {
  if (s < 0 || s > 3.4) return [];
  const away = Math.max(0, Math.abs(s - 1.7) - 0.1);
  return [{ role, x: Math.round(187 + 80 * away), y, tall: 44, isInFront }];
}

/** A floor, a wall, a bag from t = 7.5 on (before that in the holder's hand), people with `face`, and noise. */
export function pictureAt(t: number, face: Face, seed: number): Frame {
  const data = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++)
      data[y * WIDTH + x] = y < 110 ? 165 - (x >> 4) : 120 + (x >> 3) + ((x * 7 + y * 13) % 5);
  }
  const people = presencesAt(t);
  for (const person of people) if (!person.isInFront) drawPerson(data, person, face);
  const holder = people.find(({ role }) => role === 'holder');
  if (t >= 7.5) drawBag(data, BAG.left, BAG.top);
  else if (holder !== undefined) drawBag(data, holder.x - 22, BAG.top - 30);
  for (const person of people) if (person.isInFront) drawPerson(data, person, face);
  addNoise(data, seed * 10_007 + Math.round(t * FRAMES_PER_SECOND));
  return { width: WIDTH, height: HEIGHT, t, data };
}

function drawPerson(data: Uint8Array, { x, y, tall }: Presence, face: Face): void {
  const left = x - (BODY_WIDTH - FACE_WIDTH) / 2;
  fill(data, left, y + FACE_HEIGHT, BODY_WIDTH, tall - FACE_HEIGHT, () => 60);
  fill(data, x, y, FACE_WIDTH, FACE_HEIGHT, (i) => 105 + 42 * (face.pattern[i] ?? 0));
}

const drawBag = (data: Uint8Array, left: number, top: number): void =>
  fill(data, left, top, BAG.width, BAG.height, (i) => ((i % BAG.width) % 6 < 3 ? 25 : 45));

function fill(
  data: Uint8Array,
  left: number,
  top: number,
  width: number,
  height: number,
  levelAt: (i: number) => number,
): void {
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [left + (i % width), top + Math.floor(i / width)];
    if (x < 0 || x >= WIDTH || y < 0 || y >= HEIGHT) continue;
    data[y * WIDTH + x] = Math.min(255, Math.max(0, levelAt(i)));
  }
}

/** About two grey levels of standard deviation, of which each picture begins elsewhere. */
function addNoise(data: Uint8Array, seed: number): void {
  const from = seeded(seed)(NOISE.length - data.length);
  for (let i = 0; i < data.length; i++) {
    data[i] = Math.min(255, Math.max(0, (data[i] ?? 0) + (NOISE[from + i] ?? 0)));
  }
}

const NOISE = noise();

function noise(): Int8Array {
  const below = seeded(5);
  return Int8Array.from({ length: 5 * WIDTH * HEIGHT }, () => below(4) + below(4) - 3);
}
