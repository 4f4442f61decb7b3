import type { Frame, FrameRequest, FrameSource } from '#agent/ports/frames.ts';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Addon, Pipeline, Sink } from './addon.ts';
import { PipelineBus } from './bus.ts';
import { cutFailure, type Launch, launchOf, redacted } from './launch.ts';

/** Neither frame nor word for this long: it is played again, and then given up. */
const FILE_FIRST_MS = 5000;
const LIVE_FIRST_MS = 20_000;
const TRIES = 3;

/** What is kept of one form of pipeline. */
interface Played {
  readonly pipeline: Pipeline;
  readonly bus: PipelineBus;
  readonly sink: Sink;
}

/**
 * Frames through gstreamer-superficial. A pipeline object is never freed by the addon (1.7 MB and four
 * descriptors each), so there is one for each form of pipeline, used again with stop and play.
 */
export class AddonFrameSource implements FrameSource {
  readonly backend = 'addon';
  readonly #addon: Addon;
  readonly #clock: Clock;
  readonly #played = new Map<string, Played>();

  constructor(addon: Addon, clock: Clock) {
    this.#addon = addon;
    this.#clock = clock;
  }

  async *frames(request: FrameRequest, signal: AbortSignal): AsyncGenerator<Frame> {
    const launch = launchOf(request);
    const played = this.#playedFor(launch, request.pace);
    const { bus } = played;
    const stop = () => bus.stop();
    signal.addEventListener('abort', stop, { once: true });
    try {
      for (let tries = 1; !signal.aborted; tries++) {
        bus.play((text) => request.onWarning?.(redacted(text)));
        const lastT = yield* this.#pullAll(played, launch, request);
        if (signal.aborted) return;
        if (lastT !== 'silent') return await judgeEnd(played, launch, lastT);
        bus.distrust();
        if (launch.isLive || tries === TRIES) throw new WatchpostError('WP2403');
      }
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
      await bus.settle();
    }
  }

  /** The first frame, null for an end, or `silent` when neither frame nor word came in time. */
  async #pullFirst({ bus, sink }: Played, launch: Launch): Promise<Pulled | null | 'silent'> {
    let isSilent = false;
    let wake: () => void = () => undefined;
    const silence = new Promise<'silent'>((resolve) => {
      wake = () => resolve('silent');
    });
    const cancel = this.#clock.after(launch.isLive ? LIVE_FIRST_MS : FILE_FIRST_MS, () => {
      isSilent = true;
      bus.stop();
      void bus.settle().then(wake);
    });
    const pulled = await Promise.race([pull(sink), silence]);
    cancel();
    return isSilent ? 'silent' : pulled;
  }

  async *#pullAll(
    played: Played,
    launch: Launch,
    request: FrameRequest,
  ): AsyncGenerator<Frame, number | null | 'silent'> {
    const { sink } = played;
    let firstMs: number | null = null;
    let t: number | null = null;
    for (let index = 0; ; index++) {
      const pulled = index === 0 ? await this.#pullFirst(played, launch) : await pull(sink);
      if (pulled === null) return t;
      if (pulled === 'silent') return pulled;
      firstMs ??= this.#clock.monoMs();
      t = launch.isLive ? (this.#clock.monoMs() - firstMs) / 1000 : index / request.framesPerSecond;
      yield { ...pulled, t };
    }
  }

  #playedFor(launch: Launch, pace: FrameRequest['pace']): Played {
    const limits = launch.isLive ? 'sync=false drop=true max-buffers=2' : 'drop=false max-buffers=4';
    const sync = launch.isLive ? '' : `sync=${pace === 'real-time'}`;
    const head = launch.uri === null ? launch.head : `${launch.head} name=source`;
    const link = launch.uri === null ? '!' : ':';
    const text = `${head} ${link} ${launch.tail} ! appsink name=frames ${limits} ${sync}`;
    const played = this.#played.get(text) ?? this.#make(text);
    this.#played.set(text, played);
    const element = launch.uri === null ? undefined : played.pipeline.findChild('source');
    if (element !== undefined && launch.uri !== null) element.uri = launch.uri;
    return played;
  }

  #make(text: string): Played {
    const pipeline = new this.#addon.Pipeline(text);
    const sink = pipeline.findChild('frames');
    if (sink === undefined) throw new WatchpostError('WP2401', { detail: 'the pipeline has no sink' });
    return { pipeline, sink, bus: new PipelineBus(pipeline, this.#clock) };
  }
}

async function judgeEnd({ bus, pipeline }: Played, launch: Launch, lastT: number | null): Promise<void> {
  await bus.end();
  const failure = bus.failure ?? cutFailure(launch, lastT, pipeline.queryDuration());
  if (failure !== null) throw new WatchpostError('WP2402', { detail: redacted(failure) });
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
