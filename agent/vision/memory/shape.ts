import * as z from 'zod';
import { IMPAIRMENTS } from '#agent/ports/vision-watches.ts';
import type { DetectorMemory } from '../detector-memory.ts';
import { BANDS, TILES } from '../watches/impairment/energy.ts';

const Plane = z
  .object({
    columns: z.int().min(0).max(4096),
    rows: z.int().min(0).max(4096),
    data: z.instanceof(Float32Array),
  })
  .refine(({ columns, rows, data }) => data.length === columns * rows);
const Tiles = z.instanceof(Float32Array).refine(({ length }) => length === TILES);
const View = z.object({ energy: z.array(Tiles).length(BANDS), edges: Plane, coarse: Plane }).nullable();
const Turn = z.object({ state: z.enum(['began', 'ended']), since: z.number() }).nullable();
const Impairments = z.object({
  width: z.int(),
  height: z.int(),
  usual: View,
  home: View,
  faults: z.record(z.enum(IMPAIRMENTS), Turn),
});

/** The outside of a detector's memory; the inside was written by the same code, and its bytes are checked. */
const Outside = z.object({
  version: z.literal(1),
  width: z.int().min(2).max(4096),
  height: z.int().min(2).max(4096),
  t: z.number(),
  nextTrackId: z.int(),
  offset: z.object({ dx: z.number(), dy: z.number() }),
  scene: z.object({
    long: z.instanceof(Int16Array),
    short: z.instanceof(Int16Array),
    deviation: z.instanceof(Uint8Array),
    age: z.instanceof(Uint8Array),
  }),
  scale: z.object({}),
  impairments: Impairments.optional(),
  tracks: z.array(z.object({ id: z.int(), cells: z.instanceof(Int32Array), restT: z.number() })).max(1000),
});

/** Whether `value` has the shape of a memory, and each of its planes the size of its pictures. */
export function isDetectorMemory(value: unknown): value is DetectorMemory {
  const { success, data } = Outside.safeParse(value);
  if (!success) return false;
  const { width, height, scene } = data;
  const cells = (width >> 1) * (height >> 1);
  const areFull = Object.values(scene).every((plane) => plane.length === width * height);
  return areFull && data.tracks.every(({ cells: own }) => own.every((cell) => cell >= 0 && cell < cells));
}
