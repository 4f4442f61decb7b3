import type { Frame } from '#agent/ports/frames.ts';
import { Detector } from '#agent/vision/detector.ts';
import { bagScene } from '../clips/demo-scenes.ts';
import { framesOf as drawnOf } from '../scenes/render.ts';
import { CLIP_DWELL_S, clipsIn, framesOf } from './detect-clips.ts';

const FRAMES_PER_SECOND = 10;
/** Somebody walks in, puts a bag down and goes between here and half a minute later (seconds of the drawn clip). */
const BEGINS_S = 4;
/** A clip of a camera's usual format, in which people walk and stand all the time. */
const CLIP = 'people-standing.mp4';

export interface SpeedFrames {
  readonly of: string;
  readonly frames: readonly Frame[];
}

/** `count` pictures to measure by, 16:9: of a real clip where there is one, else drawn. */
export async function speedFrames(width: number, count: number): Promise<SpeedFrames> {
  const clip = clipsIn()?.find(({ name }) => name === CLIP);
  if (clip === undefined) return { of: 'the drawn hall', frames: drawnFrames(width, count) };
  const frames = await framesOf(clip, { width, framesPerSecond: FRAMES_PER_SECOND });
  return { of: CLIP, frames: frames.slice(0, count) };
}

/** The drawn hall at any size, its pixels repeated or left out. */
export function drawnFrames(width: number, count: number): readonly Frame[] {
  const height = Math.round((width * 9) / 16 / 2) * 2;
  const frames: Frame[] = [];
  for (const frame of drawnOf(bagScene())) {
    if (frame.t < BEGINS_S) continue;
    if (frames.length === count) break;
    frames.push({ width, height, t: frame.t - BEGINS_S, data: resized(frame, width, height) });
  }
  return frames;
}

function resized(from: Frame, width: number, height: number): Uint8Array {
  const data = new Uint8Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.floor((y * from.height) / height) * from.width;
    for (let x = 0; x < width; x++, i++) data[i] = from.data[row + Math.floor((x * from.width) / width)] ?? 0;
  }
  return data;
}

/** Milliseconds of processor time a picture, collecting garbage included, of a fresh detector over all of them. */
export function detectorMs(frames: readonly Frame[]): number {
  const [{ width, height } = { width: 0, height: 0 }] = frames;
  let id = 0;
  const detector = new Detector({ width, height, dwellS: CLIP_DWELL_S, newObjectId: () => `object-${++id}` });
  const began = process.cpuUsage();
  for (const frame of frames) detector.push(frame);
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000 / frames.length;
}
