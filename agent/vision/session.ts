import type { FrameRequest, FrameSource } from '#agent/ports/frames.ts';
import type { ObjectDetector } from '#agent/ports/object-detector.ts';
import type { VisionConfig, VisionReport } from '#agent/ports/vision.ts';
import type { FilmEncoder, FilmstripPicture, StoredFile } from '#agent/ports/vision-evidence.ts';
import type { CameraPose } from '#agent/ports/vision-pose.ts';
import { type Cancel, type Clock, wait } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { uuidv7 } from '#contract/uuid.ts';
import { Camera, type Mobile, type Sighted } from './camera.ts';
import { Consultation } from './consult/consultation.ts';
import type { StripPicture } from './evidence/evidence.ts';
import type { FilmTake } from './evidence/film.ts';
import { FilmStore } from './evidence/film-store.ts';
import type { Picture, StoredPicture } from './evidence/pictures.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { PlaceFolder } from './visits/place-folder.ts';

export interface SessionOptions {
  readonly config: VisionConfig;
  /** Throws WP2401 where no frame source works on this machine. */
  readonly openSource: () => FrameSource;
  readonly clock: Clock;
  readonly say: (report: VisionReport) => void;
  /** The learned detector that `config.model` describes. */
  readonly objectDetector?: ObjectDetector | undefined;
  /** Without one there are no films. */
  readonly filmEncoder?: FilmEncoder | undefined;
}

const HEARTBEAT_MS = 1000;
/** A source that gives no frame for this long is closed and opened again. */
const STALL_MS = 20_000;
const RETRY_FIRST_MS = 1000;
const RETRY_MAX_MS = 30_000;

/** One camera being watched: plays its source for as long as the process lives, and reports what it sees. */
export class VisionSession {
  readonly #options: SessionOptions;
  readonly #camera: Camera;
  readonly #films: FilmStore | null;
  readonly #closing = new AbortController();
  #source: string;
  #loop: boolean;
  /** Ends what is being played or waited for, because the source is another one now. */
  #change = new AbortController();
  #frames = 0;
  #cancelHeartbeat: Cancel | null = null;
  /** Codes of trouble with films that was told already. */
  readonly #toldOfFilms = new Set<string>();
  #done: Promise<void> = Promise.resolve();

  constructor(options: SessionOptions) {
    const { config, clock } = options;
    this.#options = options;
    this.#source = config.source;
    this.#loop = config.loop;
    const { filmEncoder: encoder } = options;
    const makesFilms = encoder !== undefined && config.clip !== undefined;
    this.#films = makesFilms ? new FilmStore({ folder: config.evidenceDir, encoder }) : null;
    this.#camera = new Camera({
      dwellS: config.dwellS,
      zones: config.zones,
      evidenceDir: config.evidenceDir,
      newObjectId: () => uuidv7(clock),
      mobile: config.mobile ? mobileOf(options) : undefined,
      clip: makesFilms ? config.clip : undefined,
      consultation: consultationOf(options),
    });
  }

  start(): void {
    const { clock, say } = this.#options;
    const beat = () =>
      say({ kind: 'heartbeat', frames: this.#frames, residentBytes: process.memoryUsage.rss() });
    this.#cancelHeartbeat = clock.every(HEARTBEAT_MS, beat);
    beat();
    this.#done = this.#run();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#change.abort();
    this.#cancelHeartbeat?.();
    await Promise.all([this.#done, this.#films?.close()]);
  }

  /** Watches another source from now on, as a new scene. */
  setSource({ source, loop }: { source: string; loop: boolean }): void {
    this.#source = source;
    this.#loop = loop;
    this.#change.abort();
    this.#change = new AbortController();
  }

  /** Where what carries the camera is; matters to one that is mobile. */
  setPose(pose: CameraPose): void {
    this.#camera.setPose(pose);
  }

  async snapshot(requestId: string): Promise<void> {
    const picture = this.#camera.snapshot();
    const stored = picture === null ? undefined : await this.#store(`snapshot-${requestId}`, picture);
    this.#options.say({ kind: 'snapshot', requestId, picture: stored });
  }

  async #run(): Promise<void> {
    const opened = this.#open();
    if (opened === null) return;
    let retryMs = RETRY_FIRST_MS;
    while (!this.#closing.signal.aborted) {
      const change = this.#change.signal;
      const framesBefore = this.#frames;
      this.#camera.reset();
      const outcome = await this.#playUntilChange(opened, change);
      if (change.aborted) retryMs = RETRY_FIRST_MS;
      else if (outcome === 'failed') {
        if (this.#frames > framesBefore) retryMs = RETRY_FIRST_MS;
        await pause(this.#options.clock, retryMs, change);
        retryMs = Math.min(RETRY_MAX_MS, retryMs * 2);
      } else await ending(change);
    }
  }

  #open(): FrameSource | null {
    try {
      const source = this.#options.openSource();
      this.#options.say({ kind: 'ready', backend: source.backend });
      return source;
    } catch (error) {
      this.#sayFailed(error);
      return null;
    }
  }

  /** `ended` only for a file that is not played in a loop. */
  async #playUntilChange(source: FrameSource, change: AbortSignal): Promise<'ended' | 'failed'> {
    const stall = new Stall(this.#options.clock, change);
    try {
      let startT = 0;
      do startT = await this.#playOnce(source, stall, startT);
      while (this.#loop && !change.aborted && startT > 0);
      if (stall.hasStalled) throw new WatchpostError('WP2403');
      if (!change.aborted) this.#options.say({ kind: 'source', state: 'ended' });
      return isFile(this.#source) ? 'ended' : 'failed';
    } catch (error) {
      if (!change.aborted) this.#sayFailed(error);
      return 'failed';
    } finally {
      stall.close();
    }
  }

  /** Plays once, stream time beginning at `startT`; answers when the next round begins. */
  async #playOnce(source: FrameSource, stall: Stall, startT: number): Promise<number> {
    const { width, framesPerSecond } = this.#options.config;
    const request: FrameRequest = { source: this.#source, width, framesPerSecond, pace: 'real-time' };
    let nextT = startT;
    stall.alive();
    for await (const frame of source.frames(request, stall.signal)) {
      stall.alive();
      if (nextT === 0 && startT === 0) this.#options.say({ kind: 'source', state: 'playing' });
      nextT = startT + frame.t + 1 / framesPerSecond;
      this.#frames++;
      for (const sighted of this.#camera.judge({ ...frame, t: startT + frame.t })) await this.#tell(sighted);
      for (const film of this.#camera.takeFilms()) this.#keepFilm(film);
    for (const visit of this.#camera.takeVisits()) this.#options.say(visit);
    }
    return stall.signal.aborted ? 0 : nextT;
  }

  async #tell({ detection, strip }: Sighted): Promise<void> {
    const { trackId: _track, component: _cells, ...told } = detection;
    const report = { kind: 'object' as const, ...told };
    const filmstrip = await this.#storeStrip(detection.objectId, strip);
    const now = filmstrip.find(({ moment }) => moment === 'now');
    this.#options.say({
      ...report,
      ...(now === undefined ? {} : { picture: now.picture }),
      ...(filmstrip.length < 2 ? {} : { filmstrip }),
    });
  }

  /** Nothing waits for a film: it comes with an update of its own, or not at all. */
  #keepFilm(film: FilmTake): void {
    if (this.#films === null) return;
    this.#films
      .store(film)
      .then((clip) => this.#tellFilm(film, clip))
      .catch((error) => this.#complainOfFilms(error));
  }

  /** Once for each kind of trouble: the next film would say the same. */
  #complainOfFilms(error: unknown): void {
    const code = error instanceof WatchpostError ? error.code : 'unknown';
    if (this.#closing.signal.aborted || this.#toldOfFilms.has(code)) return;
    this.#toldOfFilms.add(code);
    process.stderr.write(`${String(error)}\n`);
  }

  #tellFilm({ detection, t }: FilmTake, clip: StoredFile): void {
    const { objectId, since, box, score } = detection;
    const reason = 'the film of it is ready';
    this.#options.say({ kind: 'object', change: 'updated', objectId, t, since, box, score, reason, clip });
  }

  /** What could be stored of a strip. */
  async #storeStrip(objectId: string, strip: readonly StripPicture[]): Promise<FilmstripPicture[]> {
    const stored: FilmstripPicture[] = [];
    for (const { moment, t, picture } of strip) {
      const file = await this.#store(moment === 'now' ? objectId : `${objectId}-${moment}`, picture);
      if (file !== undefined) stored.push({ moment, t, picture: file });
    }
    return stored;
  }

  /** A picture that cannot be stored must not hold back the event. */
  async #store(name: string, picture: Picture): Promise<StoredPicture | undefined> {
    try {
      return await this.#camera.store(name, picture);
    } catch (error) {
      process.stderr.write(`${String(error)}\n`);
      return undefined;
    }
  }

  #sayFailed(error: unknown): void {
    const code = error instanceof WatchpostError ? error.code : 'WP2402';
    const detail = (error instanceof WatchpostError ? error.detail : String(error)) ?? '';
    this.#options.say({ kind: 'source', state: 'failed', code, detail: detail.slice(0, 400) });
  }
}

/** Aborts its signal when no frame came for `STALL_MS`, or with the outer one. */
class Stall {
  readonly #clock: Clock;
  readonly #own = new AbortController();
  readonly signal: AbortSignal;
  #cancel: Cancel | null = null;

  constructor(clock: Clock, outer: AbortSignal) {
    this.#clock = clock;
    this.signal = AbortSignal.any([outer, this.#own.signal]);
  }

  get hasStalled(): boolean {
    return this.#own.signal.aborted;
  }

  alive(): void {
    this.#cancel?.();
    this.#cancel = this.#clock.after(STALL_MS, () => this.#own.abort());
  }

  close(): void {
    this.#cancel?.();
  }
}

function consultationOf({ config, objectDetector }: SessionOptions): Consultation | undefined {
  if (objectDetector === undefined || config.model === undefined) return undefined;
  return new Consultation({ detector: objectDetector, model: config.model, settings: DEFAULT_SETTINGS });
}

const isFile = (source: string): boolean => !/^(rtsps?|v4l2|test):/.test(source);

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

function mobileOf({ config, clock }: SessionOptions): Mobile {
  const { referencesDir } = config;
  const onTrouble = (error: WatchpostError) => process.stderr.write(`${String(error)}\n`);
  return {
    places: referencesDir === undefined ? null : new PlaceFolder({ folder: referencesDir, onTrouble }),
    wallMs: () => clock.wallMs(),
  };
}
