import { tableOf } from './table.ts';

/** Like `tableOf`, with a list called `rows` as columns under the names of its first row, and without what is for plots. */
export function rowsTable(result: Readonly<Record<string, unknown>>): string {
  const { rows, curve: _forPlots, ...rest } = result;
  return `${isRows(rows) ? columns(rows) : ''}${tableOf(rest)}`;
}

type Row = Readonly<Record<string, unknown>>;

const isRows = (value: unknown): value is readonly Row[] =>
  Array.isArray(value) && value.every((row) => typeof row === 'object' && row !== null);

function columns(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => text(row[name])))];
  const widths = names.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const lineOf = (line: readonly string[]) => line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ');
  return `${lines.map((line) => lineOf(line).trimEnd()).join('\n')}\n\n`;
}

function text(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map(String).join('; ');
  return value === null || value === undefined ? '–' : String(value);
}
