import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import { hasGstLaunch } from '#agent/drivers/gstreamer/launch-source.ts';
import { VisionConfig } from '#agent/ports/vision.ts';
import { Watches } from '#agent/ports/vision-watches.ts';
import { systemClock } from '#contract/clock.ts';
import { EVENT_DATA } from '#contract/event-data.ts';
import { isEventType } from '#contract/event-types.ts';
import { keeperOf, REAL_VISION } from '#test/agent/behaviours/detection/fixture.ts';
import { blurred, frameOf, HEIGHT, room, WIDTH } from '#test/agent/vision/watches/hall.ts';
import { drawPerson, USUAL, walker } from '#test/agent/vision/watches/people.ts';

const skip = hasGstLaunch() ? false : 'no gst-launch to make a clip with';
const FRAMES_PER_SECOND = 5;
const DURATION_S = 24;
const COVERED_S = 13;

/** Two come in through a door one behind the other; later somebody covers the lens. */
function* pictures(): Generator<Uint8Array> {
  const hall = room(11).map((level) => 120 + (level - 120) * 0.7);
  const hand = blurred(room(9), 30).map((level) => level * 0.6);
  for (let index = 0; index < DURATION_S * FRAMES_PER_SECOND; index++) {
    const now = index / FRAMES_PER_SECOND;
    const canvas = now < COVERED_S ? hall.slice() : hand;
    const people = [3, 5.5].flatMap((at) => walker(now, at, [-20, 190], [340, 190], { speed: 70 }));
    if (now < COVERED_S) for (const person of people) drawPerson(canvas, person, USUAL);
    yield frameOf(canvas, now).data;
  }
}

async function makeClip(file: string): Promise<void> {
  const raw = `format=gray8 width=${WIDTH} height=${HEIGHT} framerate=${FRAMES_PER_SECOND}/1`;
  const blocks = `fdsrc fd=0 blocksize=${WIDTH * HEIGHT} ! rawvideoparse ${raw} ! videoconvert`;
  const encoder = 'vp8enc deadline=1 cpu-used=8 target-bitrate=4000000 min-quantizer=2 max-quantizer=12';
  const line = `${blocks} ! ${encoder} ! matroskamux ! filesink location=${file}`;
  const child = spawn('gst-launch-1.0', ['-q', ...line.split(' ')], { stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = once(child, 'close');
  for (const picture of pictures()) if (!child.stdin.write(picture)) await once(child.stdin, 'drain');
  child.stdin.end();
  const [code] = await ended;
  if (code !== 0) throw new Error(`gst-launch-1.0 ended with ${code}`);
}

t.test(
  'what a camera’s watches find becomes events with place and camera',
  { skip, timeout: 150_000 },
  async (t) => {
    const folder = t.testdir();
    const source = join(folder, 'door.mkv');
    await makeClip(source);
    const line = [
      [0.5, 0.98],
      [0.5, 0.35],
    ];
    const watches = Watches.parse({
      tailgating: [{ name: 'staff-door', line }],
      impairment: ['covered'],
    });
    const config = VisionConfig.parse({
      ...{ camera: 'front', source, watches, evidenceDir: folder, framesPerSecond: FRAMES_PER_SECOND },
    });
    const { keeper, recorder } = keeperOf(folder, REAL_VISION, { config, clock: systemClock });
    t.teardown(() => keeper.close());
    keeper.start();
    const tailgating = await recorder.until(({ type }) => type === 'wp.tailgating.detected.v1');
    t.match(tailgating.data, {
      name: 'staff-door',
      crossings: 2,
      camera: 'front',
      place: { label: 'East hall' },
    });
    const impaired = await recorder.until(({ type }) => type === 'wp.camera.impaired.v1');
    t.match(impaired.data, { fault: 'covered', camera: 'front', place: { label: 'East hall' } });
    t.ok(Number(impaired.data.t) - COVERED_S <= 10, 'within ten seconds of stream time');
    for (const { type, data } of [tailgating, impaired]) {
      t.ok(isEventType(type) && EVENT_DATA[type].safeParse(data).success, 'it fits the wire');
    }
    t.notOk(
      recorder.events.some(({ type }) => type.startsWith('wp.object.')),
      'a covered camera leaves nothing behind',
    );
  },
);
