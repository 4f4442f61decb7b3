import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import * as z from 'zod';
import { Detector } from '#agent/vision/detector.ts';

const PROGRAM = fileURLToPath(new URL('steady-heap.ts', import.meta.url));
const OPTIONS = ['--expose-gc', '--max-semi-space-size=128', '--min-semi-space-size=64'];
const Measured = z.object({ heldAtFirst: z.number(), heldAtLast: z.number(), bytesPerFrame: z.number() });
const Result = z.object({ quiet: Measured, busy: Measured });

t.test('the buffers of a camera at 640×360 take no more than 4 MB', async (t) => {
  const detector = new Detector({ width: 640, height: 360, dwellS: 60, newObjectId: () => 'object' });
  t.ok(detector.bufferBytes <= 4_000_000, `${detector.bufferBytes} bytes`);
  t.ok(detector.bufferBytes > 640 * 360 * 10, 'all planes are counted');
});

t.test('over 10,000 pictures the heap stays flat, and hardly anything is allocated for one', async (t) => {
  const { quiet, busy } = Result.parse(
    JSON.parse(execFileSync(process.execPath, [...OPTIONS, PROGRAM], { encoding: 'utf8' })),
  );
  for (const [name, { heldAtFirst, heldAtLast, bytesPerFrame }] of Object.entries({ quiet, busy })) {
    t.ok(heldAtLast - heldAtFirst < 256 * 1024, `${name}: ${heldAtLast - heldAtFirst} bytes more`);
    t.ok(bytesPerFrame < 16 * 1024, `${name}: ${bytesPerFrame} bytes a picture`);
  }
});
