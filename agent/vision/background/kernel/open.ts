import { readFileSync } from 'node:fs';
import { WatchpostError } from '#contract/errors.ts';
import type { Kernel } from './kernel.ts';
import { type Layout, layoutOf } from './layout.ts';
import { type KernelExports, memoryFor, SimdKernel } from './simd.ts';
import { STEP } from './steps.ts';
import { TwinKernel } from './twin.ts';

const FILE = new URL('kernel.wasm', import.meta.url);
/** The least module with a SIMD instruction in it: whoever takes it takes the kernel. */
const SIMD_PROBE = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11,
]);

/** `plain` forces the twin: slower, with the same results. */
export type KernelChoice = 'fastest' | 'plain';

/** The kernel for pictures of this size. Throws WP2420 when its file is missing or damaged. */
export function openKernel(width: number, height: number, choice: KernelChoice = 'fastest'): Kernel {
  const layout = layoutOf(width, height);
  const hasSimd = choice === 'fastest' && WebAssembly.validate(SIMD_PROBE);
  const kernel = hasSimd ? openSimd(layout) : new TwinKernel(layout);
  describe(kernel.planes.step, layout);
  return kernel;
}

function openSimd(layout: Layout): Kernel {
  const memory = memoryFor(layout);
  try {
    const instance = new WebAssembly.Instance(compiled(), { env: { memory } });
    return new SimdKernel(layout, memory, exportsOf(instance));
  } catch (cause) {
    if (cause instanceof WatchpostError) throw cause;
    throw new WatchpostError('WP2420', { detail: FILE.pathname, cause });
  }
}

let module: WebAssembly.Module | null = null;

/** Compiled once for all cameras of the process. */
function compiled(): WebAssembly.Module {
  module ??= new WebAssembly.Module(readFileSync(FILE));
  return module;
}

function exportsOf({ exports }: WebAssembly.Instance): KernelExports {
  const called = (name: string) => {
    const found = exports[name];
    if (found !== undefined) return found;
    throw new WatchpostError('WP2420', { detail: `${FILE.pathname} has no ${name}` });
  };
  return {
    update: called('update'),
    absorb: called('absorb'),
    warp: called('warp'),
    shrinkFrame: called('shrinkFrame'),
    shrinkLong: called('shrinkLong'),
    markCells: called('markCells'),
  };
}

/** Writes down where the planes are, for the kernel. */
function describe(step: Int32Array, { width, height, at }: Layout): void {
  step[STEP.width] = width;
  step[STEP.height] = height;
  step[STEP.frame] = at.frame;
  step[STEP.aligned] = at.aligned;
  step[STEP.long] = at.long;
  step[STEP.short] = at.short;
  step[STEP.deviation] = at.deviation;
  step[STEP.age] = at.age;
  step[STEP.foreground] = at.foreground;
  step[STEP.moving] = at.moving;
  step[STEP.cells] = at.cells;
  step[STEP.gains] = at.gains;
  step[STEP.drifts] = at.drifts;
  step[STEP.rows] = at.rows;
  step[STEP.scratch] = at.scratch;
  step[STEP.half] = at.half;
  step[STEP.quarter] = at.quarter;
}
