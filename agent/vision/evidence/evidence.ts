import type { Frame } from '#agent/ports/frames.ts';
import type { ClipConfig, FilmstripPicture } from '#agent/ports/vision-evidence.ts';
import { LEVEL } from '../background/background.ts';
import type { Detection } from '../judgement/detection.ts';
import type { SceneView } from '../scene-view.ts';
import { NO_SHIFT, type Shift } from '../stabilisation/shift.ts';
import { BlockGrid } from './block-grid.ts';
import { Cover } from './cover.ts';
import { Film, type FilmTake } from './film.ts';
import { Keepsake } from './keepsake.ts';
import { keptMosaic, type Mosaic } from './mosaic.ts';
import { MosaicRing } from './mosaic-ring.ts';
import { patchOf, standsClear } from './patch.ts';
import type { Picture } from './pictures.ts';
import { PlaceLevels } from './place-levels.ts';
import { rendered } from './rendering.ts';

type StaticTrack = SceneView['tracks'][number];

/** One picture of a strip, not yet stored. */
export interface StripPicture {
  readonly moment: FilmstripPicture['moment'];
  readonly t: number;
  readonly picture: Picture;
}

export interface EvidenceOptions {
  /** Absent: no films. */
  readonly clip: ClipConfig | undefined;
}

/** Pictures a second that are kept: for a film, and for strips alone. */
export const FILM_PER_SECOND = 5;
const STRIP_PER_SECOND = 2;
/** How far back a strip looks for how a thing came. */
const STRIP_S = 12;
const PLACE_EVERY_S = 1;
const OVERVIEW_EVERY_S = 10;
/** Things of which something is kept, and of how many of these the way to a film; the newest. */
const MAX_KEEPSAKES = 32;
const MAX_PRE_ROLLS = 8;
const MAX_FILMS = 4;
/** Somebody is more likely than a thing: then its own pixels are not shown. */
const PERSON_SCORE = 0.5;

/**
 * What is remembered to be shown: mosaics of the last seconds, and of each thing that keeps still how it came and
 * its own pixels. All of it is in memory, bounded, and past recognition before it is kept; a camera's own pictures
 * are only looked at.
 */
export class Evidence {
  readonly #clip: ClipConfig | null;
  readonly #perSecond: number;
  readonly #ring: MosaicRing;
  readonly #keepsakes = new Map<number, Keepsake>();
  #place: PlaceLevels | null = null;
  #cover: Cover | null = null;
  #overview: Mosaic | null = null;
  #films: Film[] = [];
  #finished: FilmTake[] = [];
  #takenT = Number.NEGATIVE_INFINITY;
  #placeT = Number.NEGATIVE_INFINITY;
  /** In whole pixels, how far what is kept here was moved. */
  #offset: Shift = NO_SHIFT;

  constructor({ clip }: EvidenceOptions) {
    this.#clip = clip ?? null;
    this.#perSecond = this.#clip === null ? STRIP_PER_SECOND : FILM_PER_SECOND;
    const spanS = Math.max(STRIP_S, this.#clip?.beforeS ?? 0);
    this.#ring = new MosaicRing(Math.ceil(spanS * this.#perSecond));
  }

  /** Bytes held in its own buffers now. */
  get bytes(): number {
    const kept = [...this.#keepsakes.values()].reduce((sum, keepsake) => sum + keepsake.bytes, 0);
    return this.#ring.bytes + kept + this.#films.reduce((sum, film) => sum + film.bytes, 0);
  }

  /** Takes in what the detector made of `frame`. */
  look(view: SceneView, frame: Frame): void {
    this.#shift(view);
    if (!view.isJudged || view.t + 1e-6 < this.#takenT + 1 / this.#perSecond) return;
    this.#takenT = view.t;
    const mosaic = this.#take(view, frame.data);
    for (const track of view.tracks) this.#keep(track, view, frame, mosaic);
    this.#forget(view.tracks);
    for (const film of this.#films) film.add(mosaic);
    this.#endFilms();
  }

  /** The scene as it was taken last, without any thing shown; null before the first. */
  snapshot(): Picture | null {
    const { newest } = this.#ring;
    return newest === null ? null : rendered(newest);
  }

  /** The scene as it was taken last, with all things shown that are reported as left behind; null before the first. */
  scene({ tracks }: SceneView): Picture | null {
    const { newest } = this.#ring;
    if (newest === null) return null;
    const reported = tracks.filter(({ reportedAs }) => reportedAs !== null);
    return rendered(newest, ...reported.map(({ id }) => this.#keepsakes.get(id)?.patch ?? null));
  }

  /**
   * A picture taken on the move, of which nobody can tell what in it is a person: blocks as for somebody who fills
   * it from top to bottom, and no two different pictures within a while.
   */
  overview({ width, height, t, data }: Frame): Picture {
    if (this.#overview !== null && Math.abs(t - this.#overview.t) < OVERVIEW_EVERY_S)
      return rendered(this.#overview);
    const grid = new BlockGrid(width, height, { heightAt: () => height });
    const place = new PlaceLevels(grid);
    place.follow((i) => data[i] ?? 0, 'unknown');
    this.#overview = { t, grid, place: place.levels, cover: new Uint8Array(grid.size) };
    return rendered(this.#overview);
  }

  /** The strip of a thing just reported, oldest first, the last one of now. */
  strip(view: SceneView, frame: Frame, detection: Detection): StripPicture[] {
    const { component, measurements } = detection;
    const now = this.#takeAgain(view, frame);
    const isSomebody = (measurements?.personScore ?? 0) >= PERSON_SCORE;
    const keepsake = this.#keepsakeOf(view, detection);
    if (keepsake === null) {
      const mayShow = !isSomebody && standsClear(component, view);
      return [pictureAt('now', now, mayShow ? patchOf(component, view, frame.data) : null)];
    }
    if (isSomebody) keepsake.forgetPatch();
    else keepsake.takeNow(component, view, frame.data, now);
    return keepsake
      .strip(now)
      .map(({ moment, mosaic }) =>
        pictureAt(moment, mosaic, moment === 'alone' || moment === 'now' ? keepsake.patch : null),
      );
  }

  /** Begins the film of a thing just reported, where films are made. */
  beginFilm(view: SceneView, detection: Detection): void {
    if (this.#clip === null || this.#films.length >= MAX_FILMS) return;
    const keepsake = this.#keepsakeOf(view, detection);
    const past = this.#since(view.t - this.#clip.beforeS);
    this.#films.push(
      new Film({
        detection,
        frames: [...(keepsake?.preRoll ?? []), ...past],
        patch: keepsake?.patch ?? null,
        shownFromT: keepsake?.restT ?? view.t,
        untilT: view.t + this.#clip.afterS,
      }),
    );
  }

  /** Films that have come to their end since the last call. */
  takeFilms(): FilmTake[] {
    const films = this.#finished;
    this.#finished = [];
    return films;
  }

  /** The scene ends: films end with it, everything else is forgotten. */
  reset(): void {
    for (const film of this.#films) this.#finished.push(film.end());
    this.#films = [];
    this.#keepsakes.clear();
    this.#ring.clear();
    this.#place = null;
    this.#cover = null;
    this.#takenT = Number.NEGATIVE_INFINITY;
  }

  /** What is known of places moves with the scene. A film shows a thing in one place: it ends with a nudge. */
  #shift({ offset, width, height }: SceneView): void {
    const [x, y] = [Math.round(offset.dx), Math.round(offset.dy)];
    const by = { dx: x - this.#offset.dx, dy: y - this.#offset.dy };
    if (by.dx === 0 && by.dy === 0) return;
    this.#offset = { dx: x, dy: y };
    for (const film of this.#films) this.#finished.push(film.end());
    this.#films = [];
    for (const keepsake of this.#keepsakes.values()) keepsake.shift(by, width, height);
    this.#placeT = Number.NEGATIVE_INFINITY;
  }

  #take(view: SceneView, picture: Uint8Array): Mosaic {
    const { place, cover } = this.#gridFor(view);
    if (view.t >= this.#placeT + PLACE_EVERY_S || view.t < this.#placeT) {
      this.#placeT = view.t;
      const { long } = view.background;
      place.follow((i) => (long[i] ?? 0) / LEVEL, view.isUnknown ? 'unknown' : 'known');
    }
    const mosaic = this.#ring.next(view.t, place.grid);
    mosaic.place.set(place.levels);
    cover.draw(view, picture, mosaic.cover);
    for (const keepsake of this.#keepsakes.values()) keepsake.hideWhereCovered(mosaic, picture);
    return mosaic;
  }

  /** The mosaic of the picture pushed last, which `look` may have left out. */
  #takeAgain(view: SceneView, frame: Frame): Mosaic {
    const { newest } = this.#ring;
    return newest !== null && newest.t === view.t ? newest : this.#take(view, frame.data);
  }

  /** The grid stays as it is, so that one place is not cut in different ways, unless it has turned out too fine. */
  #gridFor(view: SceneView): { place: PlaceLevels; cover: Cover } {
    if (this.#place === null || this.#cover === null || this.#place.grid.isTooFine(view.scale)) {
      const grid = new BlockGrid(view.width, view.height, view.scale);
      this.#place = new PlaceLevels(grid);
      this.#cover = new Cover(grid);
      this.#placeT = Number.NEGATIVE_INFINITY;
    }
    return { place: this.#place, cover: this.#cover };
  }

  #keep(track: StaticTrack, view: SceneView, frame: Frame, mosaic: Mosaic): void {
    let keepsake = this.#keepsakes.get(track.id);
    if (keepsake === undefined) {
      this.#makeRoom();
      keepsake = new Keepsake(track, this.#ring, this.#preRoll(track));
      this.#keepsakes.set(track.id, keepsake);
    }
    keepsake.look(track, view, frame.data, mosaic);
  }

  /** Null for what another part than the detector has found. */
  #keepsakeOf({ tracks }: SceneView, { trackId, objectId }: Detection): Keepsake | null {
    const isTracked = tracks.some(({ id, reportedAs }) => id === trackId && reportedAs === objectId);
    return isTracked && trackId !== null ? (this.#keepsakes.get(trackId) ?? null) : null;
  }

  #preRoll({ restT }: StaticTrack): Mosaic[] {
    if (this.#clip === null) return [];
    return this.#since(restT - this.#clip.beforeS);
  }

  #since(fromT: number): Mosaic[] {
    return [...this.#ring].filter(({ t }) => t >= fromT).map(keptMosaic);
  }

  /** Maps keep the order of entry: the first is the oldest. */
  #makeRoom(): void {
    const [oldest] = this.#keepsakes.keys();
    if (oldest !== undefined && this.#keepsakes.size >= MAX_KEEPSAKES) this.#keepsakes.delete(oldest);
    const rolls = [...this.#keepsakes.values()].filter(({ preRoll }) => preRoll.length > 0);
    if (rolls.length >= MAX_PRE_ROLLS) rolls[0]?.forgetPreRoll();
  }

  #forget(tracks: readonly StaticTrack[]): void {
    for (const id of this.#keepsakes.keys()) {
      if (!tracks.some((track) => track.id === id)) this.#keepsakes.delete(id);
    }
  }

  #endFilms(): void {
    const ended = this.#films.filter((film) => film.isOver);
    if (ended.length === 0) return;
    this.#films = this.#films.filter((film) => !film.isOver);
    this.#finished.push(...ended.map((film) => film.end()));
  }
}

const pictureAt = (
  moment: StripPicture['moment'],
  mosaic: Mosaic,
  patch: Parameters<typeof rendered>[1],
): StripPicture => ({ moment, t: mosaic.t, picture: rendered(mosaic, patch) });
