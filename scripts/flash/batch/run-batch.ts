import { Writable } from 'node:stream';
import { WatchpostError } from '#contract/errors.ts';
import { addressOfClientId } from '#contract/names.ts';
import { runPool } from '../../suite/pool.ts';
import { type FlashReport, flashOne } from '../flash-one.ts';
import { type FoundTarget, findTarget, type TargetOptions } from '../open-target.ts';
import type { SourceBundle } from '../source-bundle.ts';
import { planInWords } from '../words.ts';
import type { BatchRow, RowProblem } from './list.ts';
import type { BatchState } from './state.ts';

/** A row whose bundle is whole and for its device, and whose target is there. */
export interface ReadyRow {
  readonly row: BatchRow;
  readonly source: SourceBundle;
  readonly found: FoundTarget;
}

/** `planned` writes nothing; `skipped` was done by a run before; `there` had it already. */
export type RowOutcome =
  | { readonly row: BatchRow; readonly result: 'flashed' | 'there'; readonly report: FlashReport }
  | { readonly row: BatchRow; readonly result: 'planned' | 'skipped' }
  | { readonly row: BatchRow; readonly result: 'failed'; readonly error: WatchpostError };

export interface BatchRun {
  readonly mode: 'plan' | 'write';
  /** Rows at the same time. */
  readonly jobs: number;
  readonly state: BatchState;
  readonly say: (line: string) => void;
}

/** Looks at every row before any is written. */
export async function readyRows(
  rows: readonly BatchRow[],
  open: (bundle: string) => Promise<SourceBundle>,
  shared: TargetOptions,
): Promise<{ readonly ready: readonly ReadyRow[]; readonly problems: readonly RowProblem[] }> {
  const ready: ReadyRow[] = [];
  const problems: RowProblem[] = [];
  for (const row of rows) {
    try {
      const source = await open(row.bundle);
      refuseOther(row, source);
      ready.push({ row, source, found: findTarget(row.to, source, { ...shared, ...row.options }) });
    } catch (error) {
      if (!(error instanceof WatchpostError)) throw error;
      problems.push({ line: row.line, text: error.message });
    }
  }
  return { ready, problems };
}

/** One row's failure does not end the others. */
export async function runBatch(ready: readonly ReadyRow[], run: BatchRun): Promise<readonly RowOutcome[]> {
  const outcomes = new Map<BatchRow, RowOutcome>();
  const jobs = ready.map((each) => ({ ...each, sort: 'row' as const, name: each.row.device }));
  await runPool(jobs, { atOnce: run.jobs, perSort: new Map([['row', run.jobs]]) }, async (each) => {
    outcomes.set(each.row, await outcomeOf(each, run));
  });
  return ready.flatMap(({ row }) => outcomes.get(row) ?? []);
}

async function outcomeOf({ row, source, found }: ReadyRow, run: BatchRun): Promise<RowOutcome> {
  const { state, say, mode } = run;
  const done = { to: row.to, sha256: source.sha256 };
  if (state.doneOf(row.device, done) !== null) return { row, result: 'skipped' };
  const tell = (text: string) => say(`${row.device}: ${text.trim().replaceAll('\n', `\n${row.device}: `)}`);
  try {
    const report = await flashOne({
      ...{ source, found, mode, confirm: async () => undefined },
      onPlan: (sight, target) => tell(planInWords(source, sight, target)),
      meter: { stream: lines(tell), kind: 'lines', now: () => performance.now() },
    });
    if (report === null) return { row, result: 'planned' };
    const { generation } = source.manifest;
    state.note(row.device, { ...done, generation, at: new Date().toISOString() });
    return { row, result: report.writtenBytes === 0 ? 'there' : 'flashed', report };
  } catch (error) {
    if (!(error instanceof WatchpostError)) throw error;
    tell(`${error.message}\n  → ${error.hint}`);
    return { row, result: 'failed', error };
  }
}

const lines = (tell: (text: string) => void): Writable =>
  new Writable({
    write: (piece, _encoding, done) => {
      tell(String(piece));
      done();
    },
  });

/** The list says which device, the bundle as well: a slip of a row in a spreadsheet shows here. */
function refuseOther({ device }: BatchRow, { manifest, file }: SourceBundle): void {
  if (addressOfClientId(manifest.device)?.device === device) return;
  throw new WatchpostError('WP4105', { detail: `${file} is for ${manifest.device}, the row is ${device}’s` });
}
