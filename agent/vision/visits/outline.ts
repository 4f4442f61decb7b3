/** Row by row, from the first to the last cell of an outline: what lies within it. */
export function spansOf(
  cells: readonly number[],
  columns: number,
): [row: number, from: number, to: number][] {
  const rows = new Map<number, [number, number]>();
  for (const cell of cells) {
    const column = cell % columns;
    const row = (cell - column) / columns;
    const [from, to] = rows.get(row) ?? [column, column];
    rows.set(row, [Math.min(from, column), Math.max(to, column)]);
  }
  return [...rows].map(([row, [from, to]]) => [row, from, to]);
}
