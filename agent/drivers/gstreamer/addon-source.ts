import type { Frame, FrameRequest, FrameSource } from '#agent/ports/frames.ts';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Addon, BusMessage, Pipeline, Sink } from './addon.ts';
import { cutFailure, type Launch, launchOf, redacted } from './launch.ts';

/** After the sink says end, the bus says within this time whether it was the end or an error. */
const BUS_GRACE_MS = 2000;
/** A bus poll of the addon takes about this long to notice `stop()`; playing again sooner leaves two of them. */
const SETTLE_MS = 100;
/** Now and then, on a busy machine, a pipeline that is played again gives neither a frame nor a word. */
const FILE_FIRST_MS = 5000;
const LIVE_FIRST_MS = 20_000;
const TRIES = 3;

/**
 * Frames through gstreamer-superficial. A pipeline object is never freed by the addon (1.7 MB and four
 * descriptors each), so there is one for each form of pipeline, used again with stop and play.
 */
export class AddonFrameSource implements FrameSource {
  readonly backend = 'addon';
  readonly #addon: Addon;
  readonly #clock: Clock;
  readonly #pipelines = new Map<string, Pipeline>();
  /** Of what plays now. A poll left over from before may fetch its message, so all polls deliver here. */
  #bus: Bus | null = null;

  constructor(addon: Addon, clock: Clock) {
    this.#addon = addon;
    this.#clock = clock;
  }

  async *frames(request: FrameRequest, signal: AbortSignal): AsyncGenerator<Frame> {
    const launch = launchOf(request);
    const pipeline = this.#pipelineFor(launch, request.pace);
    const stop = () => pipeline.stop();
    signal.addEventListener('abort', stop, { once: true });
    try {
      for (let tries = 1; !signal.aborted; tries++) {
        const bus = new Bus(stop);
        this.#bus = bus;
        pipeline.play();
        pipeline.pollBus((message) => this.#bus?.take(message));
        const lastT = yield* this.#pullAll(pipeline, launch, request);
        if (signal.aborted) return;
        if (lastT !== 'silent') return await this.#judgeEnd(bus, launch, lastT, pipeline);
        if (launch.isLive || tries === TRIES) throw new WatchpostError('WP2403');
        await this.#settle();
      }
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
      await this.#settle();
    }
  }

  async #judgeEnd(bus: Bus, launch: Launch, lastT: number | null, pipeline: Pipeline): Promise<void> {
    await bus.end(this.#clock);
    const failure = bus.failure ?? cutFailure(launch, lastT, pipeline.queryDuration());
    if (failure !== null) throw new WatchpostError('WP2402', { detail: redacted(failure) });
  }

  #settle(): Promise<void> {
    return new Promise((resolve) => this.#clock.after(SETTLE_MS, resolve));
  }

  /** The first frame, null for an end, or `silent` when neither frame nor word came in time. */
  async #pullFirst(pipeline: Pipeline, sink: Sink, launch: Launch): Promise<Pulled | null | 'silent'> {
    let cancelGrace: (() => void) | null = null;
    let wake: () => void = () => undefined;
    const silence = new Promise<'silent'>((resolve) => {
      wake = () => resolve('silent');
    });
    const cancel = this.#clock.after(launch.isLive ? LIVE_FIRST_MS : FILE_FIRST_MS, () => {
      pipeline.stop();
      cancelGrace = this.#clock.after(SETTLE_MS, wake);
    });
    const pulled = await Promise.race([pull(sink), silence]);
    cancel();
    if (cancelGrace === null) return pulled;
    return 'silent';
  }

  async *#pullAll(
    pipeline: Pipeline,
    launch: Launch,
    request: FrameRequest,
  ): AsyncGenerator<Frame, number | null | 'silent'> {
    const sink = pipeline.findChild('frames');
    if (sink === undefined) throw new WatchpostError('WP2401', { detail: 'the pipeline has no sink' });
    let firstMs: number | null = null;
    let t: number | null = null;
    for (let index = 0; ; index++) {
      const pulled = index === 0 ? await this.#pullFirst(pipeline, sink, launch) : await pull(sink);
      if (pulled === null) return t;
      if (pulled === 'silent') return pulled;
      firstMs ??= this.#clock.monoMs();
      t = launch.isLive ? (this.#clock.monoMs() - firstMs) / 1000 : index / request.framesPerSecond;
      yield { ...pulled, t };
    }
  }

  #pipelineFor(launch: Launch, pace: FrameRequest['pace']): Pipeline {
    const limits = launch.isLive ? 'sync=false drop=true max-buffers=2' : 'drop=false max-buffers=4';
    const sync = launch.isLive ? '' : `sync=${pace === 'real-time'}`;
    const head = launch.uri === null ? launch.head : `${launch.head} name=source`;
    const link = launch.uri === null ? '!' : ':';
    const text = `${head} ${link} ${launch.tail} ! appsink name=frames ${limits} ${sync}`;
    const pipeline = this.#pipelines.get(text) ?? new this.#addon.Pipeline(text);
    this.#pipelines.set(text, pipeline);
    const element = launch.uri === null ? undefined : pipeline.findChild('source');
    if (element !== undefined && launch.uri !== null) element.uri = launch.uri;
    return pipeline;
  }
}

/** What the bus said about the end. */
class Bus {
  failure: string | null = null;
  #ended = false;
  #wake: (() => void) | null = null;
  readonly #stop: () => void;

  constructor(stop: () => void) {
    this.#stop = stop;
  }

  take(message: BusMessage): void {
    if (message.type === 'error') {
      this.failure ??= message.message ?? 'unknown error';
      // Without this the pull that waits never comes back.
      this.#stop();
    } else if (message.type !== 'eos') return;
    this.#ended = true;
    this.#wake?.();
  }

  end(clock: Clock): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = clock.after(BUS_GRACE_MS, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

interface Pulled {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

function pull(sink: Sink): Promise<Pulled | null> {
  return new Promise((resolve) => {
    sink.pull((buffer, caps) => {
      const { width, height } = caps;
      if (buffer === null || typeof width !== 'number' || typeof height !== 'number') resolve(null);
      else resolve({ width, height, data: buffer });
    });
  });
}
