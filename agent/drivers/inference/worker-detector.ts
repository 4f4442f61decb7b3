import { Worker } from 'node:worker_threads';
import type { Frame } from '#agent/ports/frames.ts';
import type { ModelConfig, ObjectDetector, Sight } from '#agent/ports/object-detector.ts';
import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { OutputShape } from './model.ts';
import { messageOf } from './model-file.ts';
import { asSaid, type WorkerAsked, type WorkerSaid } from './protocol.ts';

export interface WorkerDetectorOptions {
  readonly config: ModelConfig;
  readonly clock: Clock;
  /** Told each time the model can be asked, with what runs it and what it gives. */
  readonly onReady?: (backend: string, outputs: readonly OutputShape[]) => void;
  /** Told of each new trouble once: the same code again is told only after the model was well in between. */
  readonly onTrouble?: (error: WatchpostError) => void;
  /** What the worker runs; another one in tests. */
  readonly workerFile?: URL;
}

/** Loading takes long on a small board, and reads from a slow card. */
const LOAD_WITHIN_MS = 120_000;
/** An answer is waited for this many timeouts; later than that the worker hangs and is ended, where it may be. */
const HANG_FACTOR = 4;
const BACKOFF_FIRST_MS = 1000;
const BACKOFF_MAX_MS = 300_000;
/** The heap of JavaScript alone; weights and tensors lie outside of it. */
const LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 };

interface Look {
  readonly id: number;
  readonly resolve: (sights: readonly Sight[]) => void;
  readonly reject: (error: WatchpostError) => void;
  readonly cancelTimeout: Cancel;
  readonly cancelHang: Cancel;
  /** It took too long and was rejected; its answer will only show that the worker is free again. */
  isGivenUp: boolean;
}

/**
 * A model in a worker thread of its own, one look at a time. A worker that hangs is ended, and one that ended is
 * started again with backoff. Native code cannot be interrupted: a worker that hangs in it is waited for, and there
 * is never a second one beside it, since threads must not pile up.
 */
export class WorkerDetector implements ObjectDetector {
  readonly #options: WorkerDetectorOptions;
  #worker: Worker | null = null;
  #gone: Promise<void> = Promise.resolve();
  #isReady = false;
  /** It loads, or looks, or has not come back from a look that was given up. */
  #isBusy = false;
  #isInterruptible = false;
  #look: Look | null = null;
  #nextId = 1;
  #backoffMs = BACKOFF_FIRST_MS;
  #trouble: WatchpostError | null = null;
  #cancelLoading: Cancel | null = null;
  #cancelRestart: Cancel | null = null;
  #isClosed = false;

  constructor(options: WorkerDetectorOptions) {
    this.#options = options;
  }

  /** Begins to load; looks are refused with WP2457 until that is done. */
  start(): void {
    const { config, clock, workerFile = new URL('./worker.ts', import.meta.url) } = this.#options;
    this.#cancelRestart = null;
    this.#isInterruptible = config.backend === 'tfjs';
    const worker = new Worker(workerFile, { workerData: config, resourceLimits: LIMITS, stdout: true });
    this.#worker = worker;
    // What packages print is no output of the program.
    worker.stdout.pipe(process.stderr, { end: false });
    worker.on('message', (message) => this.#take(asSaid(message)));
    worker.on('error', (error) =>
      this.#suffer(new WatchpostError('WP2456', { detail: messageOf(error), cause: error })),
    );
    this.#isBusy = true;
    this.#gone = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#onExit();
        resolve();
      });
    });
    this.#cancelLoading = clock.after(LOAD_WITHIN_MS, () =>
      this.#interrupt(
        new WatchpostError('WP2455', { detail: `not loaded after ${LOAD_WITHIN_MS / 1000} s` }),
      ),
    );
  }

  look(picture: Frame): Promise<readonly Sight[]> {
    const worker = this.#worker;
    if (worker === null || !this.#isReady || this.#isBusy) return Promise.reject(this.#reasonToRefuse());
    const { clock, config } = this.#options;
    const { timeoutMs } = config;
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const cancelTimeout = clock.after(timeoutMs, () => {
        const error = new WatchpostError('WP2455', { detail: `more than ${timeoutMs} ms` });
        this.#tell(error);
        if (this.#look?.id === id) this.#look.isGivenUp = true;
        reject(error);
      });
      const hangMs = timeoutMs * HANG_FACTOR;
      const cancelHang = clock.after(hangMs, () =>
        this.#interrupt(new WatchpostError('WP2455', { detail: `more than ${hangMs} ms: it hangs` })),
      );
      this.#isBusy = true;
      this.#look = { id, resolve, reject, cancelTimeout, cancelHang, isGivenUp: false };
      const data = new Uint8Array(picture.data);
      const asked: WorkerAsked = { kind: 'look', id, picture: { ...picture, data } };
      worker.postMessage(asked, [data.buffer]);
    });
  }

  /** Waits for the end of a look in native code, however long that takes. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#isReady = false;
    this.#cancelRestart?.();
    this.#cancelLoading?.();
    this.#dropLook(new WatchpostError('WP2457', { detail: 'it was closed' }));
    this.#halt();
    await this.#gone;
  }

  #reasonToRefuse(): WatchpostError {
    const isLooking = this.#look !== null && !this.#look.isGivenUp;
    if (isLooking) return new WatchpostError('WP2457', { detail: 'it is still looking' });
    return this.#trouble ?? new WatchpostError('WP2457', { detail: 'it is being loaded' });
  }

  #take(said: WorkerSaid): void {
    this.#isBusy = false;
    if (this.#isClosed) return;
    switch (said.kind) {
      case 'ready':
        this.#cancelLoading?.();
        this.#isReady = true;
        this.#isInterruptible = said.isInterruptible;
        this.#options.onReady?.(said.backend, said.outputs);
        break;
      case 'refused':
        this.#suffer(new WatchpostError(said.code, { detail: said.detail }));
        break;
      case 'saw':
        this.#settle(said.id, ({ resolve, isGivenUp }) => {
          if (isGivenUp) return;
          this.#trouble = null;
          this.#backoffMs = BACKOFF_FIRST_MS;
          resolve(said.sights);
        });
        break;
      case 'failed':
        this.#settle(said.id, ({ reject, isGivenUp }) => {
          if (isGivenUp) return;
          const error = new WatchpostError(said.code, { detail: said.detail });
          this.#tell(error);
          reject(error);
        });
    }
  }

  #settle(id: number, how: (look: Look) => void): void {
    const look = this.#look;
    if (look === null || look.id !== id) return;
    this.#look = null;
    look.cancelTimeout();
    look.cancelHang();
    how(look);
  }

  #dropLook(error: WatchpostError): void {
    if (this.#look !== null) this.#settle(this.#look.id, ({ reject }) => reject(error));
  }

  /** It takes too long. What cannot be ended is waited for; `#onExit` goes on from where it ended. */
  #interrupt(error: WatchpostError): void {
    if (!this.#isInterruptible) {
      this.#tell(error);
      return;
    }
    this.#suffer(error);
    this.#halt();
  }

  /** Ends the worker: at once where that is safe, else as soon as it comes back. */
  #halt(): void {
    if (this.#isInterruptible || !this.#isBusy) void this.#worker?.terminate();
    else this.#worker?.postMessage({ kind: 'end' } satisfies WorkerAsked);
  }

  #suffer(error: WatchpostError): void {
    this.#isReady = false;
    this.#cancelLoading?.();
    this.#tell(error);
    this.#dropLook(error);
  }

  #tell(error: WatchpostError): void {
    const isKnown = this.#trouble?.code === error.code;
    this.#trouble = error;
    if (!isKnown && !this.#isClosed) this.#options.onTrouble?.(error);
  }

  #onExit(): void {
    const wasWell = this.#isReady;
    this.#worker = null;
    this.#isReady = false;
    this.#cancelLoading?.();
    if (this.#isClosed) return;
    if (wasWell || this.#trouble === null) this.#suffer(new WatchpostError('WP2456'));
    if (this.#trouble?.retryable === false) return;
    this.#cancelRestart = this.#options.clock.after(this.#backoffMs, () => this.start());
    this.#backoffMs = Math.min(BACKOFF_MAX_MS, this.#backoffMs * 2);
  }
}

/** The learned detector of the profile, loading. */
export function openObjectDetector(options: WorkerDetectorOptions): WorkerDetector {
  const detector = new WorkerDetector(options);
  detector.start();
  return detector;
}
