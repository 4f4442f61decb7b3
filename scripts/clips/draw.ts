import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { WatchpostError } from '#contract/errors.ts';
import { framesOf } from '../scenes/render.ts';
import type { Scene } from '../scenes/scene.ts';
import { bagScene, quietScene } from './demo-scenes.ts';

/** The clips that the simulated camera plays when nobody gives it a video. */
export interface DrawnClips {
  /** Somebody walks in, leaves a bag, goes, and fetches it half a minute later: one thing left, once. */
  readonly bag: string;
  /** The empty hall with somebody passing: nothing is left. */
  readonly quiet: string;
}

export const CLIPS_DIR: string = fileURLToPath(new URL('../../.cache/clips', import.meta.url));

/** Counts up when the drawing changes, so that clips of an older version are drawn again. */
const VERSION = 2;

/** Draws the clips that are not there yet, telling `onDraw` once if there are any; both end as they begin, so they can be looped. Throws WP2410. */
export async function drawClips(
  folder: string = CLIPS_DIR,
  onDraw: () => void = () => undefined,
): Promise<DrawnClips> {
  await makeFolder(folder);
  const clips = {
    bag: join(folder, `bag-left-v${VERSION}.mkv`),
    quiet: join(folder, `quiet-hall-v${VERSION}.mkv`),
  };
  if (!existsSync(clips.bag) || !existsSync(clips.quiet)) onDraw();
  await Promise.all([drawClip(clips.bag, bagScene), drawClip(clips.quiet, quietScene)]);
  return clips;
}

/** A device's program may lie on a file system that nobody can write to. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new WatchpostError('WP2410', { detail: `no folder for it: ${folder}`, cause });
  }
}

async function drawClip(file: string, sceneOf: () => Scene): Promise<void> {
  if (existsSync(file)) return;
  const part = `${file}.${process.pid}.part`;
  try {
    await encodeScene(part, sceneOf());
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
}

/** Writes a drawn scene as a Matroska file at its own pace. Throws WP2410. */
export async function encodeScene(file: string, scene: Scene): Promise<void> {
  const { width, height } = scene.stage.optics.size;
  const raw = `format=gray8 width=${width} height=${height} framerate=${scene.framesPerSecond}/1`;
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
  for (const { data } of framesOf(scene)) {
    if (!child.stdin.writable) break;
    if (!child.stdin.write(data)) await Promise.race([drained(child.stdin), ended]);
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
