import { componentsOf } from '../tracking/components.ts';
import type { PersonScale } from '../tracking/person-scale.ts';
import type { Rect } from '../tracking/rect.ts';
import type { Alignment } from './alignment.ts';
import type { Comparison } from './comparison.ts';
import { type CellGrid, DIRECTIONS, type EdgeMap } from './edge-map.ts';
import { shines } from './shining.ts';

/**
 * What a difference may be. `thing`: of a size to be left behind. `flat`: lies on the floor, and may be a patch of
 * light. `person`, `large`, `edge` (cut by the picture's): followed so that they are not learned, and not reported.
 * `far`: where a bag is too small, or above the horizon. `light`: what was there shines through. `line`: no contour that closes. `parallax`: known, and a little elsewhere.
 */
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];
export const DIFFERENCE_KINDS = [
  'thing',
  'flat',
  'person',
  'large',
  'edge',
  'light',
  'line',
  'parallax',
  'far',
] as const;

/** New edges that hang together. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** Cells of now in which the new edges run. */
  readonly cells: readonly number[];
  /** In pixels. */
  readonly rect: Rect;
  /** In person heights. */
  readonly tall: number;
  readonly wide: number;
}

/** How differences are judged; distances in person heights. */
export interface DifferenceRules {
  readonly personAspect: number;
  readonly personHeight: number;
  readonly largestSize: number;
  /** Above this row (pixels) the floor is too far away, or there is none. */
  readonly nearRow: number;
}

/** Edges this many cells apart belong together: a contour has gaps where the floor is as bright as the thing. */
const GAP_CELLS = 3;
/** A contour has at least this many cells: the least that fill five sectors twice over. */
const LEAST_CELLS = 10;
/** Sides nearer to each other than this are not told apart (cells). */
const LEAST_SIDE = 4;
/** Sectors around the middle, and how many of them the edges of a closed contour run through. */
const SECTORS = 8;
const CLOSED = 5;
/** Lower than this share of its width it lies on the floor: a bag stands, a patch of sun does not. */
const FLAT = 0.4;
/**
 * Lower than this (person heights) it may be a patch of light too: one a metre deep, three metres off, seen by a
 * camera at 1.15 m, is as tall in the picture as a thing of 1.15 / 3 / 1.7 person heights.
 */
const LOW = 0.23;
/** What parallax may leave unexplained beside something near, in cells, and the share of a difference it explains. */
const PARALLAX_DX = [-6, -4, -2, 2, 4, 6];
const PARALLAX_DY = [-2, 0, 2];
const DISPLACED = 0.6;
/** Nearer to the picture's edge than this (cells) a thing is cut. */
const RIM = 2;

/** Finds what is new, from cells marked in `novel`. */
export function differencesOf(
  novel: Uint8Array,
  now: EdgeMap,
  known: Uint8Array,
  comparison: Comparison,
  alignment: Alignment,
  scale: PersonScale,
  rules: DifferenceRules,
): Difference[] {
  const { grid } = now;
  return componentsOf(novel, grid, GAP_CELLS, LEAST_CELLS * 4).map(({ cells }) => {
    const box = boundsOf(cells, grid);
    const rect = inPixels(box, grid);
    const person = scale.heightAt(rect.bottom);
    const tall = (rect.bottom - rect.top) / person;
    const wide = (rect.right - rect.left) / person;
    const kind = () => {
      if (!isClosed(cells, box, grid) || isStraight(cells, now)) return 'line';
      if (isDisplaced(cells, now, comparison, alignment)) return 'parallax';
      if (rect.bottom < rules.nearRow) return 'far';
      if (isCut(box, grid)) return 'edge';
      if (shines(cells, now, known, comparison, alignment)) return 'light';
      return kindBySize(tall, wide, rules);
    };
    return { kind: kind(), cells: [...cells], rect, tall, wide };
  });
}

/** Left, top, right, bottom in cells; right and bottom exclusive. */
export function boundsOf(cells: ArrayLike<number>, { columns, rows }: CellGrid): Rect {
  let [left, top, right, bottom] = [columns, rows, 0, 0];
  for (let at = 0; at < cells.length; at++) {
    const cell = cells[at] ?? 0;
    const column = cell % columns;
    const row = (cell - column) / columns;
    left = Math.min(left, column);
    right = Math.max(right, column + 1);
    top = Math.min(top, row);
    bottom = Math.max(bottom, row + 1);
  }
  return { left, top, right, bottom };
}

export const inPixels = ({ left, top, right, bottom }: Rect, { cellPx }: CellGrid): Rect => ({
  left: left * cellPx,
  top: top * cellPx,
  right: right * cellPx,
  bottom: bottom * cellPx,
});

function kindBySize(tall: number, wide: number, rules: DifferenceRules): DifferenceKind {
  if (tall > wide * rules.personAspect && tall > rules.personHeight) return 'person';
  if (tall > rules.largestSize || wide > rules.largestSize * 1.3) return 'large';
  return tall < LOW || tall < FLAT * wide ? 'flat' : 'thing';
}

const isCut = ({ left, top, right, bottom }: Rect, { columns, rows }: CellGrid): boolean =>
  left < RIM || top < RIM || right > columns - RIM || bottom > rows - RIM;

/** Whether what is known would explain it, were it somewhat aside: near things move against what is behind. */
function isDisplaced(
  cells: ArrayLike<number>,
  now: EdgeMap,
  comparison: Comparison,
  alignment: Alignment,
): boolean {
  for (const dx of PARALLAX_DX) {
    for (const dy of PARALLAX_DY) {
      let known = 0;
      for (let at = 0; at < cells.length; at++) {
        const cell = cells[at] ?? 0;
        const shift = alignment.shiftAt(cell);
        const moved = alignment.toReference(cell, { dx: shift.dx + dx, dy: shift.dy + dy });
        if (moved >= 0 && comparison.isKnown(moved, now.direction[cell] ?? 0, now.strength[cell] ?? 0))
          known++;
      }
      if (known >= DISPLACED * cells.length) return true;
    }
  }
  return false;
}

/** Whether edges run all around the middle. */
function isClosed(cells: ArrayLike<number>, box: Rect, { columns }: CellGrid): boolean {
  if (box.right - box.left < LEAST_SIDE || box.bottom - box.top < LEAST_SIDE) return false;
  const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  const [width, height] = [box.right - box.left, box.bottom - box.top];
  const counts = new Array<number>(SECTORS).fill(0);
  for (let at = 0; at < cells.length; at++) {
    const cell = cells[at] ?? 0;
    const column = cell % columns;
    const across = (column + 0.5 - x) / width;
    const down = ((cell - column) / columns + 0.5 - y) / height;
    const turn = (Math.atan2(down, across) / (2 * Math.PI) + 1) % 1;
    const sector = Math.min(SECTORS - 1, Math.floor(turn * SECTORS));
    counts[sector] = (counts[sector] ?? 0) + 1;
  }
  return counts.filter((count) => count > 0).length >= CLOSED;
}

/** Whether nearly all edges run the same way: the rim of a pillar that parallax has uncovered, a joint, a cable. */
function isStraight(cells: ArrayLike<number>, { direction }: EdgeMap): boolean {
  const counts = new Array<number>(DIRECTIONS).fill(0);
  for (let at = 0; at < cells.length; at++) {
    const way = direction[cells[at] ?? 0] ?? 0;
    counts[way] = (counts[way] ?? 0) + 1;
  }
  const most = Math.max(
    ...counts.map(
      (count, way) => count + (counts[(way + 1) % DIRECTIONS] ?? 0) + (counts[(way + 7) % DIRECTIONS] ?? 0),
    ),
  );
  return most > 0.85 * cells.length;
}
