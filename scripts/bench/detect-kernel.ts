import { DualBackground, LEVEL } from '#agent/vision/background/background.ts';
import type { KernelChoice } from '#agent/vision/background/kernel/open.ts';
import { GAIN_ONE } from '#agent/vision/background/kernel/steps.ts';
import { DEFAULT_SETTINGS } from '#agent/vision/settings.ts';
import { writeTileRows } from '#agent/vision/stabilisation/illumination.ts';
import { drawnFrames } from './detect-frames.ts';
import { median, rounded } from './figures.ts';

const WIDTH = 640;
/** So many cameras in turns, that none finds its planes in the processor's cache; one alone does. */
const CAMERAS = { fromMemory: 40, fromCache: 1 } as const;
const ROUNDS = 9;
/** Updates measured together. */
const REPEATS = 80;
/** Times the least it can take. */
const TARGET = 2.5;

/**
 * Bytes of a pixel that an update must read and write, each once: picture 1; both backgrounds 2 + 2, deviation 1 and
 * age 1, read and written; both masks 1 + 1, written.
 */
const READ = 1 + 2 + 2 + 1 + 1;
const WRITTEN = 2 + 2 + 1 + 1 + 1 + 1;

/**
 * The background kernel beside a bare copy that moves as many bytes, in turns. From memory is how a camera finds its
 * planes a tenth of a second after it last used them; from the cache it is the arithmetic that takes the time.
 */
export async function benchKernel(onStep: (what: string) => void): Promise<object> {
  const [{ data: picture, height } = { data: new Uint8Array(0), height: 0 }] = drawnFrames(WIDTH, 1);
  const bytes = WIDTH * height * (READ + WRITTEN);
  const twin = updater(picture, height, 1, 'plain');
  twin();
  return {
    width: WIDTH,
    height,
    bytesPerPixel: { read: READ, written: WRITTEN },
    bytesPerFrame: bytes,
    fromMemory: compared(picture, height, bytes, CAMERAS.fromMemory, onStep),
    fromCache: compared(picture, height, bytes, CAMERAS.fromCache, onStep),
    target: { fromMemory: TARGET },
    twinMs: rounded(twin(), 3),
  };
}

function compared(
  picture: Uint8Array,
  height: number,
  bytes: number,
  cameras: number,
  onStep: (what: string) => void,
): object {
  const simd = updater(picture, height, cameras, 'fastest');
  const copy = copier(bytes / 2, cameras);
  simd();
  copy();
  const times = { simd: [] as number[], copy: [] as number[] };
  for (let round = 1; round <= ROUNDS; round++) {
    onStep(`${cameras} cameras, round ${round} of ${ROUNDS}`);
    times.simd.push(simd());
    times.copy.push(copy());
  }
  const ratio = median(times.simd.map((ms, at) => ms / (times.copy[at] ?? Number.NaN)));
  return {
    ms: rounded(median(times.simd), 4),
    copyMs: rounded(median(times.copy), 4),
    copyGBPerS: rounded(bytes / 1e6 / median(times.copy), 1),
    timesTheFloor: rounded(ratio, 2),
  };
}

/** What measures the milliseconds of one update. */
function updater(picture: Uint8Array, height: number, cameras: number, choice: KernelChoice): () => number {
  const backgrounds = Array.from({ length: cameras }, () => {
    const background = new DualBackground(WIDTH, height, DEFAULT_SETTINGS, choice);
    const { planes } = background.kernel;
    writeTileRows(planes);
    planes.gains.fill(GAIN_ONE);
    background.reset(Int16Array.from(picture, (level) => level * LEVEL));
    planes.frame.set(picture);
    return background;
  });
  return () => {
    const began = performance.now();
    for (let repeat = 0; repeat < REPEATS; repeat++) backgrounds[repeat % cameras]?.update('frame', 0.1);
    return (performance.now() - began) / REPEATS;
  };
}

/** What measures the milliseconds of copying `bytes`: as many read, as many written. */
function copier(bytes: number, cameras: number): () => number {
  const pairs = Array.from({ length: cameras }, () => ({
    from: new Uint8Array(bytes).fill(7),
    to: new Uint8Array(bytes),
  }));
  return () => {
    const began = performance.now();
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      const pair = pairs[repeat % cameras];
      if (pair !== undefined) pair.to.set(pair.from);
    }
    return (performance.now() - began) / REPEATS;
  };
}
