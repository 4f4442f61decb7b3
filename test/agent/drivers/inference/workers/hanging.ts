import { parentPort } from 'node:worker_threads';
import type { WorkerSaid } from '#agent/drivers/inference/protocol.ts';

/** A model that never comes to an end of its first look. */
parentPort?.on('message', () => {
  for (;;);
});
const ready: WorkerSaid = { kind: 'ready', backend: 'hanging', isInterruptible: true, outputs: [] };
parentPort?.postMessage(ready);
