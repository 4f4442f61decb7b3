import { readFileSync } from 'node:fs';
import { decode } from 'fast-png';
import { redacted } from '#agent/drivers/gstreamer/launch.ts';
import { openFrameSource } from '#agent/drivers/gstreamer/open.ts';
import type { Frame } from '#agent/ports/frames.ts';
import { systemClock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';

/** A camera that has given no picture by then gives none. */
const FIRST_WITHIN_MS = 30_000;
const FRAMES_PER_SECOND = 10;

/** Says nothing; enough to measure the time. */
export function greyPicture(width: number): Frame {
  const height = Math.round((width * 9) / 16);
  return { width, height, t: 0, data: new Uint8Array(width * height).fill(128) };
}

/** A PNG as it is, or one picture of a video or camera, `atS` seconds from its beginning. Throws WP2401–WP2404, WP5060. */
export function pictureFrom(input: string, width: number, atS: number): Promise<Frame> {
  return input.toLowerCase().endsWith('.png') ? readPng(input) : takeFrame(input, width, atS);
}

async function readPng(file: string): Promise<Frame> {
  try {
    const { width, height, channels, depth, data } = decode(readFileSync(file));
    const perLevel = depth === 16 ? 257 : 1;
    const grey = Uint8Array.from({ length: width * height }, (_, i) => {
      const at = (channel: number) => (data[i * channels + channel] ?? 0) / perLevel;
      // Luma of BT.601, as GStreamer makes grey of colour.
      return channels < 3 ? at(0) : 0.299 * at(0) + 0.587 * at(1) + 0.114 * at(2);
    });
    return { width, height, t: 0, data: grey };
  } catch (cause) {
    throw new WatchpostError('WP5060', { detail: `${file}: ${String(cause)}`, cause });
  }
}

async function takeFrame(source: string, width: number, atS: number): Promise<Frame> {
  const isFile = !/^(rtsps?|v4l2|test):/.test(source);
  const pace = isFile ? 'fastest' : 'real-time';
  const request = { source, width, framesPerSecond: FRAMES_PER_SECOND, pace } as const;
  const stop = new AbortController();
  const cancel = systemClock.after(atS * 1000 + FIRST_WITHIN_MS, () => stop.abort());
  let last: Frame | null = null;
  try {
    for await (const frame of openFrameSource(systemClock, 'gst-launch').frames(request, stop.signal)) {
      last = frame;
      if (frame.t >= atS) break;
    }
  } finally {
    cancel();
  }
  if (last === null) throw new WatchpostError('WP5060', { detail: redacted(source) });
  return last;
}
