import { type Component, componentsOf } from '../tracking/components.ts';
import { footOf, heightOf } from '../tracking/rect.ts';
import { isPersonSized, type PersonShape } from './person-shape.ts';
import type { RestingPeople } from './resting.ts';
import type { WatchedScene } from './scene.ts';

/** A component this tall (person heights) may be people of one depth; a taller one is of several. */
const ONE_DEEP = 1.25;
/** Half the size of the surroundings in which it is measured how densely people stand (person heights). */
const AROUND_WIDE = 1.25;
const AROUND_TALL = 0.75;
/** Where more of the surroundings is covered, nobody can tell how many are hidden. */
const MOST_COVERED = 0.9;
/** Smaller than this part of a person is noise. */
const LEAST_PERSON = 0.2;

/** So many people, each part of one at the place where they stand; rows and columns of the half-resolution grid. */
export type Count = (column: number, row: number, people: number) => void;

/**
 * Counts people by the foreground they make: its area over that of one person there, so nobody is told apart. People
 * who stand at random hide one another: where a share p of the surroundings is covered, those who cover it have
 * −ln(1 − p)/p times its area (a Boolean model; Stoyan, Stochastic Geometry, 1995).
 */
export function countPeople(
  view: WatchedScene,
  shape: PersonShape,
  resting: RestingPeople,
  count: Count,
): void {
  const { grid, width, scale } = view;
  const mask = peopleMask(view);
  const covered = new Covered(mask, grid.columns, grid.rows);
  const least = LEAST_PERSON * shape.area * scale.heightAt(0) ** 2;
  const feet = feetOfRows(view);
  for (const component of componentsOf(mask, grid, 1, least)) {
    countComponent(component, feet, view, (column, row, foot) => {
      const tall = scale.heightAt(foot);
      const p = covered.share(column, row, (AROUND_WIDE * tall) / 2, (AROUND_TALL * tall) / 2);
      const hidden = -Math.log(1 - Math.min(MOST_COVERED, p)) / Math.max(1e-6, Math.min(MOST_COVERED, p));
      count(column, foot / 2, (hidden * 4) / (shape.area * tall * tall));
    });
  }
  for (const { component, isAbsorbed } of resting.all) {
    const foot = footOf(component.rect);
    if (isAbsorbed) count(Math.floor((foot.x / width) * grid.columns), foot.y / 2, 1);
  }
}

/** Where each cell of a component stands: `foot` in pixels. */
function countComponent(
  component: Component,
  feet: Float32Array,
  { grid, scale }: WatchedScene,
  take: (column: number, row: number, foot: number) => void,
): void {
  const { rect, cells } = component;
  const isOneDeep = heightOf(rect) <= ONE_DEEP * scale.heightAt(rect.bottom);
  for (const cell of cells) {
    const column = cell % grid.columns;
    const row = (cell - column) / grid.columns;
    take(column, row, isOneDeep ? rect.bottom : Math.min(rect.bottom, feet[row] ?? 0));
  }
}

/** By row of cells, where they stand of whom it shows the middle (pixels). */
function feetOfRows({ grid, scale }: WatchedScene): Float32Array {
  return Float32Array.from({ length: grid.rows }, (_, row) => {
    let foot = row * 2;
    for (let round = 0; round < 4; round++) foot = row * 2 + scale.heightAt(foot) / 2;
    return foot;
  });
}

/** Foreground without the things in it: what keeps still and is no size for a person, and what was reported. */
function peopleMask(view: WatchedScene): Uint8Array {
  const { grid, width, background } = view;
  const { foreground } = background;
  const mask = new Uint8Array(grid.columns * grid.rows);
  for (let row = 0, cell = 0; row < grid.rows; row++) {
    for (let column = 0; column < grid.columns; column++, cell++) {
      const i = row * 2 * width + column * 2;
      const upper = (foreground[i] ?? 0) + (foreground[i + 1] ?? 0);
      const lower = (foreground[i + width] ?? 0) + (foreground[i + width + 1] ?? 0);
      mask[cell] = upper + lower >= 2 ? 1 : 0;
    }
  }
  for (const { component, reportedAs } of view.tracks) {
    if (reportedAs === null && isPersonSized(component.rect, view)) continue;
    for (const cell of component.cells) mask[cell] = 0;
  }
  return mask;
}

/** How much of a rectangle of cells is marked, by a summed-area table. */
class Covered {
  readonly #sums: Int32Array;
  readonly #columns: number;
  readonly #rows: number;

  constructor(mask: Uint8Array, columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
    this.#sums = new Int32Array((columns + 1) * (rows + 1));
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let column = 0; column < columns; column++) {
        sum += mask[row * columns + column] ?? 0;
        const above = this.#sums[row * (columns + 1) + column + 1] ?? 0;
        this.#sums[(row + 1) * (columns + 1) + column + 1] = above + sum;
      }
    }
  }

  share(column: number, row: number, halfWide: number, halfTall: number): number {
    const left = Math.max(0, Math.floor(column - halfWide));
    const right = Math.min(this.#columns, Math.ceil(column + halfWide + 1));
    const top = Math.max(0, Math.floor(row - halfTall));
    const bottom = Math.min(this.#rows, Math.ceil(row + halfTall + 1));
    const at = (y: number, x: number) => this.#sums[y * (this.#columns + 1) + x] ?? 0;
    const marked = at(bottom, right) - at(top, right) - at(bottom, left) + at(top, left);
    return marked / Math.max(1, (right - left) * (bottom - top));
  }
}
