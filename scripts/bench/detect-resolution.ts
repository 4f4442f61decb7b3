import { detectorMs, drawnFrames } from './detect-frames.ts';
import { median, rounded } from './figures.ts';

const WIDTHS = [160, 240, 320, 480, 640, 960, 1280] as const;
const FRAMES = 150;
const ROUNDS = 3;

/** Milliseconds a picture of the whole detector against the size of the picture. */
export async function benchResolution(onStep: (what: string) => void): Promise<object> {
  const rows = WIDTHS.map((width) => {
    onStep(`${width} wide`);
    const frames = drawnFrames(width, FRAMES);
    const { height = 0 } = frames[0] ?? {};
    const times = Array.from({ length: ROUNDS }, () => detectorMs(frames));
    return {
      width,
      height,
      megapixels: rounded((width * height) / 1e6, 3),
      msPerFrame: rounded(median(times), 3),
    };
  });
  return { pictures: 'the drawn hall', rows };
}
