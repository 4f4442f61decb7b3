import type { Kernel, MaskName } from './kernel.ts';
import { type Layout, type Planes, planesOver } from './layout.ts';

const PAGE_BYTES = 65_536;

/** What the built file exports; numbers are offsets into its memory. */
export interface KernelExports {
  readonly update: () => number;
  readonly absorb: () => void;
  readonly warp: () => void;
  readonly shrinkFrame: () => void;
  readonly shrinkLong: () => void;
  readonly markCells: (mask: number, least: number) => void;
}

/** The kernel in WebAssembly: sixteen pixels at a time. */
export class SimdKernel implements Kernel {
  readonly kind = 'simd';
  readonly planes: Planes;
  readonly #layout: Layout;
  readonly #exports: KernelExports;

  constructor(layout: Layout, memory: WebAssembly.Memory, exports: KernelExports) {
    this.#layout = layout;
    this.#exports = exports;
    this.planes = planesOver(memory.buffer, layout);
  }

  update(): number {
    return this.#exports.update();
  }

  absorb(): void {
    this.#exports.absorb();
  }

  warp(): void {
    this.#exports.warp();
  }

  shrink(from: 'frame' | 'long'): void {
    if (from === 'frame') this.#exports.shrinkFrame();
    else this.#exports.shrinkLong();
  }

  markCells(mask: MaskName, least: number): void {
    this.#exports.markCells(this.#layout.at[mask], least);
  }
}

/** Memory for the planes of `layout`, and not a page more. */
export function memoryFor(layout: Layout): WebAssembly.Memory {
  const pages = Math.ceil(layout.bytes / PAGE_BYTES);
  return new WebAssembly.Memory({ initial: pages, maximum: pages });
}
