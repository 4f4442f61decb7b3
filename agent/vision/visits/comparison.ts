import type { Alignment } from './alignment.ts';
import type { EdgeMap } from './edge-map.ts';
import type { Layer } from './layer.ts';
import { Reach } from './reach.ts';

/** Two visits make a reference, in whatever light each was. */
export const VISITS_TO_COUNT = 2;
/** What alignment leaves undecided (cells). */
const RADIUS = 2;
/**
 * An edge counts as new where it would have been seen before: with twice the contrast (two steps) that could
 * then be told from noise.
 */
const CLEAR_OF_FLOOR = 2;

/** One edge of a reference. */
export interface Edge {
  readonly direction: number;
  readonly strength: number;
}

/** The layers of a view, made ready to be asked what is known. */
export class Comparison {
  readonly #layers: readonly { readonly layer: Layer; readonly sure: Reach; readonly once: Reach }[];

  constructor(layers: readonly Layer[]) {
    this.#layers = layers.map((layer) => ({
      layer,
      sure: new Reach(layer, RADIUS, (cell) => (layer.support[cell] ?? 0) >= VISITS_TO_COUNT),
      once: new Reach(layer, RADIUS, (cell) => (layer.support[cell] ?? 0) > 0),
    }));
  }

  /**
   * Marks the edges of now that no visit before has seen: all of them in `fresh`, and in `novel` those that would
   * have been seen had they been there.
   */
  novelty(
    now: EdgeMap,
    known: Uint8Array,
    alignment: Alignment,
  ): { readonly fresh: Uint8Array; readonly novel: Uint8Array } {
    const fresh = new Uint8Array(known.length);
    const novel = new Uint8Array(known.length);
    for (let cell = 0; cell < novel.length; cell++) {
      const strength = now.strength[cell] ?? 0;
      if (strength === 0 || known[cell] !== 1) continue;
      if (this.#isExplained(cell, now.direction[cell] ?? 0, strength, alignment)) continue;
      fresh[cell] = 1;
      const at = alignment.toReference(cell);
      if (at >= 0 && this.isComparable(at, strength)) novel[cell] = 1;
    }
    return { fresh, novel };
  }

  /** Whether enough visits have seen this cell of the reference, and an edge of this strength would have shown. */
  isComparable(cell: number, strength: number): boolean {
    let visits = 0;
    for (const { layer } of this.#layers) {
      if (strength >= layer.floorAt(cell) + CLEAR_OF_FLOOR) visits += layer.known[cell] ?? 0;
    }
    return visits >= VISITS_TO_COUNT;
  }

  /** The edge that visits so far make one expect at a cell of now; null where there is none. */
  expectedAt(cell: number, alignment: Alignment): Edge | null {
    const at = alignment.toReference(cell);
    if (at < 0) return null;
    for (const { layer } of this.#layers) {
      const support = layer.support[at] ?? 0;
      if (support < VISITS_TO_COUNT || (layer.missed[at] ?? 0) > 0) continue;
      return { direction: layer.direction[at] ?? 0, strength: layer.strength[at] ?? 0 };
    }
    return null;
  }

  #isExplained(cell: number, direction: number, strength: number, alignment: Alignment): boolean {
    return alignment.shiftsAt(cell).some((shift) => {
      const at = alignment.toReference(cell, shift);
      return at >= 0 && this.isKnown(at, direction, strength);
    });
  }

  /** Whether the reference has an edge like this at `cell`: seen twice in one light, or once in each of two. */
  isKnown(cell: number, direction: number, strength: number): boolean {
    let once = 0;
    for (const { sure, once: seen } of this.#layers) {
      if (sure.knows(cell, direction, strength)) return true;
      if (seen.knows(cell, direction, strength)) once++;
    }
    return once >= VISITS_TO_COUNT;
  }
}
