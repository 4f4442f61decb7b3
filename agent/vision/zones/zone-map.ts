import type { Zone } from '#agent/ports/vision-zones.ts';
import { NO_SHIFT, type Shift } from '../stabilisation/shift.ts';
import { type Grid, gridOf } from '../tracking/components.ts';
import type { Foot } from '../tracking/rect.ts';
import { cellsWithin } from './raster.ts';

/** What the zones say of a place in the picture. */
export interface ZoneAnswer {
  /** Whether a thing that stands here is judged at all. */
  readonly isWatched: boolean;
  /** Seconds it must be alone before it is reported. */
  readonly dwellS: number;
  /** The zone that says so; null where none does. */
  readonly name: string | null;
}

/**
 * The zones of a camera, drawn once on the half-resolution grid; asking is one look-up and makes no garbage.
 * `ignore` wins over everything; with at least one `watch`, what is in none is not watched. Of several zones with a
 * dwell time the shortest holds; the name is that of the zone whose word it is.
 */
export class ZoneMap {
  readonly #grid: Grid;
  /** Where no zone is. */
  readonly #plain: ZoneAnswer;
  readonly #answers: ZoneAnswer[] = [];
  /** Index into the answers by cell; null without zones. */
  readonly #cells: Uint16Array | null;
  #offset = NO_SHIFT;

  /** `width` and `height` in pixels; `dwellS` is the camera's own. */
  constructor(zones: readonly Zone[], width: number, height: number, dwellS: number) {
    this.#grid = gridOf(width, height);
    this.#plain = { isWatched: true, dwellS, name: null };
    this.#cells = zones.length === 0 ? null : this.#drawn(zones, dwellS);
  }

  /** The camera was nudged: zones stay with the places they were drawn around, which lie by `offset` elsewhere. */
  moveTo(offset: Shift): void {
    this.#offset = offset;
  }

  /** At a point in pixels of the full picture; one outside counts as the nearest inside. */
  at({ x, y }: Foot): ZoneAnswer {
    if (this.#cells === null) return this.#plain;
    const { columns, rows } = this.#grid;
    const column = Math.min(columns - 1, Math.max(0, Math.floor((x - this.#offset.dx) / 2)));
    const row = Math.min(rows - 1, Math.max(0, Math.floor((y - this.#offset.dy) / 2)));
    return this.#answers[this.#cells[row * columns + column] ?? 0] ?? this.#plain;
  }

  #drawn(zones: readonly Zone[], dwellS: number): Uint16Array {
    const { columns, rows } = this.#grid;
    const covering: number[][] = Array.from({ length: columns * rows }, () => NO_ZONES);
    zones.forEach((zone, index) => {
      for (const cell of cellsWithin(zone.polygon, this.#grid)) {
        covering[cell] = [...(covering[cell] ?? NO_ZONES), index];
      }
    });
    const known = new Map<string, number>();
    return Uint16Array.from(covering, (indices) => {
      const key = indices.join();
      const at = known.get(key) ?? this.#answers.push(answerOf(indices, zones, dwellS)) - 1;
      known.set(key, at);
      return at;
    });
  }
}

const NO_ZONES: number[] = [];

/** What holds where the zones at `indices` lie over one another. */
function answerOf(indices: readonly number[], zones: readonly Zone[], dwellS: number): ZoneAnswer {
  const here = indices.flatMap((index) => zones[index] ?? []);
  const ignoring = here.find(({ kind }) => kind === 'ignore');
  if (ignoring !== undefined) return { isWatched: false, dwellS, name: ignoring.name };
  const watching = here.find(({ kind }) => kind === 'watch');
  if (watching === undefined && zones.some(({ kind }) => kind === 'watch')) {
    return { isWatched: false, dwellS, name: null };
  }
  const timed = here.reduce<Zone | null>((best, zone) => (isSooner(zone, best) ? zone : best), null);
  return {
    isWatched: true,
    dwellS: timed?.dwellS ?? dwellS,
    name: (timed ?? watching ?? null)?.name ?? null,
  };
}

const isSooner = (zone: Zone, than: Zone | null): boolean =>
  zone.dwellS !== undefined && zone.dwellS < (than?.dwellS ?? Number.POSITIVE_INFINITY);
