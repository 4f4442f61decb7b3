import type { Frame } from '#agent/ports/frames.ts';
import type { ClipConfig } from '#agent/ports/vision-evidence.ts';
import type { CameraMount, CameraPose, VisitReport } from '#agent/ports/vision-pose.ts';
import type { Watches, WatchReport } from '#agent/ports/vision-watches.ts';
import type { Zone } from '#agent/ports/vision-zones.ts';
import { candidatesIn } from './consult/candidates.ts';
import type { Consultation } from './consult/consultation.ts';
import { type Detection, Detector } from './detector.ts';
import type { DetectorMemory } from './detector-memory.ts';
import { Evidence, type StripPicture } from './evidence/evidence.ts';
import type { FilmTake } from './evidence/film.ts';
import { type Picture, type StoredPicture, storePicture } from './evidence/pictures.ts';
import type { SceneView } from './scene-view.ts';
import { type PlaceStore, Visits } from './visits/visits.ts';
import { CameraWatches } from './watches/watches.ts';

export interface CameraOptions {
  readonly dwellS: number;
  readonly zones?: readonly Zone[];
  readonly evidenceDir: string;
  readonly newObjectId: () => string;
  /** Absent: no films. */
  readonly clip?: ClipConfig | undefined;
  /** It is carried about: nothing is judged until it stands. */
  readonly mobile?: Mobile | undefined;
  /** Who asks a learned detector about candidates; absent without one. */
  readonly consultation?: Consultation | undefined;
  /** What else is looked for; absent: nothing. */
  readonly watches?: Watches | undefined;
}

/** What a camera that is carried about remembers by; `places` null: it compares nothing. */
export interface Mobile {
  readonly places: PlaceStore | null;
  readonly mount?: CameraMount | undefined;
  readonly wallMs: () => number;
}

/** A detection with its evidence: what goes into the report. */
export interface Sighted {
  readonly detection: Detection;
  /** Ready to be stored, oldest first, the last one of now: everything but the object is past recognition. */
  readonly strip: readonly StripPicture[];
}

/** The detector of one camera with the pictures it takes. Unprocessed pictures never leave it. */
export class Camera {
  readonly #options: CameraOptions;
  /** Null for a camera that is fixed. */
  readonly #visits: Visits | null;
  readonly #evidence: Evidence;
  readonly #watches: CameraWatches | null;
  #detector: Detector | null = null;
  #size = '';
  #last: Frame | null = null;
  /** What the next detector begins with. */
  #kept: { readonly memory: DetectorMemory; readonly gapS: number } | null = null;

  constructor(options: CameraOptions) {
    this.#options = options;
    this.#evidence = new Evidence({ clip: options.clip });
    this.#visits = options.mobile === undefined ? null : visitsOf(options, options.mobile);
    this.#watches = options.watches === undefined ? null : new CameraWatches(options.watches);
  }

  /** What is known of the scene, for a restart; null while nothing is. */
  save(): DetectorMemory | null {
    const memory = this.#detector?.save() ?? null;
    const impairments = this.#watches?.save() ?? null;
    return memory === null || impairments === null ? memory : { ...memory, impairments };
  }

  /** Goes on where `memory` ended, `gapS` before the next picture; pictures of another size begin anew. */
  restore(memory: DetectorMemory, gapS: number): void {
    this.#kept = { memory, gapS };
    if (memory.impairments !== undefined) this.#watches?.restore(memory.impairments);
  }

  /** Forgets the scene: another one comes. */
  reset(): void {
    this.#kept = null;
    this.#detector = null;
    this.#options.consultation?.reset();
    this.#last = null;
    this.#evidence.reset();
    this.#visits?.restart();
    this.#watches?.forget();
  }

  setPose(pose: CameraPose): void {
    this.#visits?.setPose(pose);
  }

  /** The things of which more may come; null while nobody knows, and for a camera that is carried about. */
  objectIds(): string[] | null {
    return this.#visits === null ? (this.#detector?.objectIds ?? null) : null;
  }

  /** What comparing visits has come to since it was asked last. */
  takeVisits(): VisitReport[] {
    return this.#visits?.takeReports() ?? [];
  }

  /** What the watches have found since it was asked last. */
  takeWatched(): WatchReport[] {
    return this.#watches?.take() ?? [];
  }

  /** The door behind `input` was released. */
  release(input: string): void {
    this.#watches?.release(input);
  }

  judge(frame: Frame): Sighted[] {
    const phase = this.#visits?.look(frame.t) ?? 'parked';
    if (phase !== 'parked' && this.#detector !== null) {
      this.#detector = null;
      this.#options.consultation?.reset();
      this.#evidence.reset();
      this.#watches?.forget();
    }
    this.#last = frame;
    if (phase === 'moving') return [];
    this.#watches?.lookAtPicture(frame);
    // Nothing is learned or judged from a picture that shows nothing; the scene is then as it was before.
    if (this.#watches?.isBlind === true) return [];
    const detector = this.#detectorFor(frame);
    const found = detector.push(frame);
    const { view } = detector;
    const detections = this.#visits?.judge(found, view) ?? found;
    this.#consult(detector, view, frame);
    this.#evidence.look(view, frame);
    this.#watches?.lookAtScene(view);
    return detections.map((detection) => this.#shown(detection, view, frame));
  }

  /** The scene now, past recognition; null before there is one. */
  snapshot(): Picture | null {
    if (this.#last === null) return null;
    if (this.#visits?.isParked === false || this.#watches?.isBlind === true) {
      return this.#evidence.overview(this.#last);
    }
    // Before the first picture in the ring nothing is known of the scene: the coarsest view is all that may be shown.
    return this.#evidence.snapshot() ?? this.#evidence.overview(this.#last);
  }

  /** Films that have come to their end since it was asked last. */
  takeFilms(): FilmTake[] {
    return this.#evidence.takeFilms();
  }

  store(name: string, picture: Picture): Promise<StoredPicture> {
    return storePicture(this.#options.evidenceDir, name, picture);
  }

  /** Nothing waits here: advice is about the pictures before. */
  #consult(detector: Detector, view: SceneView, frame: Frame): void {
    const { consultation } = this.#options;
    if (consultation === undefined || !view.isJudged) return;
    const { t, scale, background } = view;
    const scene = { t, scale, moving: background.moving, candidates: candidatesIn(view) };
    for (const { trackId, advice } of consultation.push(frame, scene)) detector.advise(trackId, advice);
  }

  #shown(detection: Detection, view: SceneView, frame: Frame): Sighted {
    if (detection.change !== 'left') return { detection, strip: [] };
    const strip = this.#evidence.strip(view, frame, detection);
    this.#evidence.beginFilm(view, detection);
    return { detection, strip };
  }

  #detectorFor({ width, height }: Frame): Detector {
    const size = `${width}x${height}`;
    if (this.#detector === null || size !== this.#size) {
      const { dwellS, zones = [], newObjectId } = this.#options;
      this.#evidence.reset();
      this.#options.consultation?.reset();
      this.#detector = new Detector({ width, height, dwellS, zones, newObjectId });
      this.#size = size;
      const kept = this.#kept;
      this.#kept = null;
      if (kept?.memory.width === width && kept.memory.height === height) {
        this.#detector.restore(kept.memory, kept.gapS);
      }
    }
    return this.#detector;
  }
}

function visitsOf({ dwellS, zones = [], newObjectId }: CameraOptions, mobile: Mobile): Visits {
  return new Visits({ dwellS, zones, newObjectId, ...mobile });
}
