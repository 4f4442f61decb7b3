import { parentPort } from 'node:worker_threads';
import type { WorkerSaid } from '#agent/drivers/inference/protocol.ts';

/** A model that takes its thread with it at the first look. */
parentPort?.on('message', () => {
  throw new RangeError('out of bounds');
});
const ready: WorkerSaid = { kind: 'ready', backend: 'dying', isInterruptible: true, outputs: [] };
parentPort?.postMessage(ready);
