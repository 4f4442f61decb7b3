import { TargetLock } from './lock.ts';
import type { FoundTarget } from './open-target.ts';
import { Meter, type MeterOutput } from './progress.ts';
import type { SourceBundle } from './source-bundle.ts';
import type { ReadBack, Sight, Target } from './target.ts';

export interface FlashRequest {
  readonly source: SourceBundle;
  readonly found: FoundTarget;
  readonly mode: 'plan' | 'write';
  /** Shown before anything is written. */
  readonly onPlan: (sight: Sight, target: Target) => void;
  /** Rejects where it is not confirmed. */
  readonly confirm: (sight: Sight) => Promise<void>;
  readonly meter: MeterOutput;
}

export interface FlashReport {
  readonly to: string;
  readonly device: string;
  readonly generation: number;
  readonly bundleSha256: string;
  /** Written now; 0 where it was there whole. */
  readonly writtenBytes: number;
  readonly seconds: number;
  readonly readBack: ReadBack;
  readonly next: string;
}

/** Plans, asks, writes, reads back. Null where only a plan was wanted. */
export async function flashOne(request: FlashRequest): Promise<FlashReport | null> {
  const { target, lockName } = request.found;
  const lock = TargetLock.take(lockName);
  try {
    await target.open();
    const sight = await target.look();
    request.onPlan(sight, target);
    if (request.mode === 'plan') return null;
    return await carryOut(request, sight);
  } finally {
    await target.close();
    lock.release();
  }
}

async function carryOut({ source, found, confirm, meter }: FlashRequest, sight: Sight): Promise<FlashReport> {
  const { target } = found;
  const isThere = sight.steps.length === 0;
  if (!isThere) await confirm(sight);
  const startMs = meter.now();
  if (!isThere) await write(target, sight.bytes, meter);
  const readBack = await target.readBack();
  return {
    ...{ to: target.name, device: source.manifest.device, generation: source.manifest.generation },
    ...{ bundleSha256: source.sha256, writtenBytes: isThere ? 0 : sight.bytes },
    ...{ seconds: (meter.now() - startMs) / 1000, readBack, next: target.next },
  };
}

async function write(target: Target, bytes: number, output: MeterOutput): Promise<void> {
  const meter = new Meter(bytes, output);
  try {
    await target.write((done) => meter.tell(done));
  } finally {
    meter.end();
  }
}
