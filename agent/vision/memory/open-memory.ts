import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { VisionConfig } from '#agent/ports/vision.ts';
import type { Clock } from '#contract/clock.ts';
import { SceneFile } from './scene-file.ts';
import { SceneMemory } from './scene-memory.ts';

export interface MemorySurroundings {
  readonly clock: Clock;
  readonly complain: (error: unknown) => void;
}

/** The memory of the camera that `config` names; undefined where none is to be kept. */
export function openMemory(
  config: VisionConfig,
  { clock, complain }: MemorySurroundings,
): SceneMemory | undefined {
  const { memoryDir, mobile } = config;
  // Where a robot stands after a restart nobody knows; it has references of its own.
  if (memoryDir === undefined || mobile) return undefined;
  const file = new SceneFile({ folder: memoryDir, bootId: bootId(), sinceBootMs });
  return new SceneMemory({ file, clock, complain, identityOf: (source) => identityOf(config, source) });
}

/**
 * What a memory is of. Null for a file: a new process plays it from its beginning, where what was known of its middle
 * would be wrong.
 */
export function identityOf(config: VisionConfig, source: string): string | null {
  if (!/^(rtsps?|v4l2|test):/.test(source)) return null;
  const { camera, width, dwellS, zones } = config;
  return createHash('sha256').update(JSON.stringify({ camera, source, width, dwellS, zones })).digest('hex');
}

/** CLOCK_MONOTONIC: the same for every process of this boot. */
const sinceBootMs = (): number => Number(process.hrtime.bigint() / 1_000_000n);

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
