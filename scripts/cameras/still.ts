import { redacted } from '#agent/drivers/gstreamer/launch.ts';
import { openFrameSource } from '#agent/drivers/gstreamer/open.ts';
import { Camera } from '#agent/vision/camera.ts';
import type { Picture } from '#agent/vision/evidence/pictures.ts';
import { systemClock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';

export interface StillRequest {
  readonly source: string;
  /** Pixels. */
  readonly width: number;
  /** Watched for so long first, so that it is known what moves. */
  readonly afterS: number;
}

/** A camera that has given no picture by then, beyond `afterS`, gives none. */
const FIRST_WITHIN_MS = 30_000;
const FRAMES_PER_SECOND = 10;

/**
 * One picture of what a camera sees, under the rule of every picture that leaves memory: who and what moves is past
 * recognition. Throws WP2401–WP2404, WP5060 when there was none in time.
 */
export async function takeStill({ source, width, afterS }: StillRequest): Promise<Picture> {
  const camera = new Camera({ dwellS: 3600, evidenceDir: '', newObjectId: () => 'still' });
  const isFile = !/^(rtsps?|v4l2|test):/.test(source);
  const pace = isFile ? 'fastest' : 'real-time';
  const request = { source, width, framesPerSecond: FRAMES_PER_SECOND, pace } as const;
  const stop = new AbortController();
  const cancel = systemClock.after(afterS * 1000 + FIRST_WITHIN_MS, () => stop.abort());
  let picture: Picture | null = null;
  try {
    for await (const frame of openFrameSource(systemClock, 'gst-launch').frames(request, stop.signal)) {
      camera.judge(frame);
      if (frame.t < afterS) continue;
      picture = camera.snapshot();
      break;
    }
  } finally {
    cancel();
  }
  picture ??= camera.snapshot();
  if (picture === null) throw new WatchpostError('WP5060', { detail: redacted(source) });
  return picture;
}
