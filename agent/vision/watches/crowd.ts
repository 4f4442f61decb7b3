import type { CrowdWatch, WatchReport } from '#agent/ports/vision-watches.ts';
import { NO_SHIFT } from '../stabilisation/shift.ts';
import type { Grid } from '../tracking/components.ts';
import { cellsWithin } from '../zones/raster.ts';
import type { WatchedScene } from './scene.ts';

/** The middle of the counts of this long is told, so that who passes through makes no crowd (s). */
const OVER_S = 10;
const LEAST_COUNTS = 5;
/** Back to normal below this share of the limit, where the profile says nothing else. */
const CLEAR_SHARE = 0.8;

/** Warns when more people than the limit are in an area. Counts come about once a second. */
export class Crowd {
  readonly #watch: CrowdWatch;
  readonly #clear: number;
  #counts: { readonly t: number; readonly people: number }[] = [];
  #cells: Uint8Array = new Uint8Array(0);
  #grid: Grid | null = null;
  #current = 0;
  #offset = NO_SHIFT;
  #state: 'began' | 'ended' | null = null;

  constructor(watch: CrowdWatch) {
    this.#watch = watch;
    this.#clear = Math.min(watch.people, watch.clear ?? CLEAR_SHARE * watch.people);
  }

  /** The people of the newest counts, in the middle; 0 before the first. */
  get people(): number {
    const sorted = this.#counts.map(({ people }) => people).sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? 0;
  }

  begin(view: WatchedScene): void {
    if (this.#grid?.columns !== view.grid.columns || this.#grid.rows !== view.grid.rows)
      this.#draw(view.grid);
    this.#current = 0;
    this.#offset = view.offset;
  }

  /** Somebody, or a part of them, stands at a cell. */
  add(column: number, row: number, people: number): void {
    if (this.#grid === null) return;
    const { columns, rows } = this.#grid;
    const x = column - Math.round(this.#offset.dx / 2);
    if (x < 0 || x >= columns) return;
    const y = Math.min(rows - 1, Math.max(0, Math.floor(row - this.#offset.dy / 2)));
    const at = y * columns + x;
    if (this.#cells[at] === 1) this.#current += people;
  }

  end(t: number): WatchReport[] {
    this.#counts.push({ t, people: this.#current });
    this.#counts = this.#counts.filter((count) => count.t > t - OVER_S && count.t <= t);
    if (this.#counts.length < LEAST_COUNTS) return [];
    const { people } = this;
    const state = people > this.#watch.people ? 'began' : people < this.#clear ? 'ended' : this.#state;
    if (state === null || state === this.#state) return [];
    this.#state = state;
    const { name, people: limit } = this.#watch;
    return [{ kind: 'watch', watch: 'crowd', state, name, t, people: Math.round(people), limit }];
  }

  /** Stream time begins again, or the scene does: the counts say nothing any more. */
  restart(): void {
    this.#counts = [];
  }

  #draw(grid: Grid): void {
    this.#grid = grid;
    this.#cells = new Uint8Array(grid.columns * grid.rows);
    for (const cell of cellsWithin(this.#watch.polygon, grid)) this.#cells[cell] = 1;
  }
}
