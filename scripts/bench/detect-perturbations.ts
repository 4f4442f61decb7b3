import type { Frame } from '#agent/ports/frames.ts';
import type { Box } from '#contract/event-data.ts';
import { cropped, mirrored, type Offset, withLevels, withNoise, withShake } from './detect-distort.ts';
import { throughJpeg } from './detect-jpeg.ts';
import type { Truth } from './detect-score.ts';

/** A way to change a video that must not change what is found in it. */
export interface Perturbation {
  readonly name: string;
  readonly width?: number;
  readonly framesPerSecond?: number;
  /** `random` gives the numbers of the seed. */
  readonly change?: (
    frames: readonly Frame[],
    random: () => number,
  ) => Iterable<Frame> | AsyncIterable<Frame>;
  /** What is then to be found. */
  readonly truth?: (truth: Truth) => Truth;
}

/** Share of each border that is cut off. */
const CROP = 0.05;
const CUT_S = 3;

/** Each stands for something that happens to cameras. */
export const PERTURBATIONS: readonly Perturbation[] = [
  { name: 'plain' },
  { name: 'mirrored', change: mirrored, truth: withBox(([x, y, w, h]) => [1 - x - w, y, w, h]) },
  { name: '5 frames/s', framesPerSecond: 5 },
  { name: '1.5× scale', width: 480 },
  { name: 'noise σ 4', change: (frames, random) => withNoise(frames, 4, random) },
  { name: 'light ×0.7 from the middle', change: (frames) => dimmed(frames, durationOf(frames) / 2) },
  {
    name: 'light ×0.7 from a random time',
    change: (frames, random) => dimmed(frames, (0.1 + 0.8 * random()) * durationOf(frames)),
  },
  {
    name: 'gain ±20 % within a minute',
    change: (frames) =>
      withLevels(frames, (value, t) => value * (1 + 0.2 * Math.sin((2 * Math.PI * t) / 60))),
  },
  { name: 'shake ±1 px', change: (frames, random) => withShake(frames, () => anyOffset(random, 1)) },
  {
    name: 'nudge of 2 px for good',
    change: (frames) => withShake(frames, (t) => (t > durationOf(frames) / 2 ? [1.6, 1.2] : [0, 0])),
  },
  {
    name: 'bursts of ±3 px',
    change: (frames, random) =>
      withShake(frames, (t) => (t % BURST_EVERY_S < BURST_S ? anyOffset(random, 3) : [0, 0])),
  },
  { name: 'gamma 0.8', change: (frames) => withLevels(frames, gamma(0.8)) },
  { name: 'gamma 1.25', change: (frames) => withLevels(frames, gamma(1.25)) },
  { name: 'JPEG quality 30', change: (frames) => throughJpeg(frames, 30) },
  { name: 'noise σ 8', change: (frames, random) => withNoise(frames, 8, random) },
  { name: 'contrast ×0.6', change: (frames) => withLevels(frames, (value) => 51 + value * 0.6) },
  { name: '2 frames/s', framesPerSecond: 2 },
  { name: '15 frames/s', framesPerSecond: 15 },
  { name: '240 wide', width: 240 },
  { name: '640 wide', width: 640 },
  {
    name: 'cropped by a twentieth',
    change: (frames) => cropped(frames, CROP),
    truth: withBox(([x, y, w, h]) => {
      const by = 1 - 2 * CROP;
      return [(x - CROP) / by, (y - CROP) / by, w / by, h / by];
    }),
  },
  {
    name: 'the first 3 s cut off',
    change: (frames) =>
      frames.filter(({ t }) => t >= CUT_S).map((frame) => ({ ...frame, t: frame.t - CUT_S })),
    truth: (truth) => ({ ...truth, from: truth.from - CUT_S, to: truth.to - CUT_S }),
  },
  {
    name: 'all at once, mildly',
    width: 400,
    framesPerSecond: 8,
    change: (frames, random) => {
      const lit = [
        ...withLevels(frames, (value, t) => 1.1 * gamma(0.9)(value) * (1 + 0.1 * Math.sin(t / 7))),
      ];
      return withNoise([...withShake(lit, () => anyOffset(random, 0.4))], 2.5, random);
    },
  },
];

const BURST_EVERY_S = 15;
const BURST_S = 1.5;

function withBox(boxOf: (box: Box) => Box): (truth: Truth) => Truth {
  return (truth) => ({ ...truth, box: boxOf(truth.box) });
}

const durationOf = (frames: readonly Frame[]): number => frames.at(-1)?.t ?? 0;

const dimmed = (frames: readonly Frame[], fromS: number): Iterable<Frame> =>
  withLevels(frames, (value, t) => (t > fromS ? value * 0.7 : value));

const anyOffset = (random: () => number, most: number): Offset => [
  most * (2 * random() - 1),
  most * (2 * random() - 1),
];

const gamma =
  (power: number) =>
  (value: number): number =>
    255 * (value / 255) ** power;
