import type { OutputShape } from '#agent/drivers/inference/model.ts';
import { WorkerDetector } from '#agent/drivers/inference/worker-detector.ts';
import type { Frame } from '#agent/ports/frames.ts';
import type { ModelConfig, Sight } from '#agent/ports/object-detector.ts';
import { systemClock } from '#contract/clock.ts';
import { type Spread, spread } from '../bench/figures.ts';

export interface ModelTrial {
  readonly backend: string;
  /** Until it could be asked, its first run included. */
  readonly loadMs: number;
  readonly outputs: readonly OutputShape[];
  /** In the picture, best first. */
  readonly sights: readonly Sight[];
  readonly looks: number;
  /** As the camera would wait for it: the way to the worker and back included. */
  readonly lookMs: Spread;
}

/** Loads the model as the vision process does, and lets it look at `picture` so many times. Throws WP2450–WP2458. */
export async function tryModel(config: ModelConfig, picture: Frame, looks: number): Promise<ModelTrial> {
  const { detector, backend, outputs, loadMs } = await loaded(config);
  const tookMs: number[] = [];
  let sights: readonly Sight[] = [];
  try {
    for (let look = 0; look < looks; look++) {
      const beganMs = performance.now();
      sights = await detector.look(picture);
      tookMs.push(performance.now() - beganMs);
    }
  } finally {
    await detector.close();
  }
  return { backend, loadMs: Math.round(loadMs), outputs, sights, looks, lookMs: spread(tookMs) };
}

interface Loaded {
  readonly detector: WorkerDetector;
  readonly backend: string;
  readonly outputs: readonly OutputShape[];
  readonly loadMs: number;
}

/** A model that cannot be loaded is not tried again here. */
async function loaded(config: ModelConfig): Promise<Loaded> {
  const beganMs = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<Omit<Loaded, 'detector'>>();
  const detector = new WorkerDetector({
    config,
    clock: systemClock,
    onReady: (backend, outputs) => resolve({ backend, outputs, loadMs: performance.now() - beganMs }),
    onTrouble: reject,
  });
  detector.start();
  try {
    return { detector, ...(await promise) };
  } catch (error) {
    await detector.close();
    throw error;
  }
}
