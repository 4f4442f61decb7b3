import type { Grid } from './components.ts';

const FIRST_CAPACITY = 1024;

/**
 * Finds what hangs together in a mask, without garbage but for what it finds: the marked cells of a row are taken
 * as runs, and runs of neighbouring rows are joined (union and find, Rosenfeld and Pfaltz 1966). Runs may have
 * holes narrower than the gap, which changes nothing: from within a hole the next marked cell is nearer than that.
 */
export class Labeller {
  #row = new Int16Array(FIRST_CAPACITY);
  #first = new Int16Array(FIRST_CAPACITY);
  #last = new Int16Array(FIRST_CAPACITY);
  #parent = new Int32Array(FIRST_CAPACITY);
  /** Marked cells: of the run, then of all that hangs together. */
  #cells = new Int32Array(FIRST_CAPACITY);
  #runs = 0;

  /** Calls `found` with the cells of each component that has at least `leastCells`, in order of their first cell. */
  label(
    mask: Uint8Array,
    grid: Grid,
    gap: number,
    leastCells: number,
    found: (cells: Int32Array) => void,
  ): void {
    this.#runs = 0;
    this.#findRuns(mask, grid, gap);
    this.#joinRows(gap);
    for (let run = 0; run < this.#runs; run++) {
      const root = this.#rootOf(run);
      if (root !== run) this.#cells[root] = (this.#cells[root] ?? 0) + (this.#cells[run] ?? 0);
    }
    for (let run = 0; run < this.#runs; run++) {
      const isRoot = this.#parent[run] === run;
      if (isRoot && (this.#cells[run] ?? 0) >= leastCells) found(this.#cellsOf(run, mask, grid));
    }
  }

  #findRuns(mask: Uint8Array, { columns, rows }: Grid, gap: number): void {
    const end = Math.min(mask.length, columns * rows);
    const words = wordsOf(mask);
    for (let i = nextMarked(mask, words, 0, end); i < end; ) {
      const column = i % columns;
      const run = this.#add((i - column) / columns, column);
      const rowEnd = i - column + columns;
      let count = 1;
      let last = i;
      for (let next = i + 1; next < rowEnd && next - last <= gap; next++) {
        if (mask[next] !== 1) continue;
        last = next;
        count++;
      }
      this.#last[run] = column + last - i;
      this.#cells[run] = count;
      i = nextMarked(mask, words, last + 1, end);
    }
  }

  #add(row: number, first: number): number {
    if (this.#runs === this.#row.length) this.#grow();
    const run = this.#runs++;
    this.#row[run] = row;
    this.#first[run] = first;
    this.#parent[run] = run;
    return run;
  }

  #grow(): void {
    const wider = <T extends Int16Array | Int32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    const capacity = this.#row.length * 2;
    this.#row = wider(this.#row, new Int16Array(capacity));
    this.#first = wider(this.#first, new Int16Array(capacity));
    this.#last = wider(this.#last, new Int16Array(capacity));
    this.#parent = wider(this.#parent, new Int32Array(capacity));
    this.#cells = wider(this.#cells, new Int32Array(capacity));
  }

  /** Joins each run with those up to `gap` rows above that it reaches. */
  #joinRows(gap: number): void {
    let oldest = 0;
    for (let run = 0; run < this.#runs; run++) {
      const row = this.#row[run] ?? 0;
      while ((this.#row[oldest] ?? 0) < row - gap) oldest++;
      for (let above = oldest; (this.#row[above] ?? 0) < row; above++) {
        const isApart =
          (this.#first[above] ?? 0) - (this.#last[run] ?? 0) > gap ||
          (this.#first[run] ?? 0) - (this.#last[above] ?? 0) > gap;
        if (!isApart) this.#join(above, run);
      }
    }
  }

  /** The run that comes first stands for all. */
  #join(a: number, b: number): void {
    const [x, y] = [this.#rootOf(a), this.#rootOf(b)];
    this.#parent[Math.max(x, y)] = Math.min(x, y);
  }

  #rootOf(run: number): number {
    let at = run;
    for (let parent = this.#parent[at] ?? at; parent !== at; parent = this.#parent[at] ?? at) {
      this.#parent[at] = this.#parent[parent] ?? parent;
      at = parent;
    }
    return at;
  }

  #cellsOf(root: number, mask: Uint8Array, { columns }: Grid): Int32Array {
    const cells = new Int32Array(this.#cells[root] ?? 0);
    let count = 0;
    for (let run = root; count < cells.length; run++) {
      if (this.#rootOf(run) !== root) continue;
      const row = (this.#row[run] ?? 0) * columns;
      for (let i = row + (this.#first[run] ?? 0); i <= row + (this.#last[run] ?? 0); i++) {
        if (mask[i] === 1) cells[count++] = i;
      }
    }
    return cells;
  }
}

const NO_WORDS = new Uint32Array(0);

/** Four cells at a time, where the mask begins at a whole word. */
function wordsOf(mask: Uint8Array): Uint32Array {
  const isAligned = (mask.byteOffset & 3) === 0;
  return isAligned ? new Uint32Array(mask.buffer, mask.byteOffset, mask.length >> 2) : NO_WORDS;
}

/** The first marked cell from `from` on, or `end`: runs are short, and a call of `indexOf` for each costs more. */
function nextMarked(mask: Uint8Array, words: Uint32Array, from: number, end: number): number {
  for (let i = from; i < end; i++) {
    while ((i & 3) === 0 && words[i >> 2] === 0) i += 4;
    if (i < end && mask[i] === 1) return i;
  }
  return end;
}
