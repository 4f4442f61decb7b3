import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { WatchpostError } from '#contract/errors.ts';
import { drawHall, drawMoment, type Figure, type Moment, type SceneSize } from './scene.ts';

/** The clips that the simulated camera plays when nobody gives it a video. */
export interface DrawnClips {
  /** Somebody walks in, leaves a bag, goes, and fetches it half a minute later: one thing left, once. */
  readonly bag: string;
  /** The empty hall with somebody passing: nothing is left. */
  readonly quiet: string;
}

export const CLIPS_DIR: string = fileURLToPath(new URL('../../.cache/clips', import.meta.url));

/** Counts up when the drawing changes, so that clips of an older version are drawn again. */
const VERSION = 1;
const SIZE: SceneSize = { width: 480, height: 270 };
export const CLIP_FRAMES_PER_SECOND = 10;
/** Seconds. */
const BAG_CLIP_S = 64;
const QUIET_CLIP_S = 36;
const BAG_PLACE = { x: 0.56, y: 0.8 } as const;

/** Draws the clips that are not there yet, telling `onDraw` once if there are any; both end as they begin, so they can be looped. Throws WP2410. */
export async function drawClips(
  folder: string = CLIPS_DIR,
  onDraw: () => void = () => undefined,
): Promise<DrawnClips> {
  await mkdir(folder, { recursive: true });
  const clips = {
    bag: join(folder, `bag-left-v${VERSION}.mkv`),
    quiet: join(folder, `quiet-hall-v${VERSION}.mkv`),
  };
  if (!existsSync(clips.bag) || !existsSync(clips.quiet)) onDraw();
  await Promise.all([
    drawClip(clips.bag, BAG_CLIP_S, bagMomentAt),
    drawClip(clips.quiet, QUIET_CLIP_S, quietMomentAt),
  ]);
  return clips;
}

async function drawClip(file: string, durationS: number, momentAt: (t: number) => Moment): Promise<void> {
  if (existsSync(file)) return;
  const part = `${file}.${process.pid}.part`;
  try {
    await encode(part, framesOf(durationS, momentAt));
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
}

/** The pictures of a clip, in order. */
function* framesOf(durationS: number, momentAt: (t: number) => Moment): Generator<Uint8Array> {
  const hall = drawHall(SIZE);
  for (let index = 0; index < durationS * CLIP_FRAMES_PER_SECOND; index++) {
    yield drawMoment(hall, SIZE, index, momentAt(index / CLIP_FRAMES_PER_SECOND));
  }
}

async function encode(file: string, frames: Iterable<Uint8Array>): Promise<void> {
  const { width, height } = SIZE;
  const raw = `format=gray8 width=${width} height=${height} framerate=${CLIP_FRAMES_PER_SECOND}/1`;
  const pipeline = `fdsrc fd=0 blocksize=${width * height} ! rawvideoparse ${raw} ! videoconvert ! ${ENCODER}`;
  const child = spawn('gst-launch-1.0', ['-q', ...pipeline.split(' '), `location=${file}`], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-1000);
  });
  const ended = once(child, 'close').catch((error) => [String(error)]);
  // A child that ends early closes the pipe; its own words, below, say why.
  child.stdin.on('error', () => child.kill());
  for (const frame of frames) {
    if (!child.stdin.writable) break;
    if (!child.stdin.write(frame)) await Promise.race([drained(child.stdin), ended]);
  }
  child.stdin.end();
  const [status] = await ended;
  if (status !== 0)
    throw new WatchpostError('WP2410', { detail: said.trim().split('\n')[0] ?? String(status) });
}

/** A pipe that breaks will never drain; why it broke is in the encoder's own words. */
const drained = (pipe: Writable): Promise<unknown> => once(pipe, 'drain').catch(() => undefined);

/** VP8 in Matroska: in plugins-good, small, and quick at this size. */
const ENCODER =
  'vp8enc deadline=1 cpu-used=8 end-usage=cq cq-level=12 min-quantizer=4 max-quantizer=30 target-bitrate=1500000 keyframe-max-dist=50 ! matroskamux ! filesink';

function bagMomentAt(t: number): Moment {
  const bag = t >= 15 && t < 51 ? BAG_PLACE : null;
  if (t >= 6 && t < 14) return { bag, figure: walking(t - 6, 8, -0.06, 0.53, true) };
  if (t >= 14 && t < 16) return { bag, figure: bending(t - 14, 2, bag === null) };
  if (t >= 16 && t < 23) return { bag, figure: walking(t - 16, 7, 0.53, 1.08, false) };
  if (t >= 43 && t < 50) return { bag, figure: walking(t - 43, 7, 1.08, 0.53, false) };
  if (t >= 50 && t < 52) return { bag, figure: bending(t - 50, 2, bag === null) };
  if (t >= 52 && t < 60) return { bag, figure: walking(t - 52, 8, 0.53, -0.06, true) };
  return { bag, figure: null };
}

function quietMomentAt(t: number): Moment {
  if (t >= 6 && t < 15) return { bag: null, figure: walking(t - 6, 9, -0.06, 1.08, false, 0.7) };
  if (t >= 21 && t < 30) return { bag: null, figure: walking(t - 21, 9, 1.08, -0.06, false, 0.9) };
  return { bag: null, figure: null };
}

function walking(
  sinceS: number,
  durationS: number,
  fromX: number,
  toX: number,
  carriesBag: boolean,
  y: number = BAG_PLACE.y,
): Figure {
  const share = sinceS / durationS;
  return { x: fromX + (toX - fromX) * share, y, walked: sinceS * 1.4, bent: 0, carriesBag };
}

function bending(sinceS: number, durationS: number, carriesBag: boolean): Figure {
  const bent = Math.sin((Math.PI * sinceS) / durationS);
  return { x: 0.53, y: BAG_PLACE.y, walked: 0, bent, carriesBag };
}
