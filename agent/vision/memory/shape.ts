import * as z from 'zod';
import type { DetectorMemory } from '../detector-memory.ts';

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
