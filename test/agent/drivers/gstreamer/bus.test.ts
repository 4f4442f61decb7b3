import t from 'tap';
import type { BusMessage, Pipeline, Sink, UriElement } from '#agent/drivers/gstreamer/addon.ts';
import { PipelineBus } from '#agent/drivers/gstreamer/bus.ts';
import { FallbackFrameSource } from '#agent/drivers/gstreamer/fallback-source.ts';
import type { Frame, FrameRequest, FrameSource } from '#agent/ports/frames.ts';
import { WatchpostError } from '#contract/errors.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

/** As the addon does it: a poll asks again after each message for as long as the pipeline is not stopped. */
class FakePipeline implements Pipeline {
  polls = 0;
  #isPlaying = false;
  #callback: (message: BusMessage) => void = () => undefined;

  play(): void {
    this.#isPlaying = true;
  }

  stop(): void {
    this.#isPlaying = false;
  }

  pollBus(callback: (message: BusMessage) => void): void {
    this.polls++;
    this.#callback = callback;
  }

  /** A message that a waiting poll fetches. */
  post(message: BusMessage): void {
    if (this.polls === 0) throw new Error('nobody polls');
    this.#callback(message);
    if (!this.#isPlaying) this.polls--;
  }

  queryDuration(): number {
    return -1;
  }

  findChild(name: 'frames'): Sink | undefined;
  findChild(name: 'source'): UriElement | undefined;
  findChild(): undefined {
    return undefined;
  }
}

const nothing = () => undefined;

t.test('a poll that did not notice the stop is used by the next play instead of a second one', async (t) => {
  const pipeline = new FakePipeline();
  const bus = new PipelineBus(pipeline, new ManualClock());
  for (let round = 0; round < 20; round++) {
    bus.play(nothing);
    bus.stop();
  }
  t.equal(pipeline.polls, 1);
  bus.play(nothing);
  pipeline.post({ type: 'error', message: 'unplugged' });
  t.equal(bus.failure, 'unplugged', 'and hears what that play says');
  t.equal(pipeline.polls, 0);
  bus.play(nothing);
  t.equal(bus.failure, null);
  t.equal(pipeline.polls, 1, 'after it has ended, a new one is begun');
});

t.test('a poll that noticed the stop ends the wait for it', async (t) => {
  const pipeline = new FakePipeline();
  const clock = new ManualClock();
  const bus = new PipelineBus(pipeline, clock);
  bus.play(nothing);
  bus.stop();
  const settled = bus.settle();
  pipeline.post({ type: 'state-changed' });
  await settled;
  t.equal(clock.pending, 0);
  t.equal(pipeline.polls, 0);
  await bus.settle();
});

t.test('no wait for the bus lasts for ever', async (t) => {
  const clock = new ManualClock();
  const bus = new PipelineBus(new FakePipeline(), clock);
  bus.play(nothing);
  const ended = bus.end();
  await clock.advance(2000);
  await ended;
  bus.stop();
  const settled = bus.settle();
  await clock.advance(100);
  await settled;
  t.equal(clock.pending, 0);
});

t.test('after silence the next play begins another poll, whatever became of the last', async (t) => {
  const pipeline = new FakePipeline();
  const bus = new PipelineBus(pipeline, new ManualClock());
  bus.play(nothing);
  bus.stop();
  bus.distrust();
  bus.play(nothing);
  t.equal(pipeline.polls, 2);
});

t.test('a warning is passed on and ends nothing', async (t) => {
  const pipeline = new FakePipeline();
  const bus = new PipelineBus(pipeline, new ManualClock());
  const said: string[] = [];
  bus.play((text) => said.push(text));
  pipeline.post({ type: 'warning', debug: 'no UDP, trying TCP' });
  t.same(said, ['no UDP, trying TCP']);
  t.equal(bus.failure, null);
});

const REQUEST: FrameRequest = { source: 'x', width: 320, framesPerSecond: 10, pace: 'real-time' };

class Fails implements FrameSource {
  plays = 0;
  readonly backend: FrameSource['backend'];
  readonly #code: 'WP2402' | 'WP2403' | null;

  constructor(backend: FrameSource['backend'], code: 'WP2402' | 'WP2403' | null) {
    this.backend = backend;
    this.#code = code;
  }

  async *frames(): AsyncGenerator<Frame> {
    this.plays++;
    yield { width: 2, height: 2, t: 0, data: new Uint8Array(4) };
    if (this.#code !== null) throw new WatchpostError(this.#code);
  }
}

async function drain(source: FrameSource): Promise<void> {
  for await (const _ of source.frames(REQUEST, new AbortController().signal));
}

t.test(
  'where the addon is silent the next play is by gst-launch, and the one after that by the addon',
  async (t) => {
    const addon = new Fails('addon', 'WP2403');
    const launch = new Fails('gst-launch', null);
    const source = new FallbackFrameSource(addon, () => launch);
    await t.rejects(drain(source), { code: 'WP2403' });
    t.equal(source.backend, 'gst-launch');
    await drain(source);
    t.equal(source.backend, 'addon');
    t.same([addon.plays, launch.plays], [1, 1]);
  },
);

t.test('a camera that says what is wrong is not the reader’s fault', async (t) => {
  const source = new FallbackFrameSource(new Fails('addon', 'WP2402'), () => new Fails('gst-launch', null));
  await t.rejects(drain(source), { code: 'WP2402' });
  t.equal(source.backend, 'addon');
  const alone = new FallbackFrameSource(new Fails('addon', 'WP2403'), () => null);
  await t.rejects(drain(alone), { code: 'WP2403' });
  t.equal(alone.backend, 'addon', 'and without gst-launch the addon has to do');
});
