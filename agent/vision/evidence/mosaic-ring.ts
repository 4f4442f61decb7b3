import type { BlockGrid } from './block-grid.ts';
import type { Mosaic } from './mosaic.ts';

interface Slot {
  t: number;
  grid: BlockGrid;
  place: Uint8Array;
  cover: Uint8Array;
}

/** The last mosaics, oldest first, in slots that are used again: what is kept is bounded, and makes no garbage. */
export class MosaicRing {
  readonly #capacity: number;
  readonly #slots: Slot[] = [];
  #next = 0;

  constructor(capacity: number) {
    this.#capacity = Math.max(1, capacity);
  }

  /** The slot for the next mosaic, to be filled in; the oldest one goes for it. */
  next(t: number, grid: BlockGrid): Mosaic {
    const slot = this.#slots[this.#next] ?? this.#grow(grid);
    this.#next = (this.#next + 1) % this.#capacity;
    if (slot.grid !== grid && slot.place.length !== grid.size) {
      slot.place = new Uint8Array(grid.size);
      slot.cover = new Uint8Array(grid.size);
    }
    slot.t = t;
    slot.grid = grid;
    return slot;
  }

  get newest(): Mosaic | null {
    return this.#slots.at(this.#next - 1) ?? null;
  }

  /** Oldest first. What is given is overwritten in time: copy what is to stay. */
  *[Symbol.iterator](): Generator<Mosaic> {
    const isFull = this.#slots.length === this.#capacity;
    for (let i = 0; i < this.#slots.length; i++) {
      const slot = this.#slots[isFull ? (this.#next + i) % this.#capacity : i];
      if (slot !== undefined) yield slot;
    }
  }

  /** Forgets everything; the slots stay. */
  clear(): void {
    this.#slots.length = 0;
    this.#next = 0;
  }

  get bytes(): number {
    return this.#slots.reduce((sum, { place, cover }) => sum + place.length + cover.length, 0);
  }

  #grow(grid: BlockGrid): Slot {
    const slot = { t: 0, grid, place: new Uint8Array(grid.size), cover: new Uint8Array(grid.size) };
    this.#slots.push(slot);
    return slot;
  }
}
