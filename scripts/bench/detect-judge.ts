import type { Frame } from '#agent/ports/frames.ts';
import { Detector } from '#agent/vision/detector.ts';
import type { Raised } from './detect-score.ts';

/** What the detector, as the vision process sets it up, reports as left behind in `frames`. */
export async function judged(
  frames: Iterable<Frame> | AsyncIterable<Frame>,
  dwellS: number,
): Promise<Raised[]> {
  const raised: Raised[] = [];
  let detector: Detector | null = null;
  for await (const frame of frames) {
    const { width, height } = frame;
    detector ??= new Detector({ width, height, dwellS, newObjectId: () => String(raised.length) });
    for (const { change, t, box, score } of detector.push(frame)) {
      if (change === 'left') raised.push({ t, box, score });
    }
  }
  return raised;
}
