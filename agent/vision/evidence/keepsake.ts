import type { FilmstripPicture } from '#agent/ports/vision-evidence.ts';
import type { SceneView } from '../scene-view.ts';
import type { Shift } from '../stabilisation/shift.ts';
import type { Component } from '../tracking/components.ts';
import { coverAt, coverOf, keptMosaic, kindOf, MOVING, type Mosaic, PLACE, THING, toneOf } from './mosaic.ts';
import { isCovered, movedPatch, type Patch, patchOf, standsClear } from './patch.ts';

type Moment = FilmstripPicture['moment'];
type StaticTrack = SceneView['tracks'][number];

/** A thing must have stood clear for this long before its own pixels are taken. */
const CLEAR_S = 1;
/** It came to rest at a time that is known to about this much. */
const REST_TOLERANCE_S = 1;
/** The place was as it had been at least this long before. */
const BEFORE_S = 1;

/** What is kept of one thing from when it is first seen until it is gone: three mosaics and its own pixels. */
export class Keepsake {
  readonly trackId: number;
  readonly restT: number;
  readonly before: Mosaic | null;
  readonly putDown: Mosaic | null;
  /** What led to it, for a film; empty where there are none. */
  preRoll: readonly Mosaic[];
  alone: Mosaic | null = null;
  patch: Patch | null = null;
  #clearSince: number | null = null;
  #areaPx = 0;
  #isSomebody = false;

  /** Looks back through `past`, oldest first, at how the thing came. */
  constructor(track: StaticTrack, past: Iterable<Mosaic>, preRoll: readonly Mosaic[]) {
    this.trackId = track.id;
    this.restT = track.restT;
    this.preRoll = preRoll;
    const { rect } = track.component;
    let before: Mosaic | null = null;
    let putDown: Mosaic | null = null;
    let first: Mosaic | null = null;
    for (const mosaic of past) {
      first ??= mosaic;
      const blocks = [...mosaic.grid.touchedBy(rect)];
      if (mosaic.t <= track.restT - BEFORE_S && blocks.every((block) => coverAt(mosaic, block) === PLACE)) {
        before = mosaic;
      }
      const isThen = mosaic.t <= track.restT + REST_TOLERANCE_S;
      if (isThen && blocks.some((block) => coverAt(mosaic, block) === MOVING)) putDown = mosaic;
    }
    const isEarlier = first !== null && first !== putDown && first.t < track.restT - BEFORE_S;
    const earliest = isEarlier ? first : null;
    this.before = copied(before ?? earliest);
    this.putDown = copied(putDown);
  }

  /** Takes the thing's own pixels once it has stood clear and left alone for a while; `mosaic` is of this picture. */
  look(track: StaticTrack, view: SceneView, picture: Uint8Array, mosaic: Mosaic): void {
    if (this.#isSomebody || (this.patch !== null && !this.#hasChanged(track))) return;
    const isAlone = (track.attendance?.leftT ?? null) !== null && track.seenT === view.t;
    if (!isAlone || !standsClear(track.component, view)) {
      this.#clearSince = null;
      return;
    }
    this.#clearSince ??= view.t;
    if (view.t - this.#clearSince >= CLEAR_S) this.#take(track.component, view, picture, mosaic);
  }

  /** At the last moment, for a thing that has never stood clear: what of it is free now. */
  takeNow(component: Component, view: SceneView, picture: Uint8Array, mosaic: Mosaic): void {
    if (this.patch === null) this.#take(component, view, picture, mosaic);
  }

  /** Somebody stands in front of the thing without moving: its blocks are not to be drawn as its own. */
  hideWhereCovered(mosaic: Mosaic, picture: Uint8Array): void {
    if (this.patch === null || !isCovered(this.patch, picture, mosaic.grid.width)) return;
    for (const block of mosaic.grid.touchedBy(this.patch.rect)) {
      const cover = mosaic.cover[block] ?? 0;
      if (kindOf(cover) === THING) mosaic.cover[block] = coverOf(MOVING, toneOf(cover));
    }
  }

  /** Forgets the thing's own pixels, for good: it may be somebody. */
  forgetPatch(): void {
    this.patch = null;
    this.#isSomebody = true;
  }

  /** The camera points elsewhere now: its pixels are where the thing is, or, beyond the border, forgotten. */
  shift(by: Shift, width: number, height: number): void {
    this.patch = this.patch === null ? null : movedPatch(this.patch, by, width, height);
    this.#clearSince = null;
  }

  /** Gives up the film of how it came, for newer things. */
  forgetPreRoll(): void {
    this.preRoll = [];
  }

  /** What there is of the strip, oldest first. */
  strip(now: Mosaic): { moment: Moment; mosaic: Mosaic }[] {
    const moments: [Moment, Mosaic | null][] = [
      ['before', this.before],
      ['put-down', this.putDown],
      ['alone', this.alone],
      ['now', now],
    ];
    return moments.flatMap(([moment, mosaic]) => (mosaic === null ? [] : [{ moment, mosaic }]));
  }

  get bytes(): number {
    const own = [this.before, this.putDown, this.alone, ...this.preRoll];
    const blocks = own.reduce((sum, mosaic) => sum + 2 * (mosaic?.place.length ?? 0), 0);
    return blocks + 2 * (this.patch?.pixels.length ?? 0);
  }

  #take(component: Component, view: SceneView, picture: Uint8Array, mosaic: Mosaic): void {
    this.patch = patchOf(component, view, picture);
    this.alone = keptMosaic(mosaic);
    this.#areaPx = component.areaPx;
  }

  /** What is not reported yet may still grow together with what belongs to it. */
  #hasChanged({ reportedAs, component }: StaticTrack): boolean {
    return reportedAs === null && Math.abs(component.areaPx / this.#areaPx - 1) > 0.2;
  }
}

const copied = (mosaic: Mosaic | null): Mosaic | null => (mosaic === null ? null : keptMosaic(mosaic));
