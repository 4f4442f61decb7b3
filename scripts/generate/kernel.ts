import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WatchpostError } from '#contract/errors.ts';

const KERNEL = fileURLToPath(new URL('../../agent/vision/background/kernel/', import.meta.url));
const COMPILER = fileURLToPath(new URL('../../node_modules/assemblyscript/bin/asc.js', import.meta.url));
/** No runtime, memory given from outside: the file is nothing but the functions. */
const OPTIONS = '--enable simd --runtime stub --importMemory --initialMemory 0 -O3 --noAssert'.split(' ');

/** `node scripts/generate/kernel.ts` compiles agent/vision/background/kernel/assembly to kernel.wasm. Throws WP5050. */
export function compileKernel(file: string): void {
  const args = [COMPILER, join(KERNEL, 'assembly/kernel.ts'), '-o', file, ...OPTIONS];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new WatchpostError('WP5050', { detail: stderr.trim() });
}

/** The bytes that the source compiles to. */
export function compiledKernel(): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'watchpost-kernel-'));
  try {
    compileKernel(join(folder, 'kernel.wasm'));
    return readFileSync(join(folder, 'kernel.wasm'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) compileKernel(join(KERNEL, 'kernel.wasm'));
