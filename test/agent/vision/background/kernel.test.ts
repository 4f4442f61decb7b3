import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import type { Kernel } from '#agent/vision/background/kernel/kernel.ts';
import type { Planes } from '#agent/vision/background/kernel/layout.ts';
import { openKernel } from '#agent/vision/background/kernel/open.ts';
import { LIGHTEST, MAX_DEVIATION, STEP, TILE_ROWS } from '#agent/vision/background/kernel/steps.ts';
import { compiledKernel } from '#scripts/generate/kernel.ts';

const BUILT = new URL('../../../../agent/vision/background/kernel/kernel.wasm', import.meta.url);

t.test('the built kernel is what its source compiles to', async (t) => {
  t.ok(
    Buffer.from(compiledKernel()).equals(readFileSync(BUILT)),
    'node scripts/generate/kernel.ts builds it',
  );
});

/** A small generator, so that a seed of fast-check fills whole planes. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function fillState(planes: Planes, seed: number): void {
  const random = randomFrom(seed);
  for (let i = 0; i < planes.long.length; i++) {
    planes.long[i] = random(LIGHTEST + 1);
    planes.short[i] = random(3) === 0 ? random(LIGHTEST + 1) : (planes.long[i] ?? 0);
    planes.deviation[i] = random(MAX_DEVIATION + 1);
    planes.age[i] = random(256);
  }
  for (let i = 0; i < planes.gains.length; i++) {
    planes.gains[i] = random(4) === 0 ? random(32_768) : 6000 + random(5000);
    planes.drifts[i] = random(4000) - 2000;
  }
  for (let y = 0; y < planes.height; y++) {
    planes.rows[y * 2] = random(TILE_ROWS - 1);
    planes.rows[y * 2 + 1] = random(32_768);
  }
}

/** Pictures near the background, with some far from it, so that every branch is taken. */
function fillPicture({ frame, aligned, long }: Planes, seed: number): void {
  const random = randomFrom(seed);
  for (let i = 0; i < frame.length; i++) {
    const near = Math.min(255, Math.max(0, ((long[i] ?? 0) >> 7) + random(41) - 20));
    frame[i] = random(4) === 0 ? random(256) : near;
    aligned[i] = random(256);
  }
}

type StepName = Exclude<keyof typeof STEP, 'width' | 'height' | keyof Planes>;
type Numbers = Partial<Record<StepName, number>>;

interface Step {
  readonly picture: number;
  readonly least: number;
  readonly numbers: Numbers;
}

const STEP_NAMES = [
  'fromAligned',
  'threshold',
  'thresholdByDeviation',
  'shortShare',
  'longShare',
  'deviationShare',
  'longDither',
  'deviationDither',
  'ageUp',
  'ageBack',
  'ageDown',
  'ageCap',
] as const satisfies readonly StepName[];

const Numbers: fc.Arbitrary<Numbers> = fc.record({
  fromAligned: fc.integer({ min: 0, max: 1 }),
  threshold: fc.integer({ min: 0, max: 12_800 }),
  thresholdByDeviation: fc.integer({ min: 0, max: 80 }),
  shortShare: fc.integer({ min: 1, max: 32_767 }),
  longShare: fc.integer({ min: 1, max: 4000 }),
  deviationShare: fc.integer({ min: 1, max: 500 }),
  longDither: fc.integer({ min: -16_384, max: 16_384 }),
  deviationDither: fc.integer({ min: -16_384, max: 16_384 }),
  ageUp: fc.integer({ min: 0, max: 255 }),
  ageBack: fc.integer({ min: 0, max: 255 }),
  ageDown: fc.integer({ min: 0, max: 255 }),
  ageCap: fc.integer({ min: 0, max: 255 }),
});

const Case = fc.record({
  width: fc.integer({ min: 2, max: 70 }),
  height: fc.integer({ min: 2, max: 9 }),
  state: fc.integer(),
  steps: fc.array(
    fc.record({ picture: fc.integer(), least: fc.integer({ min: 0, max: 255 }), numbers: Numbers }),
    {
      minLength: 1,
      maxLength: 4,
    },
  ),
});

/** A copy of what a plane holds. */
const bytesOf = ({ buffer, byteOffset, byteLength }: Uint8Array | Int16Array): Buffer =>
  Buffer.from(Buffer.from(buffer, byteOffset, byteLength));

/** Any move whose four neighbours lie in the picture, with any cubic weights. */
function tellWarp({ step, width, height }: Planes, seed: number): void {
  const random = randomFrom(seed);
  const [left, top] = [random(width), random(height)];
  const right = left + random(width - left + 1);
  const bottom = top + random(height - top + 1);
  const fits = right - left + 3 <= width && bottom - top + 3 <= height;
  step[STEP.warpLeft] = left;
  step[STEP.warpTop] = top;
  step[STEP.warpRight] = fits ? right : left;
  step[STEP.warpBottom] = fits ? bottom : top;
  step[STEP.warpX] = fits ? 1 - left + random(width - (right - left) - 2) : 0;
  step[STEP.warpY] = fits ? 1 - top + random(height - (bottom - top) - 2) : 0;
  for (let tap = 0; tap < 8; tap++) {
    step[STEP.warpAcross + tap] = tap % 4 === 1 || tap % 4 === 2 ? random(32_768) : -random(4000);
  }
}

function run(kernel: Kernel, { state, steps }: { state: number; steps: readonly Step[] }) {
  const { planes } = kernel;
  fillState(planes, state);
  return steps.map(({ picture, least, numbers }) => {
    fillPicture(planes, picture);
    for (const name of STEP_NAMES) planes.step[STEP[name]] = numbers[name] ?? 0;
    const count = kernel.update();
    kernel.absorb();
    tellWarp(planes, picture);
    planes.aligned.fill(0);
    kernel.warp();
    const moved = Buffer.from(planes.aligned);
    const small = (['frame', 'long'] as const).flatMap((from) => {
      kernel.shrink(from);
      return [bytesOf(planes.half), bytesOf(planes.quarter)];
    });
    const cells = (['foreground', 'moving', 'age'] as const).map((mask) => {
      kernel.markCells(mask, mask === 'age' ? least : 1);
      return Buffer.from(planes.cells);
    });
    const { long, short, deviation, age, foreground, moving } = planes;
    const states = [long, short, deviation, age, foreground, moving];
    return { count, bytes: Buffer.concat([...states.map(bytesOf), moved, ...small, ...cells]) };
  });
}

t.test('WebAssembly and TypeScript agree to the bit, whatever the size, state and settings', async (t) => {
  t.equal(openKernel(2, 2).kind, 'simd', 'this Node has SIMD, or there would be nothing to compare');
  fc.assert(
    fc.property(Case, ({ width, height, ...rest }) => {
      const fast = run(openKernel(width, height), rest);
      const plain = run(openKernel(width, height, 'plain'), rest);
      return fast.every(
        ({ count, bytes }, at) => count === plain[at]?.count && bytes.equals(plain[at].bytes),
      );
    }),
    { numRuns: 120, seed: 20_261_122 },
  );
});

t.test('states stay within their ranges', async (t) => {
  const check = () =>
    fc.assert(
      fc.property(Case, ({ width, height, ...rest }) => {
        const kernel = openKernel(width, height);
        run(kernel, rest);
        const { long, short, deviation, foreground, moving } = kernel.planes;
        const isLevel = (value: number) => value >= 0 && value <= LIGHTEST;
        const isMask = (value: number) => value === 0 || value === 1;
        return (
          long.every(isLevel) &&
          short.every(isLevel) &&
          deviation.every((value) => value <= MAX_DEVIATION) &&
          foreground.every(isMask) &&
          moving.every(isMask)
        );
      }),
      { numRuns: 40, seed: 7 },
    );
  t.doesNotThrow(check);
});
