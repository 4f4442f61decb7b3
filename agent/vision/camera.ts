import type { Frame } from '#agent/ports/frames.ts';
import type { CameraPose, VisitReport } from '#agent/ports/vision-pose.ts';
import { type Detection, Detector } from './detector.ts';
import { type Picture, type StoredPicture, storePicture } from './evidence/pictures.ts';
import { pixelated } from './evidence/pixelate.ts';
import { allHidden } from './visits/all-hidden.ts';
import { Visits } from './visits/visits.ts';

export interface CameraOptions {
  readonly dwellS: number;
  readonly evidenceDir: string;
  readonly newObjectId: () => string;
  /** It is carried about: nothing is judged until it stands. */
  readonly mobile?: boolean;
}

/** A detection with its evidence: what goes into the report. */
export interface Sighted {
  readonly detection: Detection;
  /** Ready to be stored: everything but the object is already unrecognisable. */
  readonly picture: Picture | null;
}

/** The detector of one camera with the pictures it takes. Unprocessed pictures never leave it. */
export class Camera {
  readonly #options: CameraOptions;
  /** Null for a camera that is fixed. */
  readonly #visits: Visits | null;
  #detector: Detector | null = null;
  #size = '';
  #last: Frame | null = null;

  constructor(options: CameraOptions) {
    this.#options = options;
    this.#visits = options.mobile === true ? new Visits() : null;
  }

  /** Forgets the scene: another one comes. */
  reset(): void {
    this.#detector = null;
    this.#last = null;
    this.#visits?.restart();
  }

  setPose(pose: CameraPose): void {
    this.#visits?.setPose(pose);
  }

  /** What comparing visits has come to since it was asked last. */
  takeVisits(): VisitReport[] {
    return this.#visits?.takeReports() ?? [];
  }

  judge(frame: Frame): Sighted[] {
    const phase = this.#visits?.look(frame.t) ?? 'parked';
    if (phase !== 'parked') this.#detector = null;
    if (phase === 'moving') {
      this.#last = frame;
      return [];
    }
    const detector = this.#detectorFor(frame);
    this.#last = frame;
    return detector.push(frame).map((detection) => ({
      detection,
      picture: detection.change === 'left' ? this.#pictureOf(detector, frame, detection) : null,
    }));
  }

  /** The scene now, with all that moves pixelated; null before the first picture. */
  snapshot(): Picture | null {
    if (this.#last === null) return null;
    if (this.#visits?.isParked === false) return pixelated(this.#last, allHidden(this.#last));
    if (this.#detector === null) return null;
    return pixelated(this.#last, this.#detector.privacy(null));
  }

  store(name: string, picture: Picture): Promise<StoredPicture> {
    return storePicture(this.#options.evidenceDir, name, picture);
  }

  #pictureOf(detector: Detector, frame: Frame, { component }: Detection): Picture {
    return pixelated(frame, detector.privacy(component));
  }

  #detectorFor({ width, height }: Frame): Detector {
    const size = `${width}x${height}`;
    if (this.#detector === null || size !== this.#size) {
      const { dwellS, newObjectId } = this.#options;
      this.#detector = new Detector({ width, height, dwellS, newObjectId });
      this.#size = size;
    }
    return this.#detector;
  }
}
