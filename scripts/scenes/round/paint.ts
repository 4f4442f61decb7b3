import type { Hall, Point3, Solid } from './hall.ts';

/** Where a ray has met something. `normal`: 0, 1, 2 for a face across x, y, z. */
export interface Hit {
  readonly point: Point3;
  readonly normal: 0 | 1 | 2;
  readonly distance: number;
  /** Null for the hall's own floor, ceiling and walls. */
  readonly solid: Solid | null;
}

/** A bright patch that the sun throws on the floor through a window. */
export interface SunPatch {
  readonly x: number;
  readonly y: number;
  readonly length: number;
  readonly width: number;
  readonly gain: number;
}

export interface Lighting {
  /** Share of each lamp's power, in the hall's order. */
  readonly lamps: readonly number[];
  readonly ambient: number;
  readonly sun: SunPatch | null;
}

/** Light that comes from the point hit, 0 to about 1. `pixelM`: how much of the surface a pixel covers. */
export function radianceAt(hit: Hit, hall: Hall, lighting: Lighting, pixelM: number): number {
  return albedoAt(hit, hall, pixelM) * lightAt(hit, hall, lighting);
}

function lightAt({ point, normal }: Hit, hall: Hall, { lamps, ambient, sun }: Lighting): number {
  let light = ambient;
  hall.lamps.forEach((lamp, index) => {
    const [dx, dy, dz] = [lamp.x - point.x, lamp.y - point.y, lamp.z - point.z];
    const square = dx * dx + dy * dy + dz * dz + 0.5;
    const facing = Math.abs([dx, dy, dz][normal] ?? 0) / Math.sqrt(square);
    light += ((lamps[index] ?? 0) * lamp.power * (0.3 + 0.7 * facing)) / square;
  });
  if (sun !== null && normal === 2 && point.z < 0.01 && isIn(sun, point)) light *= sun.gain;
  return light;
}

/** A parallelogram, as a window throws it. */
function isIn(sun: SunPatch, { x, y }: Point3): boolean {
  const along = x - sun.x - 0.4 * (y - sun.y);
  return along >= 0 && along <= sun.length && y >= sun.y && y <= sun.y + sun.width;
}

function albedoAt(hit: Hit, hall: Hall, pixelM: number): number {
  const { point, normal, solid } = hit;
  if (solid !== null) return paintOf(solid, hit);
  if (normal !== 2) return wallAt(normal === 0 ? point.y : point.x, point.z, sideOf(hit, hall), hall.seed);
  return point.z < 0.01 ? floorAt(point, hall.seed, pixelM) : 0.8;
}

const sideOf = ({ point, normal }: Hit, hall: Hall): number =>
  normal === 0 ? +(point.x > hall.length / 2) : 2 + +(point.y > hall.width / 2);

/** Tiles of 60 cm with joints, which fade where a pixel is wider than they are; and worn places. */
function floorAt({ x, y }: Point3, seed: number, pixelM: number): number {
  const jointM = 0.012;
  const fade = Math.min(1, jointM / pixelM);
  const inJoint = (value: number) => +(((value % 0.6) + 0.6) % 0.6 < Math.max(jointM, pixelM));
  const joint = Math.max(inJoint(x), inJoint(y)) * fade;
  const tile = hash(Math.floor(x / 0.6), Math.floor(y / 0.6), seed) - 0.5;
  const worn = smoothNoise(x * 1.7, y * 1.7, seed + 5) - 0.5;
  return (0.5 + 0.04 * tile + 0.07 * worn) * (1 - 0.45 * joint);
}

/** Panels, a skirting, and posters at eye level. */
function wallAt(along: number, z: number, side: number, seed: number): number {
  if (z < 0.12) return 0.2;
  const panel = Math.floor(along / 1.3);
  const within = along - panel * 1.3;
  if (within < 0.025) return 0.35;
  const poster = hash(panel, side, seed + 11);
  if (poster > 0.35 && z > 1 && z < 2.1 && within > 0.25 && within < 1.05) {
    const [column, row] = [Math.floor((within - 0.25) / 0.2), Math.floor((z - 1) / 0.22)];
    return 0.15 + 0.75 * hash(column + 7 * panel, row + 31 * side, seed + 13);
  }
  return 0.62 + 0.08 * (hash(panel, side, seed) - 0.5);
}

function paintOf({ albedo, pattern, seed, min }: Solid, { point, normal }: Hit): number {
  const along = normal === 0 ? point.y - min.y : point.x - min.x;
  const up = normal === 2 ? point.y - min.y : point.z - min.z;
  const shade = normal === 2 ? 1.1 : normal === 0 ? 1 : 0.9;
  if (pattern === 'stripes') return albedo * shade * (Math.floor(up / 0.11) % 2 === 0 ? 1 : 0.72);
  if (pattern === 'plain') return albedo * shade;
  return albedo * shade * (0.75 + 0.5 * hash(Math.floor(along / 0.22), Math.floor(up / 0.35), seed));
}

/** 0 to 1, the same for the same three numbers. */
export function hash(a: number, b: number, seed: number): number {
  let value = Math.imul(a, 73_856_093) ^ Math.imul(b, 19_349_663) ^ Math.imul(seed, 83_492_791);
  value = Math.imul(value ^ (value >>> 13), 0x5bd1e995);
  return ((value ^ (value >>> 15)) >>> 0) / 2 ** 32;
}

function smoothNoise(x: number, y: number, seed: number): number {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const [ax, ay] = [ease(x - column), ease(y - row)];
  const upper = hash(column, row, seed) * (1 - ax) + hash(column + 1, row, seed) * ax;
  const lower = hash(column, row + 1, seed) * (1 - ax) + hash(column + 1, row + 1, seed) * ax;
  return upper * (1 - ay) + lower * ay;
}

const ease = (share: number): number => share * share * (3 - 2 * share);
