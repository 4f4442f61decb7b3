import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Sqlite, { type Database } from 'better-sqlite3';
import { Command } from 'commander';
import * as z from 'zod';
import {
  type AuditHead,
  auditAfter,
  type ChainVerdict,
  checkOfHead,
  GENESIS,
  headAt,
  headOf,
  verifyChain,
  verifyRows,
} from '#broker/persistence/ledger/audit-log.ts';
import { SITE_DATABASE } from '#broker/persistence/site-folder.ts';
import { WatchpostError } from '#contract/errors.ts';

const Head = z
  .object({
    row: z.int().min(0),
    hash: z.string().regex(/^[0-9a-f]{64}$/),
    /** Not in heads of earlier versions. */
    check: z.string().optional(),
  })
  .refine((head) => head.check === undefined || head.check === checkOfHead(head), {
    error: 'row, hash and check do not belong together: it was not copied rightly',
  });
const Row = z.strictObject({
  row: z.int(),
  at: z.string(),
  who: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: z.string(),
  hash: z.string(),
});
const ExportLine = z.union([Row, z.strictObject({ start: Head }), z.strictObject({ head: Head })]);

interface VerifyOptions {
  readonly data?: string;
  readonly file?: string;
  readonly head: readonly string[];
  readonly json?: true;
}

/** `watchpost audit verify|head|export`: reads the database alone, also while the broker runs. */
export function auditCommand(): Command {
  const command = new Command('audit').description('check and export the audit chain of a site');
  command
    .command('verify')
    .description('recompute every hash; exits 1 at the first row that is not what was written')
    .option('--data <dir>', 'data folder of the broker')
    .option('--file <file>', 'an export instead of a data folder')
    .option(
      '--head <file>',
      'heads exported before (one a line; may be given again): also finds that the end was cut off or written anew',
      (file: string, files: string[]) => [...files, file],
      [],
    )
    .option('--json', 'print one JSON line')
    .action((options: VerifyOptions) => verify(options));
  command
    .command('head')
    .description('print row and hash of the newest row, to be kept elsewhere')
    .requiredOption('--data <dir>', 'data folder of the broker')
    .action(({ data }: { data: string }) => {
      const { row, hash } = withDatabase(data, headOf);
      process.stdout.write(`${JSON.stringify({ row, hash, check: checkOfHead({ row, hash }) })}\n`);
    });
  command
    .command('export')
    .description('print the rows as lines of JSON, to be kept and verified elsewhere')
    .requiredOption('--data <dir>', 'data folder of the broker')
    .option('--after <row>', 'only what follows this row', Number, 0)
    .action(({ data, after }: { data: string; after: number }) => {
      withDatabase(data, (sql) => printRows(sql, after));
    });
  return command;
}

async function verify({ data, file, head, json }: VerifyOptions): Promise<void> {
  const exported = head.flatMap(readHeads);
  const { verdict, beginning = '' } = await judge({ data, file }, exported);
  if (json) process.stdout.write(`${JSON.stringify(verdict)}\n`);
  if (verdict.ok) {
    if (!json) process.stdout.write(`ok: ${verdict.head.row} rows, head ${verdict.head.hash}${beginning}\n`);
    return;
  }
  process.exitCode = 1;
  const error = new WatchpostError('WP5005', { detail: `row ${verdict.row}: ${verdict.reason}` });
  process.stderr.write(`${error.message}\n${error.hint}\n`);
}

interface Judged {
  readonly verdict: ChainVerdict;
  /** What is to be said of where the rows begin, when not at the first. */
  readonly beginning?: string;
}

async function judge(
  { data, file }: { data: string | undefined; file: string | undefined },
  exported: readonly AuditHead[],
): Promise<Judged> {
  if (data !== undefined && file === undefined)
    return { verdict: withDatabase(data, (sql) => verifyChain(sql, exported)) };
  if (file !== undefined && data === undefined) return verifyFile(file, exported);
  throw new WatchpostError('WP5024', { detail: 'give either --data or --file' });
}

async function verifyFile(file: string, exported: readonly AuditHead[]): Promise<Judged> {
  const rows: z.infer<typeof Row>[] = [];
  let start: AuditHead = GENESIS;
  let end: AuditHead | null = null;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const parsed = readLine(file, line);
    if ('start' in parsed) start = parsed.start;
    else if ('head' in parsed) end = parsed.head;
    else rows.push(parsed);
  }
  if (end === null) {
    const row = (rows.at(-1)?.row ?? start.row) + 1;
    return { verdict: { ok: false, row, reason: 'the file is cut off before its head' } };
  }
  const verdict = verifyRows(rows, { exported: [...exported, end], start });
  return { verdict, beginning: beginningOf(start, exported) };
}

/** Whoever wrote the file says where it begins: what lies before shows only in a head that was kept of that row. */
function beginningOf({ row }: AuditHead, exported: readonly AuditHead[]): string {
  if (row === 0) return '';
  const isVouched = exported.some((head) => head.row === row);
  return `; begins behind row ${row}${isVouched ? '' : ', of which no head was given: it proves nothing of what lies before'}`;
}

function readLine(file: string, line: string): z.infer<typeof ExportLine> {
  try {
    return ExportLine.parse(JSON.parse(line));
  } catch (cause) {
    throw new WatchpostError('WP5006', { detail: file, hint: 'Give a file that was exported.', cause });
  }
}

function readHeads(file: string): AuditHead[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.filter((line) => line.trim() !== '').map((line) => Head.parse(JSON.parse(line)));
  } catch (cause) {
    const hint = 'Give a file with what `watchpost audit head` printed, one head a line.';
    const reason = cause instanceof z.ZodError ? `: ${cause.issues[0]?.message ?? ''}` : '';
    throw new WatchpostError('WP5006', { detail: `${file}${reason}`, hint, cause });
  }
}

function printRows(sql: Database, after: number): void {
  const start = headAt(sql, after);
  if (start === null)
    throw new WatchpostError('WP5024', { detail: `--after ${after}: there is no such row` });
  const { row, hash } = headOf(sql);
  const print = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
  print({ start: { row: start.row, hash: start.hash } });
  for (let at = after; at < row; ) {
    const rows = auditAfter(sql, { after: at, limit: Math.min(500, row - at) });
    const last = rows.at(-1);
    if (last === undefined) break;
    for (const each of rows) print(each);
    at = last.row;
  }
  print({ head: { row, hash, check: checkOfHead({ row, hash }) } });
}

function withDatabase<T>(data: string, read: (sql: Database) => T): T {
  const file = join(data, SITE_DATABASE);
  if (!existsSync(file)) throw new WatchpostError('WP5006', { detail: file });
  const sql = new Sqlite(file, { readonly: true });
  try {
    return read(sql);
  } finally {
    sql.close();
  }
}
