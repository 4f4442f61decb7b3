import fc from 'fast-check';
import t from 'tap';
import { componentsOf } from '#agent/vision/tracking/components.ts';

/** The same by flooding, cell by cell: slow and plain. */
function flooded(
  mask: Uint8Array,
  columns: number,
  rows: number,
  gap: number,
  leastCells: number,
): number[][] {
  const seen = new Set<number>();
  const found: number[][] = [];
  mask.forEach((marked, start) => {
    if (marked !== 1 || seen.has(start)) return;
    const cells = [start];
    seen.add(start);
    for (let at = 0; at < cells.length; at++) {
      const cell = cells[at] ?? 0;
      for (let dy = -gap; dy <= gap; dy++) {
        for (let dx = -gap; dx <= gap; dx++) {
          const [x, y] = [(cell % columns) + dx, Math.floor(cell / columns) + dy];
          const next = y * columns + x;
          if (x < 0 || y < 0 || x >= columns || y >= rows || mask[next] !== 1 || seen.has(next)) continue;
          seen.add(next);
          cells.push(next);
        }
      }
    }
    if (cells.length >= leastCells) found.push(cells.sort((a, b) => a - b));
  });
  return found;
}

interface CaseOf {
  readonly columns: number;
  readonly rows: number;
  readonly gap: number;
  readonly leastCells: number;
  readonly share: number;
  readonly seed: number;
}

const Case: fc.Arbitrary<CaseOf> = fc.record({
  columns: fc.integer({ min: 1, max: 40 }),
  rows: fc.integer({ min: 1, max: 24 }),
  gap: fc.integer({ min: 1, max: 4 }),
  leastCells: fc.integer({ min: 1, max: 5 }),
  share: fc.integer({ min: 1, max: 100 }),
  seed: fc.integer(),
});

t.test('finds what flooding finds, in the same order, whatever the mask and the gap', async (t) => {
  const check = ({ columns, rows, gap, leastCells, share, seed }: CaseOf) => {
    let state = seed | 1;
    const mask = Uint8Array.from({ length: columns * rows }, () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % 100 < share ? 1 : 0;
    });
    const found = componentsOf(mask, { columns, rows }, gap, leastCells * 4);
    const expected = flooded(mask, columns, rows, gap, leastCells);
    return JSON.stringify(found.map(({ cells }) => [...cells])) === JSON.stringify(expected);
  };
  t.doesNotThrow(() => fc.assert(fc.property(Case, check), { numRuns: 1000, seed: 4 }));
});

t.test('a mask with more runs than it was made for is labelled all the same', async (t) => {
  const grid = { columns: 200, rows: 200 };
  const mask = Uint8Array.from({ length: 40_000 }, (_, i) =>
    i % 2 === 0 && Math.floor(i / 200) % 2 === 0 ? 1 : 0,
  );
  t.equal(componentsOf(mask, grid, 1, 4).length, 10_000);
  t.equal(componentsOf(mask, grid, 2, 4).length, 1);
});

t.test('a mask that begins within a word of memory is labelled all the same', async (t) => {
  const grid = { columns: 9, rows: 5 };
  const bytes = Uint8Array.from({ length: 46 }, (_, i) => (i % 7 === 3 ? 1 : 0));
  const aligned = componentsOf(bytes.slice(1), grid, 1, 4);
  t.ok(aligned.length > 0);
  t.same(componentsOf(bytes.subarray(1), grid, 1, 4), aligned);
});
