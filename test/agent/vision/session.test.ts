import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import t from 'tap';
import type { Frame, FrameRequest, FrameSource } from '#agent/ports/frames.ts';
import { VisionConfig, VisionReport } from '#agent/ports/vision.ts';
import { VisionSession } from '#agent/vision/session.ts';
import { WatchpostError } from '#contract/errors.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { BAG, type Patch, pictureOf, visitor } from './picture-maker.ts';

/** Plays scenes without waiting, one after another; a scene of null fails. */
class SceneSource implements FrameSource {
  readonly backend = 'addon';
  readonly requests: FrameRequest[] = [];
  readonly #scenes: (((now: number) => readonly Patch[] | null) | 'fails' | 'hangs')[];

  constructor(scenes: (((now: number) => readonly Patch[] | null) | 'fails' | 'hangs')[]) {
    this.#scenes = scenes;
  }

  async *frames(request: FrameRequest, signal: AbortSignal): AsyncGenerator<Frame> {
    this.requests.push(request);
    const scene = this.#scenes.shift();
    if (scene === 'fails') throw new WatchpostError('WP2402', { detail: 'no route to camera' });
    if (scene === 'hangs' || scene === undefined) return untilAborted(signal);
    for (let index = 0; !signal.aborted; index++) {
      const patches = scene(index / 10);
      if (patches === null) return;
      yield pictureOf(patches, index / 10);
    }
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function sessionOf(folder: string, source: FrameSource, more: Partial<VisionConfig> = {}) {
  const clock = new ManualClock();
  const reports: VisionReport[] = [];
  const listeners: (() => void)[] = [];
  const session = new VisionSession({
    config: VisionConfig.parse({ camera: 'c', source: 'hall.mkv', dwellS: 5, evidenceDir: folder, ...more }),
    openSource: () => source,
    clock,
    say: (report) => {
      reports.push(VisionReport.parse(JSON.parse(JSON.stringify(report))));
      for (const wake of listeners.splice(0)) wake();
    },
  });
  const until = async (fits: (report: VisionReport) => boolean): Promise<VisionReport> => {
    for (;;) {
      const found = reports.find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => listeners.push(resolve));
    }
  };
  return { session, reports, clock, until };
}

const bagScene = (now: number): Patch[] | null =>
  now > 30 ? null : [...(now >= 8 ? [BAG] : []), ...visitor(now, 3, 9)];

t.test('a bag left is reported with a picture in the evidence folder', async (t) => {
  const folder = t.testdir();
  const { session, until, reports } = sessionOf(folder, new SceneSource([bagScene]));
  session.start();
  const report = await until(({ kind }) => kind === 'object');
  if (report.kind !== 'object' || report.picture === undefined) throw new Error('it must have a picture');
  const { width, height, data } = decode(readFileSync(join(folder, report.picture.file)));
  t.same([width, height], [160, 120]);
  t.equal(data[(BAG.y + 6) * width + BAG.x + 6], BAG.level, 'the bag is clear');
  await until((each) => each.kind === 'source' && each.state === 'ended');
  t.equal(reports.filter(({ kind }) => kind === 'object').length, 1);
  await session.close();
});

t.test('a picture that cannot be stored does not hold back the event', async (t) => {
  const folder = join(t.testdir({ file: '' }), 'file');
  const { session, until } = sessionOf(folder, new SceneSource([bagScene]));
  session.start();
  const report = await until(({ kind }) => kind === 'object');
  t.match(report, { change: 'left' });
  t.notOk('picture' in report);
  await session.close();
});

t.test('a source that fails is tried again, later each time, while the heart goes on beating', async (t) => {
  const source = new SceneSource(['fails', 'fails', 'fails', bagScene]);
  const { session, until, reports, clock } = sessionOf(t.testdir(), source, { source: 'rtsp://10.0.0.9/' });
  session.start();
  await clock.advance(500);
  t.equal(source.requests.length, 1);
  await clock.advance(1000);
  t.equal(source.requests.length, 2);
  await clock.advance(1000);
  t.equal(source.requests.length, 2, 'the second wait is longer');
  await clock.advance(6000);
  t.equal(source.requests.length, 4);
  t.match(
    reports.filter(({ kind }) => kind === 'source').slice(0, 3),
    new Array(3).fill({ state: 'failed', code: 'WP2402', detail: 'no route to camera' }),
  );
  t.ok(reports.filter(({ kind }) => kind === 'heartbeat').length >= 8);
  await until(({ kind }) => kind === 'object');
  await session.close();
  t.equal(clock.pending, 0);
});

t.test('a source that gives nothing is opened again after a while', async (t) => {
  const source = new SceneSource(['hangs', bagScene]);
  const { session, until, clock } = sessionOf(t.testdir(), source, { source: 'rtsp://10.0.0.9/' });
  session.start();
  await clock.advance(30_000);
  await until((report) => report.kind === 'source' && report.state === 'failed' && report.code === 'WP2403');
  await until((report) => report.kind === 'source' && report.state === 'playing');
  await session.close();
});

t.test('a file in a loop goes on in time, and another source is a new scene', async (t) => {
  const short = (now: number): Patch[] | null => (now > 2 ? null : []);
  const source = new SceneSource([short, short, 'hangs', bagScene]);
  const { session, until } = sessionOf(t.testdir(), source, { loop: true });
  session.start();
  await until((report) => report.kind === 'source' && report.state === 'playing');
  while (source.requests.length < 3) await new Promise((resolve) => setImmediate(resolve));
  session.setSource({ source: 'other.mkv', loop: false });
  const report = await until(({ kind }) => kind === 'object');
  t.match(source.requests[3], { source: 'other.mkv' });
  t.ok(report.kind === 'object' && report.t < 30, 'time begins with the new source');
  await session.close();
});

t.test(
  'what stands in a scene that is begun anew in another shape is no longer watched, and that is said',
  async (t) => {
    const wide = (now: number): Patch[] | null => (now > 28 ? null : bagScene(now));
    const frames = new SceneSource([wide]);
    const source: FrameSource = {
      backend: 'addon',
      async *frames(request, signal) {
        yield* frames.frames(request, signal);
        for (let i = 0; !signal.aborted; i++) {
          yield { width: 160, height: 90, data: new Uint8Array(160 * 90).fill(90), t: 28.1 + i / 10 };
        }
      },
    };
    const { session, reports, until } = sessionOf(t.testdir(), source, { source: 'rtsp://10.0.0.9/' });
    session.start();
    const left = await until((report) => report.kind === 'object' && report.change === 'left');
    const other = await until((report) => report.kind === 'source' && report.code === 'WP2470');
    const since = reports.indexOf(other);
    await until((report) => report.kind === 'watching' && reports.indexOf(report) > since);
    const said = reports.flatMap((report) => (report.kind === 'watching' ? [report.objectIds] : []));
    t.same(said[0], [], 'at first nothing');
    t.ok(left?.kind === 'object' && said.at(-2)?.includes(left.objectId), 'what was reported is watched');
    t.same(said.at(-1), []);
    await session.close();
  },
);

t.test('where nothing can read a camera, that is said, and the process stays', async (t) => {
  const { session, reports, clock } = sessionOf(t.testdir(), new SceneSource([]));
  const bare = new VisionSession({
    config: VisionConfig.parse({ camera: 'c', source: 'hall.mkv', evidenceDir: t.testdir() }),
    openSource: () => {
      throw new WatchpostError('WP2401');
    },
    clock,
    say: (report) => reports.push(report),
  });
  bare.start();
  await clock.advance(2000);
  t.match(
    reports.find(({ kind }) => kind === 'source'),
    { state: 'failed', code: 'WP2401' },
  );
  t.equal(reports.filter(({ kind }) => kind === 'heartbeat').length, 3);
  await bare.close();
  await session.close();
});
