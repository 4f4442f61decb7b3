import type { Frame } from '#agent/ports/frames.ts';
import { type Detection, Detector } from './detector.ts';
import { type Picture, type StoredPicture, storePicture } from './evidence/pictures.ts';
import { pixelated } from './evidence/pixelate.ts';

export interface CameraOptions {
  readonly dwellS: number;
  readonly evidenceDir: string;
  readonly newObjectId: () => string;
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
  #detector: Detector | null = null;
  #size = '';
  #last: Frame | null = null;

  constructor(options: CameraOptions) {
    this.#options = options;
  }

  /** Forgets the scene: another one comes. */
  reset(): void {
    this.#detector = null;
    this.#last = null;
  }

  judge(frame: Frame): Sighted[] {
    const detector = this.#detectorFor(frame);
    this.#last = frame;
    return detector.push(frame).map((detection) => ({
      detection,
      picture: detection.change === 'left' ? this.#pictureOf(detector, frame, detection) : null,
    }));
  }

  /** The scene now, with all that moves pixelated; null before the first picture. */
  snapshot(): Picture | null {
    if (this.#detector === null || this.#last === null) return null;
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
