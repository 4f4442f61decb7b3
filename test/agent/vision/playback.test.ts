import t from 'tap';
import type { Frame, FrameRequest, FrameSource } from '#agent/ports/frames.ts';
import { Playback, type PlaybackOptions } from '#agent/vision/playback.ts';
import { wait } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

/** One play of the camera: pictures at `everyMs` until `untilMs`, and how it ends. */
interface Scripted {
  readonly pictures?: number;
  readonly everyMs?: number;
  /** What the source says of the time of picture `index`; the time that passed when absent. */
  readonly saidT?: (index: number) => number;
  readonly shapeOf?: (index: number) => readonly [number, number];
  readonly isDamaged?: (index: number) => boolean;
  readonly end?: 'ends' | 'fails' | 'hangs' | 'hangs for good';
}

/** A camera that does as it is told, one play after another; the last one again and again. */
class ScriptedCamera implements FrameSource {
  readonly backend = 'addon';
  readonly playedMs: number[] = [];
  readonly #plays: Scripted[];
  readonly #clock: ManualClock;

  constructor(plays: Scripted[], clock: ManualClock) {
    this.#plays = plays;
    this.#clock = clock;
  }

  async *frames({ framesPerSecond }: FrameRequest, signal: AbortSignal): AsyncGenerator<Frame> {
    const play = this.#plays[Math.min(this.playedMs.length, this.#plays.length - 1)] ?? {};
    this.playedMs.push(this.#clock.monoMs());
    const { pictures = 0, everyMs = 1000 / framesPerSecond, end = 'fails' } = play;
    for (let index = 0; index < pictures && !signal.aborted; index++) {
      const [width, height] = play.shapeOf?.(index) ?? [8, 4];
      const bytes = width * height - (play.isDamaged?.(index) ? 1 : 0);
      yield {
        width,
        height,
        t: play.saidT?.(index) ?? (index * everyMs) / 1000,
        data: new Uint8Array(bytes),
      };
      await Promise.race([wait(this.#clock, everyMs), untilAborted(signal)]);
    }
    if (end === 'fails') throw new WatchpostError('WP2402', { detail: 'no route to camera' });
    if (end === 'hangs') await untilAborted(signal);
    if (end === 'hangs for good') await new Promise(() => undefined);
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function playbackOf(plays: Scripted[], more: Partial<PlaybackOptions> = {}) {
  const clock = new ManualClock();
  const camera = new ScriptedCamera(plays, clock);
  const said: string[] = [];
  const times: number[] = [];
  const gaps: number[] = [];
  let stuck = 0;
  const playback = new Playback({
    source: camera,
    width: 8,
    framesPerSecond: 10,
    clock,
    say: ({ state, code }) => said.push(code === undefined ? state : `${state} ${code}`),
    onFrame: async ({ t }) => {
      times.push(Number(t.toFixed(3)));
    },
    onGap: (gapS) => gaps.push(Number(gapS.toFixed(1))),
    onStuck: () => stuck++,
    resumes: () => null,
    ...more,
  });
  const stop = new AbortController();
  const play = (source = 'rtsp://10.0.0.9/', loop = false) => playback.play({ source, loop }, stop.signal);
  return { clock, camera, said, times, gaps, stop, play, stuckTimes: () => stuck };
}

t.test('a camera that drops is opened again, its scene goes on in time, each told once', async (t) => {
  const { clock, said, times, gaps, stop, play } = playbackOf([
    { pictures: 50 },
    { end: 'fails' },
    { end: 'fails' },
    { pictures: 20, end: 'hangs' },
  ]);
  const done = play();
  await clock.advance(20_000);
  t.same(said, ['playing', 'failed WP2402', 'failed WP2402', 'failed WP2402', 'playing']);
  t.equal(gaps.length, 1);
  t.same(times.slice(0, 3), [0, 0.1, 0.2]);
  const afterGap = times[50] ?? 0;
  t.ok(Math.abs(afterGap - ((times[49] ?? 0) + (gaps[0] ?? 0))) < 0.11, `${afterGap}`);
  stop.abort();
  await done;
  t.equal(clock.pending, 0);
});

t.test('one that was to be played in a loop and fails is told as playing again when it does', async (t) => {
  const { clock, said, gaps, stop, play } = playbackOf([{ pictures: 5 }, { pictures: 5, end: 'hangs' }]);
  const done = play('rtsp://10.0.0.9/', true);
  await clock.advance(3000);
  t.same(said, ['playing', 'failed WP2402', 'playing']);
  t.equal(gaps.length, 1);
  stop.abort();
  await done;
});

t.test('retries come later each time, and at once again only after it has played for a while', async (t) => {
  const flaps = playbackOf([{ pictures: 5 }]);
  const done = flaps.play();
  await flaps.clock.advance(300_000);
  const { playedMs } = flaps.camera;
  t.ok(playedMs.length <= 16, `${playedMs.length} plays in five minutes by one that plays half a second`);
  flaps.stop.abort();
  await done;
  const lasts = playbackOf([{ pictures: 150 }]);
  const played = lasts.play();
  await lasts.clock.advance(80_000);
  t.same(
    lasts.camera.playedMs.map((ms, index, all) => ms - (all[index - 1] ?? ms)).slice(1, 4),
    [16_000, 16_000, 16_000],
  );
  lasts.stop.abort();
  await played;
});

t.test('one that is connected and sends nothing is closed and opened again', async (t) => {
  const { clock, said, camera, stop, play } = playbackOf([
    { pictures: 5, end: 'hangs' },
    { end: 'hangs' },
    { pictures: 5, end: 'hangs' },
  ]);
  const done = play();
  await clock.advance(11_000);
  t.same(said, ['playing', 'failed WP2403']);
  await clock.advance(30_000);
  t.same(said, ['playing', 'failed WP2403', 'failed WP2403', 'playing']);
  t.ok((camera.playedMs[2] ?? 0) - (camera.playedMs[1] ?? 0) >= 25_000, 'connecting may take longer');
  stop.abort();
  await done;
});

t.test('a reader that does not end when told to is given up with the process', async (t) => {
  const { clock, play, stuckTimes } = playbackOf([{ pictures: 5, end: 'hangs for good' }]);
  void play();
  await clock.advance(20_000);
  t.equal(stuckTimes(), 0);
  await clock.advance(1000);
  t.equal(stuckTimes(), 1);
});

t.test('a clock that jumps is told once, and time goes on evenly', async (t) => {
  const jumps = (index: number) =>
    index < 20 ? index / 10 : index < 40 ? index / 10 + 7200 : index / 10 - 3600;
  const { clock, said, times, stop, play } = playbackOf([{ pictures: 60, saidT: jumps, end: 'hangs' }]);
  const done = play();
  await clock.advance(8000);
  t.same(said, ['playing', 'degraded WP2469', 'playing']);
  t.same(
    times,
    Array.from({ length: 60 }, (_, index) => index / 10),
  );
  stop.abort();
  await done;
});

t.test('a clock that stands still is told now and then, not at every picture', async (t) => {
  const { clock, said, times, stop, play } = playbackOf([{ pictures: 250, saidT: () => 5, end: 'hangs' }]);
  const done = play();
  await clock.advance(26_000);
  t.equal(said.filter((each) => each.startsWith('degraded')).length, 3);
  t.equal(times.at(-1), 24.9);
  stop.abort();
  await done;
});

t.test('pictures of another shape are told, and judged as what they are', async (t) => {
  const shapeOf = (index: number) => (index < 10 ? ([8, 4] as const) : ([8, 6] as const));
  const { clock, said, times, stop, play } = playbackOf([{ pictures: 20, shapeOf, end: 'hangs' }]);
  const done = play();
  await clock.advance(3000);
  t.same(said, ['playing', 'degraded WP2470', 'playing']);
  t.equal(times.length, 20);
  stop.abort();
  await done;
});

t.test('a picture with bytes missing is left out and told', async (t) => {
  const isDamaged = (index: number) => index % 2 === 1;
  const { clock, said, times, stop, play } = playbackOf([{ pictures: 20, isDamaged, end: 'hangs' }]);
  const done = play();
  await clock.advance(3000);
  t.same(said, ['playing', 'degraded WP2471', 'playing']);
  t.equal(times.length, 10);
  stop.abort();
  await done;
});

t.test(
  'a camera that comes down to a picture a second is told as slow, and as well when it recovers',
  async (t) => {
    const { clock, said, stop, play } = playbackOf([
      { pictures: 50, everyMs: 1000 },
      { pictures: 700, end: 'hangs' },
    ]);
    const done = play();
    await clock.advance(120_000);
    t.same(said, ['playing', 'degraded WP2468', 'failed WP2402', 'degraded WP2468', 'playing']);
    stop.abort();
    await done;
  },
);

t.test(
  'a file ends, one in a loop goes on without a gap, and a camera that ends the stream has failed',
  async (t) => {
    const file = playbackOf([{ pictures: 5, end: 'ends' }]);
    const done = file.play('hall.mkv');
    await file.clock.advance(60_000);
    t.same(file.said, ['playing', 'ended']);
    t.equal(file.camera.playedMs.length, 1);
    file.stop.abort();
    await done;

    const loop = playbackOf([
      { pictures: 5, end: 'ends' },
      { pictures: 5, end: 'ends' },
      { pictures: 5, end: 'hangs' },
    ]);
    const looped = loop.play('hall.mkv', true);
    await loop.clock.advance(3000);
    t.same(loop.said, ['playing']);
    t.same(
      loop.times,
      Array.from({ length: 15 }, (_, index) => index / 10),
    );
    t.same(loop.gaps, []);
    loop.stop.abort();
    await looped;

    const camera = playbackOf([{ pictures: 5, end: 'ends' }, { end: 'hangs' }]);
    const live = camera.play();
    await camera.clock.advance(3000);
    t.same(camera.said, ['playing', 'failed WP2402']);
    camera.stop.abort();
    await live;
  },
);

t.test('a scene that is known goes on where it was, however long it takes to connect', async (t) => {
  let asked = 0;
  const resumes = () => {
    asked++;
    return { t: 100, gapS: 7 };
  };
  const { clock, times, stop, play } = playbackOf(
    [{ end: 'fails' }, { pictures: 3 }, { pictures: 3, end: 'hangs' }],
    { resumes },
  );
  const done = play();
  await clock.advance(10_000);
  t.equal(asked, 1, 'with the first picture alone');
  t.same(times.slice(0, 3), [107, 107.1, 107.2]);
  t.ok((times[3] ?? 0) > 108);
  stop.abort();
  await done;
});
