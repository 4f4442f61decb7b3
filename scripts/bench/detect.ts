import { openFrameSource } from '#agent/drivers/gstreamer/open.ts';
import { Detector } from '#agent/vision/detector.ts';
import { systemClock } from '#contract/clock.ts';
import { drawClips } from '../clips/draw.ts';
import { rounded, type Spread, spread } from './figures.ts';

export interface DetectBench {
  readonly input: string;
  readonly frames: number;
  readonly events: number;
  /** Milliseconds of judging a frame, decoding left out. */
  readonly frameMs: Spread;
  /** Seconds of video judged in a second, decoding included. */
  readonly realTimeFactor: number;
  /** The share of one core that a camera at this rate takes, decoding left out. */
  readonly coreShare: number;
}

/** What the vision process uses by default: width in pixels, frames a second. */
const WIDTH = 320;
const FRAMES_PER_SECOND = 10;
const DWELL_S = 10;

/** The detector of the vision process on a file, or on the clip that the project draws, as fast as it can. */
export async function benchDetect({ input }: { input?: string | undefined }): Promise<DetectBench> {
  const file = input ?? (await drawClips()).bag;
  const request = {
    source: file,
    width: WIDTH,
    framesPerSecond: FRAMES_PER_SECOND,
    pace: 'fastest' as const,
  };
  const judgedMs: number[] = [];
  let detector: Detector | null = null;
  let events = 0;
  const beganMs = performance.now();
  for await (const frame of openFrameSource(systemClock).frames(request, new AbortController().signal)) {
    const { width, height } = frame;
    detector ??= new Detector({ width, height, dwellS: DWELL_S, newObjectId: () => String(events) });
    const frameMs = performance.now();
    events += detector.push(frame).filter(({ change }) => change === 'left').length;
    judgedMs.push(performance.now() - frameMs);
  }
  const tookS = (performance.now() - beganMs) / 1000;
  const frames = judgedMs.length;
  const meanMs = judgedMs.reduce((sum, ms) => sum + ms, 0) / frames;
  return {
    input: input ?? 'the drawn clip',
    frames,
    events,
    frameMs: spread(judgedMs),
    realTimeFactor: rounded(frames / FRAMES_PER_SECOND / tookS, 1),
    coreShare: rounded((meanMs * FRAMES_PER_SECOND) / 1000, 3),
  };
}
