import { parentPort, workerData } from 'node:worker_threads';
import { WatchpostError } from '#contract/errors.ts';
import { type Model, openModel } from './model.ts';
import { messageOf } from './model-file.ts';
import { asAsked, asConfig, type WorkerAsked, type WorkerSaid } from './protocol.ts';

/**
 * The thread with the model: both backends hold the thread they run on, so it is not one on which anything waits.
 * It loads, tries the model out, says so, and then answers one look after another.
 */
const say = (said: WorkerSaid): void => parentPort?.postMessage(said);

function toldOf(error: unknown): { code: WatchpostError['code']; detail: string } {
  if (!(error instanceof WatchpostError)) return { code: 'WP2458', detail: messageOf(error) };
  return { code: error.code, detail: error.detail ?? '' };
}

async function answer(model: Model, asked: WorkerAsked): Promise<void> {
  if (asked.kind === 'end') process.exit();
  const { id, picture } = asked;
  try {
    say({ kind: 'saw', id, sights: await model.look(picture) });
  } catch (error) {
    say({ kind: 'failed', id, ...toldOf(error) });
  }
}

try {
  const model = await openModel(asConfig(workerData));
  const outputs = await model.tryOut();
  parentPort?.on('message', (message) => void answer(model, asAsked(message)));
  const { backend, isInterruptible } = model;
  say({ kind: 'ready', backend, isInterruptible, outputs });
} catch (error) {
  say({ kind: 'refused', ...toldOf(error) });
  process.exit();
}
