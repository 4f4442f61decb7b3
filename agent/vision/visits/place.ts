import { type Alignment, alignmentOf } from './alignment.ts';
import { type Candidate, isFixture } from './candidate.ts';
import type { CellGrid, EdgeMap } from './edge-map.ts';
import { Layer, type StayEdges } from './layer.ts';
import { spansOf } from './outline.ts';
import { Reach } from './reach.ts';

/** Lights that are told apart: two octaves of brightness make a day and its night. */
const MAX_LAYERS = 3;
/** Half an octave: within it, what a lamp's edges look like does not change. */
const SAME_LIGHT = 0.5;
const MAX_CANDIDATES = 32;
/** What surrounds a candidate is not learned either (cells). */
const MARGIN = 2;

/** What is known of the view from one waypoint in one direction. */
export class Place {
  readonly waypoint: string;
  /** Radians. */
  readonly heading: number;
  readonly grid: CellGrid;
  readonly layers: Layer[];
  candidates: Candidate[];
  /** What was reported and is gone, while it is not certain that this was sent: kept like the candidates. */
  departing: Candidate[] = [];
  /** Wall time of the last visit. */
  visitedMs: number;
  /** Visits in a row that could not be brought into line. */
  displaced: number;

  constructor(
    waypoint: string,
    heading: number,
    grid: CellGrid,
    known: { layers?: Layer[]; candidates?: Candidate[]; visitedMs?: number; displaced?: number } = {},
  ) {
    this.waypoint = waypoint;
    this.heading = heading;
    this.grid = grid;
    this.layers = known.layers ?? [];
    this.candidates = known.candidates ?? [];
    this.visitedMs = known.visitedMs ?? 0;
    this.displaced = known.displaced ?? 0;
  }

  get visits(): number {
    return this.layers.reduce((sum, { visits }) => sum + visits, 0);
  }

  /** Everything that was reported is sent. */
  markSent(): void {
    this.departing = [];
    for (const candidate of this.candidates) delete candidate.isUnsent;
  }

  /** How the view of now lies on what is known; by the light that fits best. Null before the first visit. */
  align(now: EdgeMap, known: Uint8Array): Alignment | null {
    let best: Alignment | null = null;
    for (const layer of this.layers) {
      const found = alignmentOf(now, known, new Reach(layer, 1, (cell) => (layer.support[cell] ?? 0) > 0));
      if (best === null || found.agreement > best.agreement) best = found;
    }
    return best;
  }

  /** Takes in what a stay has shown; candidates, and what surrounds them, are left out. */
  learn(stay: StayEdges, alignment: Alignment, light: number, nowMs: number): void {
    this.candidates = this.candidates
      .filter((candidate) => !isFixture(candidate, nowMs))
      .sort((a, b) => b.lastMs - a.lastMs)
      .slice(0, MAX_CANDIDATES);
    this.visitedMs = nowMs;
    this.#layerFor(light).learn(stay, alignment, this.#barred());
  }

  #layerFor(light: number): Layer {
    const [nearest] = [...this.layers].sort((a, b) => Math.abs(a.light - light) - Math.abs(b.light - light));
    const isNear = nearest !== undefined && Math.abs(nearest.light - light) <= SAME_LIGHT;
    if (nearest !== undefined && (isNear || this.layers.length >= MAX_LAYERS)) return nearest;
    const layer = new Layer(this.grid, light);
    this.layers.push(layer);
    return layer;
  }

  /** 1 for cells of the reference that candidates cover. */
  #barred(): Uint8Array {
    const { columns, rows } = this.grid;
    const barred = new Uint8Array(columns * rows);
    for (const { cells } of this.candidates) {
      for (const [row, from, to] of spansOf(cells, columns)) {
        for (let y = Math.max(0, row - MARGIN); y <= Math.min(rows - 1, row + MARGIN); y++) {
          const left = Math.max(0, from - MARGIN);
          barred.fill(1, y * columns + left, y * columns + Math.min(columns, to + MARGIN + 1));
        }
      }
    }
    return barred;
  }
}
