import type { Writable } from 'node:stream';
import { WatchpostError } from '#contract/errors.ts';
import type { TargetOptions } from '../open-target.ts';
import type { SourceBundle } from '../source-bundle.ts';
import { type RowProblem, readBatchList } from './list.ts';
import { readyRows, runBatch } from './run-batch.ts';
import { BatchState } from './state.ts';
import { batchTable, outcomeAsJson } from './table.ts';

export interface BatchRequest {
  readonly list: string;
  readonly mode: 'plan' | 'write';
  readonly jobs: number;
  readonly open: (bundle: string) => Promise<SourceBundle>;
  readonly shared: TargetOptions;
  /** Rejects where it is not confirmed. */
  readonly confirm: (question: string) => Promise<void>;
  readonly out: { readonly stream: Writable; readonly kind: 'table' | 'json' };
  /** What people read while it goes on. */
  readonly say: (line: string) => void;
}

/** Flashes every device of a list. Rejects with WP4340 before anything is written, with WP4341 where a row failed. */
export async function flashBatch(request: BatchRequest): Promise<void> {
  const { list, open, shared, mode, jobs, say, out, confirm } = request;
  const { rows, problems } = readBatchList(list);
  const found = await readyRows(rows, open, shared);
  refuseProblems(list, [...problems, ...found.problems], say);
  const state = BatchState.of(list);
  const { ready } = found;
  const left = ready.filter(
    ({ row, source }) => state.doneOf(row.device, { to: row.to, sha256: source.sha256 }) === null,
  );
  if (mode === 'write' && left.length > 0)
    await confirm(`Flash ${left.length} of the ${ready.length} devices of ${list}?`);
  const outcomes = await runBatch(ready, { mode, jobs, state, say });
  const text = out.kind === 'json' ? outcomes.map(outcomeAsJson).join('\n') : batchTable(outcomes);
  out.stream.write(`${text}\n`);
  const failed = outcomes.filter(({ result }) => result === 'failed');
  if (failed.length > 0)
    throw new WatchpostError('WP4341', { detail: `${failed.length} of ${outcomes.length}` });
}

function refuseProblems(list: string, problems: readonly RowProblem[], say: (line: string) => void): void {
  if (problems.length === 0) return;
  const inOrder = [...problems].sort((one, other) => one.line - other.line);
  for (const { line, text } of inOrder) say(`${list} line ${line}: ${text}`);
  const numbers = [...new Set(inOrder.map(({ line }) => line))].join(', ');
  throw new WatchpostError('WP4340', { detail: `${list}, lines ${numbers}` });
}
