import type { DifferenceKind } from './differences.ts';

/** Something new at a place that is visited again, remembered until it goes or belongs there. */
export interface Candidate {
  /** Cells of the reference in which its edges run. */
  cells: readonly number[];
  kind: DifferenceKind;
  /** Set once it is reported: the id under which it was. */
  objectId: string | null;
  /** It is not certain that the report was sent: a process that was started again sends it once more, by the same id. */
  isUnsent?: boolean | undefined;
  /** Wall time (ms) at which it was first and last seen. */
  firstMs: number;
  lastMs: number;
  /** Visits at which it was seen. */
  visits: number;
}

/**
 * When something new has become part of the place: nobody moved it for a week and ten visits. From then on it is
 * learned like everything else.
 */
const FIXTURE_VISITS = 10;
const FIXTURE_MS = 7 * 24 * 3600 * 1000;
/** So long after it was first seen, what is still there at another visit was left behind (ms), or after the dwell. */
const SECOND_VISIT_MS = 120_000;

export const isFixture = ({ visits, firstMs }: Candidate, nowMs: number): boolean =>
  visits >= FIXTURE_VISITS && nowMs - firstMs >= FIXTURE_MS;

/** Whether being here now proves that it was left: it was here at an earlier visit, longer ago than the dwell. */
export const isSecondVisit = ({ visits, firstMs }: Candidate, nowMs: number, dwellS: number): boolean =>
  visits >= 1 && nowMs - firstMs >= Math.max(SECOND_VISIT_MS, dwellS * 1000);

/** Share of the smaller one's cells that lie within a cell of the other's. */
export function overlapOf(a: readonly number[], b: readonly number[], columns: number): number {
  const [small, large] = a.length <= b.length ? [a, b] : [b, a];
  if (small.length === 0) return 0;
  const near = nearby(large, columns);
  return small.filter((cell) => near.has(cell)).length / small.length;
}

/** The cells and their neighbours. */
export function nearby(cells: readonly number[], columns: number): ReadonlySet<number> {
  const near = new Set<number>();
  for (const cell of cells) {
    for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) near.add(cell + dy * columns + dx);
  }
  return near;
}
