import { Socket } from 'node:net';
import { GstreamerFilmEncoder } from '#agent/drivers/gstreamer/film-encoder.ts';
import { openFrameSource } from '#agent/drivers/gstreamer/open.ts';
import { openObjectDetector } from '#agent/drivers/inference/worker-detector.ts';
import { JsonLines } from '#agent/ports/json-lines.ts';
import type { ObjectDetector } from '#agent/ports/object-detector.ts';
import { type VisionConfig, VisionOrder, type VisionReport } from '#agent/ports/vision.ts';
import { systemClock } from '#contract/clock.ts';
import { openMemory } from './memory/open-memory.ts';
import { VisionSession } from './session.ts';

/**
 * The vision process. Orders come as lines of JSON on standard input, reports go the same way to descriptor 3;
 * Node's own channel is not used, because a child's garbage on it would throw in the parent. It ends when
 * standard input ends: its parent is gone.
 */
const REPORTS_FD = 3;
/** With this much unread nobody listens; heartbeats are left out rather than kept. */
const MAX_UNREAD_BYTES = 256 * 1024;
/** GStreamer may hang in stopping; then the end comes by force. */
const CLOSE_WITHIN_MS = 3000;

let session: VisionSession | null = null;
let objectDetector: ObjectDetector | undefined;
let closing = false;

const reports = new Socket({ fd: REPORTS_FD, readable: false, writable: true });
reports.on('error', end);

function say(report: VisionReport): void {
  if (closing || (report.kind === 'heartbeat' && reports.writableLength > MAX_UNREAD_BYTES)) return;
  reports.write(`${JSON.stringify(report)}\n`);
}

function obey(order: VisionOrder): void {
  if (order.kind === 'start') {
    session ??= begin(order.config);
  } else if (order.kind === 'source') session?.setSource(order);
  else if (order.kind === 'pose') session?.setPose(order.pose);
  else if (order.kind === 'release') session?.release(order.input);
  else if (order.kind === 'snapshot')
    session?.snapshot(order.requestId).catch((error) => process.stderr.write(`${String(error)}\n`));
}

function begin(config: VisionConfig): VisionSession {
  objectDetector = beginModel(config);
  const started = new VisionSession({
    config,
    openSource: () => openFrameSource(systemClock),
    clock: systemClock,
    say,
    onStuck: giveUp,
    memory: openMemory(config, { clock: systemClock, complain }),
    objectDetector,
    filmEncoder: new GstreamerFilmEncoder({ clock: systemClock }),
  });
  started.start();
  return started;
}

/** Its troubles are a flag on events, and a line in the log each time they change. */
function beginModel({ model }: VisionConfig): ObjectDetector | undefined {
  if (model === undefined) return undefined;
  return openObjectDetector({
    config: model,
    clock: systemClock,
    onReady: (backend) => process.stderr.write(`the model is ready: ${backend}\n`),
    onTrouble: (error) => process.stderr.write(`${error.message}\n`),
  });
}

const complain = (error: unknown): void => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
};

/** A reader that hangs holds threads that nothing gets back; a new process is watching again within seconds. */
function giveUp(): void {
  process.stderr.write('the reader of the camera hangs: ending this process\n');
  process.kill(process.pid, 'SIGKILL');
}

function end(): void {
  if (closing) return;
  closing = true;
  systemClock.after(CLOSE_WITHIN_MS, () => process.kill(process.pid, 'SIGKILL'));
  void Promise.all([session?.close(), objectDetector?.close()]).then(() => process.exit(0));
}

const lines = new JsonLines();
process.stdin.on('data', (chunk: Buffer) => {
  for (const line of lines.add(chunk)) {
    const order = line.ok ? VisionOrder.safeParse(line.value) : null;
    if (order?.success) obey(order.data);
    else process.stderr.write('an order that is none was ignored\n');
  }
});
process.stdin.on('end', end);
process.stdin.on('error', end);
process.on('SIGTERM', end);
process.on('SIGINT', () => undefined); // Ctrl-C reaches the whole group; the agent decides when vision ends.
