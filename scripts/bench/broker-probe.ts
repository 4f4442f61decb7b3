import { unlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';

/**
 * Preloaded (`node --import`) into a broker that a bench starts: whoever connects to `probe.sock` in its data folder
 * gets the delays of the event loop since the last who did, in milliseconds, and, with `--expose-gc`, what is held in
 * memory and cannot be collected, in mebibytes. The histogram counts from one firing of a timer to the next, so its
 * period is taken off.
 */
const PERIOD_MS = 1;

const { values } = parseArgs({ strict: false, options: { data: { type: 'string' } } });
const path = join(String(values.data), 'probe.sock');
const delays = monitorEventLoopDelay({ resolution: PERIOD_MS });
delays.enable();
const late = (ns: number): number => Math.max(0, ns / 1e6 - PERIOD_MS);
function heldMiB(): number {
  // What the first round lets go of (buffers behind the heap) is only counted off by the second.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024 / 1024;
}

const server = createServer((socket) => {
  const [p50, p99, max] = [delays.percentile(50), delays.percentile(99), delays.max].map(late);
  socket.end(JSON.stringify({ p50, p99, max, heldMiB: heldMiB() }));
  delays.reset();
});
server.listen(path);
server.unref();
process.on('exit', () => unlinkSync(path));
