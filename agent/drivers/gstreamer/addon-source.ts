import type { Frame, FrameRequest, FrameSource } from '#agent/ports/frames.ts';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Addon, BusMessage, Pipeline, Sink } from './addon.ts';
import { type Launch, launchOf, redacted } from './launch.ts';

/** After the sink says end, the bus says within this time whether it was the end or an error. */
const BUS_GRACE_MS = 2000;
/** A bus poll of the addon takes this long to notice `stop()`; playing again sooner would leave two of them. */
const SETTLE_MS = 50;
/** A file that ends this much before its stated length was cut off. */
const CUT_SHARE = 0.1;
const CUT_MIN_S = 2;

/**
 * Frames through gstreamer-superficial. A pipeline object is never freed by the addon (1.7 MB and four
 * descriptors each), so there is one for each form of pipeline, used again with stop and play.
 */
export class AddonFrameSource implements FrameSource {
  readonly backend = 'addon';
  readonly #addon: Addon;
  readonly #clock: Clock;
  readonly #pipelines = new Map<string, Pipeline>();

  constructor(addon: Addon, clock: Clock) {
    this.#addon = addon;
    this.#clock = clock;
  }

  async *frames(request: FrameRequest, signal: AbortSignal): AsyncGenerator<Frame> {
    const launch = launchOf(request);
    const pipeline = this.#pipelineFor(launch, request.pace);
    const bus = new Bus();
    const stop = () => pipeline.stop();
    if (signal.aborted) return;
    signal.addEventListener('abort', stop, { once: true });
    try {
      pipeline.play();
      pipeline.pollBus((message) => bus.take(message, stop));
      const lastT = yield* this.#pullAll(pipeline, launch, request);
      if (signal.aborted) return;
      await bus.end(this.#clock);
      this.#refuseCut(bus.failure ?? cutFailure(pipeline, launch, lastT));
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
      await new Promise<void>((resolve) => this.#clock.after(SETTLE_MS, resolve));
    }
  }

  async *#pullAll(pipeline: Pipeline, launch: Launch, request: FrameRequest): AsyncGenerator<Frame, number> {
    const sink = pipeline.findChild('frames');
    if (sink === undefined) throw new WatchpostError('WP2401', { detail: 'the pipeline has no sink' });
    let firstMs: number | null = null;
    let t = 0;
    for (let index = 0; ; index++) {
      const pulled = await pull(sink);
      if (pulled === null) return t;
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

  #refuseCut(failure: string | null): void {
    if (failure !== null) throw new WatchpostError('WP2402', { detail: redacted(failure) });
  }
}

/** What the bus said about the end. */
class Bus {
  failure: string | null = null;
  #ended = false;
  #wake: (() => void) | null = null;

  take(message: BusMessage, stop: () => void): void {
    if (message.type === 'error') {
      this.failure ??= message.message ?? 'unknown error';
      // Without this the pull that waits never comes back.
      stop();
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

function pull(sink: Sink): Promise<{ width: number; height: number; data: Uint8Array } | null> {
  return new Promise((resolve) => {
    sink.pull((buffer, caps) => {
      const { width, height } = caps;
      if (buffer === null || typeof width !== 'number' || typeof height !== 'number') resolve(null);
      else resolve({ width, height, data: buffer });
    });
  });
}

function cutFailure(pipeline: Pipeline, launch: Launch, lastT: number): string | null {
  if (launch.isLive || launch.uri === null) return null;
  const durationS = pipeline.queryDuration();
  if (durationS <= 0) return lastT === 0 ? 'no frames in it' : null;
  const missingS = durationS - lastT;
  if (missingS <= Math.max(CUT_MIN_S, CUT_SHARE * durationS)) return null;
  return `it ends at ${lastT.toFixed(1)} s of ${durationS.toFixed(1)} s`;
}
