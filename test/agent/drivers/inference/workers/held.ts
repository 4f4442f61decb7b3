import { existsSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { asAsked, asConfig, type WorkerSaid } from '#agent/drivers/inference/protocol.ts';

/** A model in native code whose looks take until a file `….release` stands beside it. */
const say = (said: WorkerSaid): void => parentPort?.postMessage(said);
const never = new Int32Array(new SharedArrayBuffer(4));
const release = `${asConfig(workerData).file}.release`;

parentPort?.on('message', (message) => {
  const asked = asAsked(message);
  if (asked.kind === 'end') process.exit();
  while (!existsSync(release)) Atomics.wait(never, 0, 0, 5);
  say({ kind: 'saw', id: asked.id, sights: [{ label: 'person', score: 1, box: [0, 0, 1, 1] }] });
});
say({ kind: 'ready', backend: 'held', isInterruptible: false, outputs: [] });
