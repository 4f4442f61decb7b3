import type { RowOutcome } from './run-batch.ts';

const HEAD = ['device', 'to', 'result', ''] as const;

/** A line a row, in columns. */
export function batchTable(outcomes: readonly RowOutcome[]): string {
  const cells = [
    HEAD,
    ...outcomes.map((each) => [each.row.device, each.row.to, each.result, moreOf(each)] as const),
  ];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function moreOf(outcome: RowOutcome): string {
  switch (outcome.result) {
    case 'flashed':
    case 'there':
      return `generation ${outcome.report.generation}, read back (${outcome.report.readBack.from})`;
    case 'skipped':
      return 'done before';
    case 'planned':
      return '';
    case 'failed':
      return outcome.error.message;
  }
}

export function outcomeAsJson(outcome: RowOutcome): string {
  const { row, result } = outcome;
  const facts = { line: row.line, device: row.device, to: row.to, result };
  switch (outcome.result) {
    case 'flashed':
    case 'there':
      return JSON.stringify({ ok: true, ...facts, report: outcome.report });
    case 'skipped':
    case 'planned':
      return JSON.stringify({ ok: true, ...facts });
    case 'failed':
      return JSON.stringify({
        ok: false,
        ...facts,
        code: outcome.error.code,
        detail: outcome.error.detail ?? null,
      });
  }
}
