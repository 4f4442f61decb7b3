import type { Detection } from '../judgement/detection.ts';
import { keptMosaic, type Mosaic } from './mosaic.ts';
import type { Patch } from './patch.ts';
import type { Picture } from './pictures.ts';
import { rendered } from './rendering.ts';

export interface FilmOptions {
  readonly detection: Detection;
  /** What came before, oldest first; copies. */
  readonly frames: readonly Mosaic[];
  readonly patch: Patch | null;
  /** Before this the thing was not there. Seconds of stream time. */
  readonly shownFromT: number;
  readonly untilT: number;
}

/** A film that is complete, frame by frame. */
export interface FilmTake {
  /** What it is of. */
  readonly detection: Detection;
  readonly width: number;
  readonly height: number;
  /** Stream time of its last frame. */
  readonly t: number;
  frames(): Iterable<Picture>;
}

/** Frames at most, whatever the profile says: two minutes. */
const MAX_FRAMES = 600;

/** The film of one event while it grows. */
export class Film {
  readonly #options: FilmOptions;
  readonly #frames: Mosaic[] = [];

  constructor(options: FilmOptions) {
    this.#options = options;
    for (const frame of options.frames) this.#push(frame);
  }

  get isOver(): boolean {
    return (this.#frames.at(-1)?.t ?? 0) >= this.#options.untilT || this.#frames.length >= MAX_FRAMES;
  }

  get bytes(): number {
    return this.#frames.reduce((sum, { place }) => sum + 2 * place.length, 0);
  }

  add(mosaic: Mosaic): void {
    this.#push(keptMosaic(mosaic));
  }

  end(): FilmTake {
    const { detection, patch, shownFromT } = this.#options;
    const frames = this.#frames;
    const last = frames.at(-1);
    return {
      detection,
      width: last?.grid.width ?? 0,
      height: last?.grid.height ?? 0,
      t: last?.t ?? 0,
      *frames() {
        for (const mosaic of frames) yield rendered(mosaic, mosaic.t >= shownFromT ? patch : null);
      },
    };
  }

  /** Coming and reporting may overlap; each moment is shown once. */
  #push(mosaic: Mosaic): void {
    if (mosaic.t > (this.#frames.at(-1)?.t ?? Number.NEGATIVE_INFINITY)) this.#frames.push(mosaic);
  }
}
