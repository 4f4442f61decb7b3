import { spawnSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadAddon } from '#agent/drivers/gstreamer/addon.ts';
import { AddonFrameSource } from '#agent/drivers/gstreamer/addon-source.ts';
import { GstreamerConfig } from '#agent/drivers/gstreamer/config.ts';
import { launchOf, redacted } from '#agent/drivers/gstreamer/launch.ts';
import { hasGstLaunch, LaunchFrameSource } from '#agent/drivers/gstreamer/launch-source.ts';
import { PnmReader } from '#agent/drivers/gstreamer/pnm.ts';
import type { Frame, FrameRequest, FrameSource } from '#agent/ports/frames.ts';
import { systemClock } from '#contract/clock.ts';

const REQUEST: FrameRequest = { source: 'test://', width: 320, framesPerSecond: 10, pace: 'fastest' };

async function take(source: FrameSource, request: FrameRequest, atMost = 1000): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of source.frames(request, new AbortController().signal)) {
    frames.push(frame);
    if (frames.length === atMost) break;
  }
  return frames;
}

/** Three seconds of a test picture with sound, in a file. */
function recordedIn(folder: string): string {
  const file = join(folder, 'a clip.mkv');
  const record =
    'videotestsrc num-buffers=60 ! video/x-raw,framerate=20/1,width=640,height=360 ! jpegenc ! mux. ' +
    'audiotestsrc num-buffers=100 ! vorbisenc ! mux. matroskamux name=mux ! filesink';
  spawnSync('gst-launch-1.0', ['-q', ...record.split(' '), `location=${file}`]);
  return file;
}

const addon = loadAddon();
const backends: [string, (() => FrameSource) | null][] = [
  ['addon', addon === null ? null : () => new AddonFrameSource(addon, systemClock)],
  ['gst-launch', hasGstLaunch() ? () => new LaunchFrameSource(systemClock) : null],
];

for (const [name, open] of backends) {
  const skip = open === null ? `${name} is not to be had on this machine` : false;
  t.test(`frames by ${name}`, { skip }, async (t) => {
    if (open === null) return;
    const source = open();
    t.equal(source.backend, name);

    t.test('a file is read to its end, scaled, at the rate asked for, and again after that', async (t) => {
      const file = recordedIn(t.testdir());
      for (const round of [1, 2]) {
        const frames = await take(source, { ...REQUEST, source: file });
        t.ok(Math.abs(frames.length - 30) <= 1, `round ${round}: ${frames.length} frames`);
        t.match(frames[0], { width: 320, height: 180, t: 0 });
        t.ok(frames.every((frame, index) => frame.data.length === 320 * 180 && frame.t === index / 10));
      }
    });

    t.test('a live source gives frames until told to stop', async (t) => {
      const frames = await take(source, { ...REQUEST, pace: 'real-time' }, 3);
      t.equal(frames.length, 3);
      t.ok(frames.every(({ t: at }, i) => i === 0 || at >= (frames[i - 1]?.t ?? 0)));
    });

    t.test('an abort ends it without an error', async (t) => {
      const stop = new AbortController();
      let count = 0;
      for await (const _ of source.frames({ ...REQUEST, pace: 'real-time' }, stop.signal)) {
        if (++count === 2) stop.abort();
      }
      t.ok(count >= 2);
    });

    t.test('no such file, no video, a file cut off, and a camera that is not there are told', async (t) => {
      const folder = t.testdir({ 'text.mp4': 'this is no video' });
      const cut = recordedIn(folder);
      truncateSync(cut, 200);
      const bad = [
        join(folder, 'none.mp4'),
        join(folder, 'text.mp4'),
        cut,
        'rtsp://127.0.0.1:9/',
        'v4l2:///dev/video99',
      ];
      for (const each of bad)
        await t.rejects(take(source, { ...REQUEST, source: each }), { code: 'WP2402' }, each);
    });

    t.test('after a failure the same source plays again', async (t) => {
      t.equal((await take(source, REQUEST, 2)).length, 2);
    });
  });
}

t.test('PGM pictures are read however the bytes are cut', async (t) => {
  const picture = (level: number) =>
    Buffer.concat([Buffer.from('P5\n# made by somebody\n4 2\n255\n'), Buffer.alloc(8, level)]);
  const bytes = Buffer.concat([picture(10), picture(200)]);
  for (const size of [1, 3, 7, 1000]) {
    const reader = new PnmReader();
    const levels: (number | undefined)[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      for (const { data } of reader.add(bytes.subarray(at, at + size))) levels.push(data[7]);
    }
    t.same(levels, [10, 200], `in pieces of ${size}`);
  }
  t.throws(() => [...new PnmReader().add(Buffer.alloc(600, 65))], RangeError);
});

t.test('a password in an address is in no message', async (t) => {
  t.equal(redacted('cannot open rtsp://me:secret@10.0.0.1/x'), 'cannot open rtsp://me:***@10.0.0.1/x');
});

t.test('what is no source is refused before anything is started', async (t) => {
  for (const source of ['http://example.com/x', 'sim://bag', 'rtsp://a b']) {
    t.throws(() => launchOf({ ...REQUEST, source }), { code: 'WP2404' }, source);
  }
  t.ok(GstreamerConfig.safeParse({ driver: 'gstreamer', source: 'sim://bag' }).success);
  t.notOk(GstreamerConfig.safeParse({ driver: 'gstreamer', source: 'http://x' }).success);
});
