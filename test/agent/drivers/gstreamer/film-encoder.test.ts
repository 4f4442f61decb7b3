import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { GstreamerFilmEncoder } from '#agent/drivers/gstreamer/film-encoder.ts';
import { hasGstLaunch, LaunchFrameSource } from '#agent/drivers/gstreamer/launch-source.ts';
import { systemClock } from '#contract/clock.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const skip = hasGstLaunch() ? false : 'no GStreamer on this machine';
const [WIDTH, HEIGHT] = [160, 120];

/** Darker from frame to frame, the left half always darker than the right. */
const film = (count: number, width = WIDTH) => ({
  width,
  height: HEIGHT,
  framesPerSecond: 5,
  *frames() {
    for (let n = 0; n < count; n++) {
      const frame = new Uint8Array(width * HEIGHT).fill(200 - n * 10);
      for (let y = 0; y < HEIGHT; y++) frame.fill(40, y * width, y * width + width / 2);
      yield frame;
    }
  },
});

t.test('a film can be played again, frame by frame as it was', { skip }, async (t) => {
  const path = join(t.testdir(), 'film.webm');
  await new GstreamerFilmEncoder({ clock: systemClock }).encode(film(10), path, new AbortController().signal);
  const request = { source: path, width: WIDTH, framesPerSecond: 5, pace: 'fastest' as const };
  const levels: number[][] = [];
  for await (const { data, width } of new LaunchFrameSource(systemClock).frames(
    request,
    new AbortController().signal,
  )) {
    levels.push([data[60 * width + 20] ?? 0, data[60 * width + 140] ?? 0]);
  }
  t.equal(levels.length, 10);
  for (const [n, [left = 0, right = 0]] of levels.entries()) {
    t.ok(Math.abs(left - 40) < 12 && Math.abs(right - (200 - n * 10)) < 12, `frame ${n}: ${left}, ${right}`);
  }
});

t.test('where there is no GStreamer, that is told with its code', async (t) => {
  const encoder = new GstreamerFilmEncoder({ clock: new ManualClock(), program: 'no-such-program' });
  const path = join(t.testdir(), 'film.webm');
  await t.rejects(encoder.encode(film(3), path, new AbortController().signal), { code: 'WP2430' });
});

t.test('a place that cannot be written is told, and so is an end in the middle', { skip }, async (t) => {
  const encoder = new GstreamerFilmEncoder({ clock: systemClock });
  const folder = t.testdir();
  mkdirSync(join(folder, 'film.webm'));
  const signal = new AbortController().signal;
  await t.rejects(encoder.encode(film(3), join(folder, 'film.webm'), signal), { code: 'WP2431' });
  const ending = new AbortController();
  const endless = {
    ...film(1),
    *frames() {
      for (let n = 0; ; n++) {
        if (n === 50) ending.abort();
        yield new Uint8Array(WIDTH * HEIGHT);
      }
    },
  };
  await t.rejects(encoder.encode(endless, join(folder, 'other.webm'), ending.signal), { code: 'WP2431' });
  await t.rejects(encoder.encode(film(3), join(folder, 'third.webm'), ending.signal), { code: 'WP2431' });
  t.notOk(existsSync(join(folder, 'third.webm')));
});
