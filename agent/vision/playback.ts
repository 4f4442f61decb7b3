import type { Frame, FrameRequest, FrameSource } from '#agent/ports/frames.ts';
import type { VisionReport } from '#agent/ports/vision.ts';
import { type Clock, wait } from '#contract/clock.ts';
import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import { FrameRate } from './frame-rate.ts';
import { PlaybackWatch } from './playback-watch.ts';
import { StreamTime } from './stream-time.ts';

export interface PlaybackOptions {
  readonly source: FrameSource;
  readonly width: number;
  readonly framesPerSecond: number;
  readonly clock: Clock;
  readonly say: (report: Extract<VisionReport, { kind: 'source' }>) => void;
  /** With each picture, in order, `t` in stream time; the next comes when it has resolved. */
  readonly onFrame: (frame: Frame) => Promise<void>;
  /** With the very first picture: what time it is then, if the scene was known before. */
  readonly resumes: () => { readonly t: number; readonly gapS: number } | null;
  /** Before the first picture of a source that was gone for `gapS`. */
  readonly onGap: (gapS: number) => void;
  /** The reader does not end though it was told to: only the end of the process helps. */
  readonly onStuck: () => void;
}

/** What is to be played. */
export interface Play {
  readonly source: string;
  readonly loop: boolean;
}

const RETRY_FIRST_MS = 1000;
const RETRY_MAX_MS = 30_000;
/** One that has played for this long is not the same failure again. */
const SETTLED_MS = 10_000;
/** The same word about a passing trouble is said no more often than this. */
const REMIND_MS = 10_000;

/**
 * Plays one source until it is told to stop, and opens it again whenever it fails: what comes out is pictures in
 * sane time, and a word for each thing that is wrong.
 */
export class Playback {
  readonly #options: PlaybackOptions;
  readonly #time: StreamTime;
  readonly #rate: FrameRate;
  readonly #saidMs = new Map<ErrorCode, number>();
  #shape = '';
  #lastMs: number | null = null;

  constructor(options: PlaybackOptions) {
    this.#options = options;
    this.#time = new StreamTime(options.framesPerSecond);
    this.#rate = new FrameRate(options.framesPerSecond);
  }

  /** Resolves when `change` is aborted; never rejects for what a source does. */
  async play(play: Play, change: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    let retryMs = RETRY_FIRST_MS;
    while (!change.aborted) {
      const startedMs = clock.monoMs();
      if ((await this.#playToEnd(play, change)) === 'ended') return ending(change);
      if (this.#lastMs !== null && this.#lastMs - startedMs > SETTLED_MS) retryMs = RETRY_FIRST_MS;
      await pause(clock, retryMs, change);
      retryMs = Math.min(RETRY_MAX_MS, retryMs * 2);
    }
  }

  /** `ended` only for a file that is not played in a loop. */
  async #playToEnd(play: Play, change: AbortSignal): Promise<'ended' | 'failed'> {
    const { clock, onStuck } = this.#options;
    const watch = new PlaybackWatch({ clock, outer: change, onStuck });
    try {
      let frames = 0;
      let round = 0;
      do frames = await this.#playOnce(play.source, watch, round++);
      while (play.loop && !watch.signal.aborted && frames > 0);
      if (watch.hasStalled) throw new WatchpostError('WP2403');
      if (change.aborted) return 'failed';
      if (!isFile(play.source)) throw new WatchpostError('WP2402', { detail: 'the camera ended the stream' });
      this.#options.say({ kind: 'source', state: 'ended' });
      return 'ended';
    } catch (error) {
      if (!change.aborted) this.#sayFailed(error);
      return 'failed';
    } finally {
      watch.close();
    }
  }

  /** Plays once to the end; answers how many frames there were. Rounds of a loop after the first follow at once. */
  async #playOnce(source: string, watch: PlaybackWatch, round: number): Promise<number> {
    const { width, framesPerSecond, onFrame, onGap, clock } = this.#options;
    const request: FrameRequest = { source, width, framesPerSecond, pace: 'real-time', onWarning: complain };
    const gapS = this.#lastMs === null || round > 0 ? 0 : (clock.monoMs() - this.#lastMs) / 1000;
    let frames = 0;
    watch.opening();
    for await (const frame of this.#options.source.frames(request, watch.signal)) {
      watch.alive();
      if (!isWhole(frame)) {
        this.#sayPassing('WP2471', `${frame.data.length} bytes for ${frame.width}×${frame.height}`);
        continue;
      }
      if (frames++ === 0) {
        this.#resume(gapS);
        if (gapS > 0) onGap(gapS);
        if (round === 0) this.#sayStanding();
      }
      await onFrame(this.#examined(frame));
    }
    return frames;
  }

  #resume(gapS: number): void {
    const known = this.#lastMs === null ? this.#options.resumes() : null;
    if (known !== null) this.#time.startAt(known.t);
    this.#time.resume(known?.gapS ?? gapS);
    this.#rate.restart();
  }

  /** The picture in stream time; what is odd about it is said. */
  #examined(frame: Frame): Frame {
    const { jumps } = this.#time;
    const t = this.#time.of(frame.t);
    if (this.#time.jumps > jumps) this.#sayPassing('WP2469', `from ${this.#time.jumps} pictures so far`);
    const shape = `${frame.width}×${frame.height}`;
    if (this.#shape !== '' && shape !== this.#shape) this.#sayPassing('WP2470', `${this.#shape} to ${shape}`);
    this.#shape = shape;
    this.#lastMs = this.#options.clock.monoMs();
    if (this.#rate.tick(this.#lastMs)) this.#sayStanding();
    return { ...frame, t };
  }

  /** How it is now that pictures come. */
  #sayStanding(): void {
    const { say, framesPerSecond } = this.#options;
    const detail = `${this.#rate.rate.toFixed(1)} of ${framesPerSecond} pictures a second`;
    if (this.#rate.isSlow) say({ kind: 'source', state: 'degraded', code: 'WP2468', detail });
    else say({ kind: 'source', state: 'playing' });
  }

  /** Something that was wrong and is over: who listens decides how long it counts. */
  #sayPassing(code: ErrorCode, detail: string): void {
    const nowMs = this.#options.clock.monoMs();
    if (nowMs - (this.#saidMs.get(code) ?? Number.NEGATIVE_INFINITY) < REMIND_MS) return;
    this.#saidMs.set(code, nowMs);
    this.#options.say({ kind: 'source', state: 'degraded', code, detail });
    this.#sayStanding();
  }

  #sayFailed(error: unknown): void {
    const code = error instanceof WatchpostError ? error.code : 'WP2402';
    const detail = (error instanceof WatchpostError ? error.detail : String(error)) ?? '';
    this.#options.say({ kind: 'source', state: 'failed', code, detail: detail.slice(0, 400) });
  }
}

const isFile = (source: string): boolean => !/^(rtsps?|v4l2|test):/.test(source);

const isWhole = ({ width, height, data }: Frame): boolean =>
  width > 1 && height > 1 && data.length === width * height;

const complain = (text: string): void => {
  process.stderr.write(`${text.slice(0, 300)}\n`);
};

async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(clock, ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function ending(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
