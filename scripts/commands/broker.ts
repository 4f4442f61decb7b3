import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import { systemClock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { type BackupProgress, makeBackup } from '../care/backup.ts';
import { type CheckResult, checkSite } from '../care/check.ts';
import { compact } from '../care/compact.ts';
import { noteOffline } from '../care/offline-note.ts';
import { restoreBackup } from '../care/restore.ts';
import { askBroker } from '../care/site-client.ts';
import { lockFolder } from '../care/site-files.ts';
import { besideOf, openUnit } from '../care/unit.ts';

const EXIT_CODES = '\nExit codes: 0 done, 1 failed or something is wrong, 2 wrong use.';

interface Common {
  readonly data: string;
  readonly json?: true;
}

/** `watchpost broker backup|restore|check|compact`; `broker` without one of these is the server itself. */
export function brokerCommand(): Command {
  const command = new Command('broker').description('look after a site: backup, restore, check, compact');
  addBackup(command);
  addRestore(command);
  addCheck(command);
  addCompact(command);
  for (const inner of command.commands) inner.addHelpText('after', EXIT_CODES);
  return command;
}

function addBackup(command: Command): void {
  command
    .command('backup')
    .description('copy database and evidence into one verified unit, also while the broker runs')
    .requiredOption('--data <dir>', 'data folder of the broker')
    .requiredOption('--to <path>', 'a folder, in which the backup gets one of its own, or a new .tar file')
    .option(
      '--config <file>',
      'the site configuration, whose hash is kept; else the one that the broker started with',
    )
    .option('--json', 'print one JSON line')
    .action((options: Common & { to: string; config?: string }) => backup(options));
}

function addRestore(command: Command): void {
  command
    .command('restore')
    .description('put a backup in the place of a site whose broker is stopped')
    .requiredOption('--from <path>', 'what backup has made')
    .requiredOption('--data <dir>', 'data folder of the broker')
    .option('--replace', 'set a site that is there aside, in its folder replaced-…')
    .option('--json', 'print one JSON line')
    .action((options: Common & { from: string; replace?: true }) => restore(options));
}

function addCheck(command: Command): void {
  command
    .command('check')
    .description('look for damage and contradictions, also while the broker runs; changes nothing')
    .option('--data <dir>', 'data folder of the broker')
    .option('--backup <path>', 'a backup instead: every file against its manifest')
    .option('--hashes', 'read all evidence, not only its sizes')
    .option('--json', 'print a JSON line for each thing looked at')
    .action((options: Partial<Common> & { backup?: string; hashes?: true }) => check(options));
}

function addCompact(command: Command): void {
  command
    .command('compact')
    .description('give the disk back what the database does not need, also while the broker runs')
    .requiredOption('--data <dir>', 'data folder of the broker')
    .option('--json', 'print one JSON line')
    .action((options: Common) => runCompact(options));
}

async function backup({ data, to, config, json }: Common & { to: string; config?: string }): Promise<void> {
  const made = await makeBackup({
    ...{ dataDir: data, to, configFile: config ?? null, nowMs: systemClock.wallMs() },
    onProgress: json ? () => undefined : progressLine(),
  });
  const { path, manifestSha256, bytes, files, manifest } = made;
  const { madeAt } = manifest;
  say(json, { path, manifestSha256, bytes, files, madeAt }, [
    `${path}`,
    `  ${files} files, ${mebibytes(bytes)}, verified; manifest ${manifestSha256}`,
  ]);
  await note(data, { path, manifestSha256, bytes, files, madeAt });
}

/** Who made a copy of everything that the site knows is a row of its audit chain. */
async function note(dataDir: string, body: object): Promise<void> {
  const folder = lockFolder(dataDir);
  try {
    if (folder === null) await askBroker(dataDir, { method: 'POST', path: 'care/backups', body });
    else noteOffline(dataDir, body);
  } catch (cause) {
    throw new WatchpostError('WP3606', { detail: cause instanceof Error ? cause.message : '', cause });
  } finally {
    folder?.close();
  }
}

async function restore({
  data,
  from,
  replace,
  json,
}: Common & { from: string; replace?: true }): Promise<void> {
  const existing = replace ? 'set-aside' : 'refuse';
  const restored = await restoreBackup({ from, dataDir: data, existing, clock: systemClock });
  const { madeAt, files, setAside } = restored;
  say(json, { ...restored }, [
    `restored the site as it was at ${madeAt}: ${files} files`,
    ...(setAside === null ? [] : [`  what was there before is in ${setAside}`]),
    '  start the broker: devices then offer again what they keep',
  ]);
}

async function check({
  data,
  backup: from,
  hashes,
  json,
}: Partial<Common> & { backup?: string; hashes?: true }) {
  if ((data === undefined) === (from === undefined)) {
    throw new WatchpostError('WP5024', { detail: 'give either --data or --backup' });
  }
  if (from !== undefined) return checkBackup(from, json);
  const depth = hashes ? 'hashes' : 'sizes';
  const sound = await checkSite({ dataDir: data ?? '', depth, onResult: (result) => tell(result, json) });
  if (!sound) throw new WatchpostError('WP3604', { detail: data ?? '' });
}

async function checkBackup(from: string, json: true | undefined): Promise<void> {
  const { manifest, manifestSha256, release } = await openUnit(from, besideOf(from));
  release();
  const { madeAt, files } = manifest;
  say(json, { ok: true, madeAt, files: files.length, manifestSha256 }, [
    `ok: ${files.length} files as they were made at ${madeAt}; manifest ${manifestSha256}`,
  ]);
}

function tell(result: CheckResult, json: true | undefined): void {
  const { check: name, ok, detail, remedy } = result;
  say(json, { ...result }, [
    `${ok ? 'ok   ' : 'WRONG'} ${name.padEnd(14)} ${detail}`,
    ...(remedy === null ? [] : [`      → ${remedy}`]),
  ]);
}

async function runCompact({ data, json }: Common): Promise<void> {
  const onProgress = json ? () => undefined : (free: number) => status(`${mebibytes(free)} free still`);
  const compacted = await compact(data, onProgress, (ms) => pause(ms));
  const { beforeBytes, afterBytes, how } = compacted;
  say(json, { ...compacted }, [
    `${mebibytes(beforeBytes)} → ${mebibytes(afterBytes)} (${how === 'offline' ? 'written anew' : 'beside the running broker'})`,
  ]);
}

const say = (json: true | undefined, fields: object, lines: readonly string[]): void =>
  void process.stdout.write(json ? `${JSON.stringify(fields)}\n` : `${lines.join('\n')}\n`);

/** On standard error, so that standard output stays what was asked for; a line for each tenth. */
function progressLine(): (progress: BackupProgress) => void {
  let last = '';
  return ({ part, done, of }) => {
    const line =
      part === 'verify' ? 'verifying' : `${part} ${Math.floor((done / Math.max(1, of)) * 10) * 10} %`;
    if (line !== last) status(line);
    last = line;
  };
}

const status = (text: string): void => void process.stderr.write(`${text}\n`);
const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
