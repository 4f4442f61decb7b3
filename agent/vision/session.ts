import type { Frame, FrameSource } from '#agent/ports/frames.ts';
import type { ObjectDetector } from '#agent/ports/object-detector.ts';
import type { VisionConfig, VisionReport } from '#agent/ports/vision.ts';
import type { FilmEncoder, FilmstripPicture, StoredFile } from '#agent/ports/vision-evidence.ts';
import type { CameraPose } from '#agent/ports/vision-pose.ts';
import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { uuidv7 } from '#contract/uuid.ts';
import { Camera, type Mobile, type Sighted } from './camera.ts';
import { Consultation } from './consult/consultation.ts';
import type { StripPicture } from './evidence/evidence.ts';
import type { FilmTake } from './evidence/film.ts';
import { FilmStore } from './evidence/film-store.ts';
import type { Picture, StoredPicture } from './evidence/pictures.ts';
import { MAX_AGE_S } from './memory/scene-file.ts';
import type { SceneMemory } from './memory/scene-memory.ts';
import { Playback } from './playback.ts';
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
  /** The reader of the camera does not end though told to: only the end of the process helps. */
  readonly onStuck?: () => void;
  /** What keeps the scene over a restart; absent: nothing does. */
  readonly memory?: SceneMemory | undefined;
}

const HEARTBEAT_MS = 1000;
/** Far more than can stand about in one picture; the agent takes no longer list. */
const MAX_WATCHING = 1000;

/** One camera being watched: plays its source for as long as the process lives, and reports what it sees. */
export class VisionSession {
  readonly #options: SessionOptions;
  readonly #camera: Camera;
  readonly #films: FilmStore | null;
  /**
   * In the name of each file of evidence: a process that remakes a report after a kill must not rewrite what the agent
   * announced by its hash and may have sent half of.
   */
  readonly #mark: string;
  readonly #closing = new AbortController();
  #source: string;
  #loop: boolean;
  /** Ends what is being played or waited for, because the source is another one now. */
  #change = new AbortController();
  #frames = 0;
  #cancelHeartbeat: Cancel | null = null;
  /** Codes of trouble with films that was told already. */
  readonly #toldOfFilms = new Set<string>();
  /** The things of which it was said last that they are watched. */
  #watching: string | null = null;
  #done: Promise<void> = Promise.resolve();

  constructor(options: SessionOptions) {
    const { config, clock } = options;
    this.#options = options;
    this.#source = config.source;
    this.#loop = config.loop;
    this.#mark = uuidv7(clock).slice(-8);
    const mark = this.#mark;
    const { filmEncoder: encoder } = options;
    const makesFilms = encoder !== undefined && config.clip !== undefined;
    this.#films = makesFilms ? new FilmStore({ folder: config.evidenceDir, encoder, mark }) : null;
    this.#camera = new Camera({
      dwellS: config.dwellS,
      zones: config.zones,
      evidenceDir: config.evidenceDir,
      newObjectId: () => uuidv7(clock),
      mobile: config.mobile ? mobileOf(options) : undefined,
      clip: makesFilms ? config.clip : undefined,
      consultation: consultationOf(options),
      watches: config.watches,
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

  /** The door behind `input` was released. */
  release(input: string): void {
    this.#camera.release(input);
  }

  async snapshot(requestId: string): Promise<void> {
    const picture = this.#camera.snapshot();
    const stored = picture === null ? undefined : await this.#store(`snapshot-${requestId}`, picture);
    this.#options.say({ kind: 'snapshot', requestId, picture: stored });
  }

  async #run(): Promise<void> {
    const source = this.#open();
    if (source === null) return;
    const { memory } = this.#options;
    memory?.take(this.#source);
    for (let round = 0; !this.#closing.signal.aborted; round++) {
      const change = this.#change.signal;
      this.#camera.reset();
      // Not before: until now the old scene was still being judged, and kept.
      if (round > 0) memory?.forget(this.#source);
      await this.#playbackOf(source).play({ source: this.#source, loop: this.#loop }, change);
    }
  }

  #open(): FrameSource | null {
    const { openSource, say } = this.#options;
    try {
      const source = openSource();
      say({ kind: 'ready', backend: source.backend });
      return source;
    } catch (error) {
      const { code, detail } =
        error instanceof WatchpostError ? error : new WatchpostError('WP2401', { detail: String(error) });
      say({ kind: 'source', state: 'failed', code, detail });
      return null;
    }
  }

  #playbackOf(source: FrameSource): Playback {
    const { config, clock, say, onStuck = () => undefined } = this.#options;
    const { width, framesPerSecond } = config;
    return new Playback({
      ...{ source, width, framesPerSecond, clock, say, onStuck },
      onFrame: (frame) => this.#judge(frame),
      onGap: (gapS) => {
        if (gapS > MAX_AGE_S) this.#camera.reset();
      },
      resumes: () => this.#options.memory?.revive(this.#camera) ?? null,
    });
  }

  async #judge(frame: Frame): Promise<void> {
    this.#frames++;
    const found = this.#camera.judge(frame);
    for (const sighted of found) await this.#tell(sighted);
    // Only now: what was kept as reported but not told would never be. Told twice is under the same id.
    if (found.length > 0) this.#options.memory?.write(this.#camera);
    else this.#options.memory?.tick(this.#camera);
    this.#tellWatching();
    for (const film of this.#camera.takeFilms()) this.#keepFilm(film);
    for (const visit of this.#camera.takeVisits()) this.#options.say(visit);
    for (const watched of this.#camera.takeWatched()) this.#options.say(watched);
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

  /** After the reports, so that what has just begun or ended is not taken for lost. */
  #tellWatching(): void {
    const objectIds = this.#camera.objectIds();
    const text = objectIds?.join() ?? null;
    if (objectIds === null || text === this.#watching) return;
    this.#watching = text;
    this.#options.say({ kind: 'watching', objectIds: objectIds.slice(0, MAX_WATCHING) });
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
      const file = await this.#store(`${objectId}-${moment}-${this.#mark}`, picture);
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
}

function consultationOf({ config, objectDetector }: SessionOptions): Consultation | undefined {
  if (objectDetector === undefined || config.model === undefined) return undefined;
  return new Consultation({ detector: objectDetector, model: config.model, settings: DEFAULT_SETTINGS });
}

function mobileOf({ config, clock }: SessionOptions): Mobile {
  const { referencesDir } = config;
  const onTrouble = (error: WatchpostError) => process.stderr.write(`${String(error)}\n`);
  return {
    places: referencesDir === undefined ? null : new PlaceFolder({ folder: referencesDir, onTrouble }),
    mount: config.mount,
    wallMs: () => clock.wallMs(),
  };
}
