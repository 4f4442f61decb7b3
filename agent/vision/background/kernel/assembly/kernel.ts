/**
 * The background kernel in AssemblyScript: sixteen pixels at a time in SIMD, the rest of a row one by one.
 * `../twin.ts` says the same in TypeScript, to the bit. The numbers of a step are read from the beginning of the
 * memory; their places are those of `../steps.ts`. Built by `node scripts/generate/kernel.ts`.
 */
export { absorb, markCells, update } from './background';
export { shrinkFrame, shrinkLong, warp } from './picture';
