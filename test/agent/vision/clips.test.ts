import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import * as z from 'zod';
import { openFrameSource } from '#agent/drivers/gstreamer/open.ts';
import { type Detection, Detector } from '#agent/vision/detector.ts';
import { systemClock } from '#contract/clock.ts';
import { Box } from '#contract/event-data.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CLIPS = join(dirname(join(ROOT, '.')), 'shared/clips');

const Truth = z.object({
  clips: z.record(
    z.string(),
    z.object({ events: z.array(z.object({ from: z.number(), to: z.number(), box: Box, what: z.string() })) }),
  ),
});
type Expected = z.infer<typeof Truth>['clips'][string]['events'][number];

const overlap = (a: Box, b: Box): boolean =>
  Math.min(a[0] + a[2], b[0] + b[2]) > Math.max(a[0], b[0]) &&
  Math.min(a[1] + a[3], b[1] + b[3]) > Math.max(a[1], b[1]);

/** Whether its centre lies within the truth grown by half. */
function isCentred({ box: [x, y, w, h] }: Detection, { box: [left, top, width, height] }: Expected): boolean {
  const [cx, cy] = [x + w / 2, y + h / 2];
  const isAcross = cx >= left - width / 4 && cx <= left + width * 1.25;
  return isAcross && cy >= top - height / 4 && cy <= top + height * 1.25;
}

const fits = (detection: Detection, { box, from, to }: Expected): boolean =>
  overlap(detection.box, box) && detection.t >= from && detection.t <= to;

async function leftIn(file: string): Promise<Detection[]> {
  const request = { source: file, width: 320, framesPerSecond: 10, pace: 'fastest' as const };
  let detector: Detector | null = null;
  let id = 0;
  const found: Detection[] = [];
  for await (const frame of openFrameSource(systemClock).frames(request, new AbortController().signal)) {
    const { width, height } = frame;
    detector ??= new Detector({ width, height, dwellS: 10, newObjectId: () => String(++id) });
    found.push(...detector.push(frame).filter(({ change }) => change === 'left'));
  }
  return found;
}

const skip = existsSync(join(CLIPS, 'ground-truth.json')) ? false : `no clips of real scenes in ${CLIPS}`;

t.test(
  'real scenes: all five things left are found where they are, and nothing else',
  { skip },
  async (t) => {
    const { clips } = Truth.parse(JSON.parse(readFileSync(join(CLIPS, 'ground-truth.json'), 'utf8')));
    let hits = 0;
    let centred = 0;
    let falseOnes = 0;
    for (const [name, { events }] of Object.entries(clips)) {
      const found = await leftIn(join(CLIPS, name));
      const hit = events.filter((event) => found.filter((each) => fits(each, event)).length === 1);
      hits += hit.length;
      centred += hit.filter((event) =>
        found.some((each) => fits(each, event) && isCentred(each, event)),
      ).length;
      falseOnes += found.filter((each) => !hit.some((event) => fits(each, event))).length;
      t.comment(`${name}: ${hit.length} of ${events.length}, reported ${found.length}`);
    }
    t.equal(hits, 5, 'found');
    t.equal(centred, 5, 'with their centre within the truth grown by half');
    t.equal(falseOnes, 0, 'false');
  },
);
