import { readFileSync } from 'node:fs';
import { CsvError, parse } from 'csv-parse/sync';
import * as z from 'zod';
import { WatchpostError } from '#contract/errors.ts';
import { Name } from '#contract/names.ts';
import { LOADERS } from '../board/avrdude.ts';

const Text = z.string().min(1, 'is empty').max(4096);
const Optional = z
  .string()
  .transform((text) => (text === '' ? undefined : text))
  .optional();

/** The columns of a list; the last three may be left out, or empty. */
const Row = z.strictObject({
  device: Name,
  bundle: Text,
  to: Text,
  board: Optional,
  model: Optional.pipe(z.enum(Object.keys(LOADERS)).optional()),
  'force-device': Optional,
});

/** A device to be flashed. */
export interface BatchRow {
  /** In the list, from 1; where a field has several lines, its last. */
  readonly line: number;
  readonly device: string;
  readonly bundle: string;
  readonly to: string;
  readonly options: {
    readonly board?: string;
    readonly model?: keyof typeof LOADERS;
    readonly forceDevice?: string;
  };
}

export interface RowProblem {
  readonly line: number;
  readonly text: string;
}

export interface BatchList {
  readonly rows: readonly BatchRow[];
  readonly problems: readonly RowProblem[];
}

const Records = z.array(
  z.object({ record: z.record(z.string(), z.string()), info: z.object({ lines: z.int() }) }),
);

/** Reads a list as spreadsheets write it. Throws WP4340 where it is none; what is wrong with a row is answered. */
export function readBatchList(file: string): BatchList {
  const rows: BatchRow[] = [];
  const problems: RowProblem[] = [];
  for (const { record, info } of recordsOf(file)) {
    const parsed = Row.safeParse(record);
    if (parsed.success) rows.push(rowOf(parsed.data, info.lines));
    else problems.push({ line: info.lines, text: reasonOf(parsed.error) });
  }
  if (rows.length + problems.length === 0)
    throw new WatchpostError('WP4340', { detail: `${file} has no rows` });
  return { rows, problems: [...problems, ...twice(rows)] };
}

function recordsOf(file: string): z.infer<typeof Records> {
  try {
    return Records.parse(
      parse(readFileSync(file, 'utf8'), {
        ...{ columns: true, info: true, bom: true, trim: true, skip_empty_lines: true },
        record_delimiter: ['\r\n', '\n', '\r'],
      }),
    );
  } catch (cause) {
    const where = cause instanceof CsvError && 'lines' in cause ? ` line ${cause.lines}` : '';
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new WatchpostError('WP4340', { detail: `${file}${where}: ${why}`, cause });
  }
}

function rowOf(
  { 'force-device': forceDevice, board, model, ...row }: z.infer<typeof Row>,
  line: number,
): BatchRow {
  const options = {
    ...(board === undefined ? {} : { board }),
    ...(isModel(model) ? { model } : {}),
    ...(forceDevice === undefined ? {} : { forceDevice }),
  };
  return { line, ...row, options };
}

const isModel = (text: string | undefined): text is keyof typeof LOADERS =>
  text !== undefined && Object.hasOwn(LOADERS, text);

function reasonOf({ issues }: z.ZodError): string {
  return issues
    .map((issue) =>
      issue.code === 'unrecognized_keys'
        ? `no column ${issue.keys.join(', ')} is known`
        : `${issue.path.join('.')}: ${issue.message}`,
    )
    .join('; ');
}

/** One device twice is a slip; one target twice would be written over. */
function twice(rows: readonly BatchRow[]): readonly RowProblem[] {
  return rows.flatMap((row, index) => {
    const before = rows.slice(0, index).find(({ device, to }) => device === row.device || to === row.to);
    if (before === undefined) return [];
    const what = before.device === row.device ? `device ${row.device}` : `target ${row.to}`;
    return [{ line: row.line, text: `${what} stands in line ${before.line} already` }];
  });
}
