import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { Command } from 'commander';
import * as z from 'zod';
import { type AuditHead, GENESIS, headOf, verifyChain } from '#broker/persistence/audit-log.ts';
import { SITE_DATABASE } from '#broker/persistence/site-folder.ts';
import { WatchpostError } from '#contract/errors.ts';

const Head = z.object({ row: z.int().min(0), hash: z.string().regex(/^[0-9a-f]{64}$/) });

/** `watchpost audit verify|head`: reads the database alone, also while the broker runs. */
export function auditCommand(): Command {
  const command = new Command('audit').description('check and export the audit chain of a site');
  command
    .command('verify')
    .description('recompute every hash; exits 1 at the first row that is not what was written')
    .requiredOption('--data <dir>', 'data folder of the broker')
    .option('--head <file>', 'a head exported before: also finds that the end was cut off or written anew')
    .option('--json', 'print one JSON line')
    .action((options: { data: string; head?: string; json?: true }) => verify(options));
  command
    .command('head')
    .description('print row and hash of the newest row, to be kept elsewhere')
    .requiredOption('--data <dir>', 'data folder of the broker')
    .action(({ data }: { data: string }) => {
      process.stdout.write(`${JSON.stringify(withDatabase(data, headOf))}\n`);
    });
  return command;
}

function verify({ data, head, json }: { data: string; head?: string; json?: true }): void {
  const exported = head === undefined ? GENESIS : readHead(head);
  const verdict = withDatabase(data, (sql) => verifyChain(sql, exported));
  if (json) process.stdout.write(`${JSON.stringify(verdict)}\n`);
  if (verdict.ok) {
    if (!json) process.stdout.write(`ok: ${verdict.head.row} rows, head ${verdict.head.hash}\n`);
    return;
  }
  process.exitCode = 1;
  const error = new WatchpostError('WP5005', { detail: `row ${verdict.row}: ${verdict.reason}` });
  process.stderr.write(`${error.message}\n${error.hint}\n`);
}

function readHead(file: string): AuditHead {
  try {
    return Head.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    const hint = 'Give a file with what `watchpost audit head` printed.';
    throw new WatchpostError('WP5006', { detail: file, hint, cause });
  }
}

function withDatabase<T>(data: string, read: (sql: Sqlite.Database) => T): T {
  const file = join(data, SITE_DATABASE);
  if (!existsSync(file)) throw new WatchpostError('WP5006', { detail: file });
  const sql = new Sqlite(file, { readonly: true });
  try {
    return read(sql);
  } finally {
    sql.close();
  }
}
