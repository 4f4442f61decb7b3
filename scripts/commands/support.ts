import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { WatchpostError } from '#contract/errors.ts';
import { thisMachine } from '../doctor/machine.ts';
import { resolved } from '../profiles/sources.ts';
import { type Collection, collect } from '../support/collect.ts';
import { archiveOf, writeArchive } from '../support/write-archive.ts';

interface SupportOptions {
  readonly data: string;
  readonly out?: string;
  readonly yes?: true;
  readonly logMb: string;
  readonly show?: string;
  readonly json?: true;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const MOST_LOG_MB = 64;

/** `watchpost support`: what somebody who helps needs to see, without secrets, pictures and sound. */
export function supportCommand(): Command {
  return new Command('support')
    .requiredOption('--data <dir>', 'the folder of a device or of a site')
    .option('--out <file>', 'the archive (.tar.gz); without it is only shown what it would hold')
    .option('--yes', 'write it without asking')
    .option('--log-mb <n>', 'so much of the end of each log', '4')
    .option('--show <name>', 'print one of the files as it would be sent')
    .option('--json', 'print a line of JSON for each file')
    .action(run);
}

async function run({ data, out, yes, logMb, show, json }: SupportOptions): Promise<void> {
  const megabytes = Number(logMb);
  if (!(megabytes > 0 && megabytes <= MOST_LOG_MB))
    throw new WatchpostError('WP5024', {
      detail: `--log-mb ${logMb} is not above 0 and at most ${MOST_LOG_MB}`,
    });
  const collection = await collect({
    patient: patientOf(resolve(data)),
    mostLogBytes: megabytes * 1024 * 1024,
  });
  if (show !== undefined) return print(collection, show);
  const bytes = archiveOf(collection.files, Date.now());
  for (const line of json ? jsonLines(collection) : listLines(collection)) say(line);
  if (out === undefined) return;
  if (!(yes || (await isAgreed(out, bytes.length)))) {
    process.exitCode = 1;
    return;
  }
  writeArchive(resolve(out), bytes);
  if (!json) say(`Written: ${out}, ${sizeOf(bytes.length)}, for you alone to read (mode 600).`);
}

function patientOf(dataDir: string) {
  const file = join(dataDir, 'profile.json');
  return {
    ...{
      machine: thisMachine,
      dataDir,
      brokers: [],
      identityDir: null,
      siteUrl: null,
      cardDir: null,
      siteDir: null,
    },
    profile: existsSync(file) ? profileOrNull(file) : null,
  };
}

/** One that cannot be read is sent as it is. */
function profileOrNull(file: string) {
  try {
    return resolved(file, {}).profile;
  } catch (cause) {
    if (cause instanceof WatchpostError) return null;
    throw cause;
  }
}

function print({ files }: Collection, name: string): void {
  const file = files.find((each) => each.name === name);
  if (file === undefined) throw new WatchpostError('WP4781', { detail: name });
  process.stdout.write(file.text.endsWith('\n') ? file.text : `${file.text}\n`);
}

async function isAgreed(out: string, bytes: number): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new WatchpostError('WP5024', { detail: 'nobody is here to be asked: --yes is missing' });
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await asking.question(`Write these to ${out} (${sizeOf(bytes)})? [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    asking.close();
  }
}

function listLines({ files, leftOut }: Collection): string[] {
  const column = Math.max(...[...files, ...leftOut].map(({ name }) => name.length));
  const sent = files.map(({ name, text, redactions, note }) => {
    const told = [redactions === 0 ? '' : `${redactions} left out of it`, note].filter((each) => each !== '');
    return `  ${name.padEnd(column)}  ${sizeOf(Buffer.byteLength(text)).padStart(9)}  ${told.join('; ')}`.trimEnd();
  });
  const kept = leftOut.map(({ name, reason }) => `  ${name.padEnd(column)}  ${reason}`);
  return [
    'To be sent (--show NAME prints one):',
    ...sent,
    ...(kept.length === 0 ? [] : ['Not sent:', ...kept]),
  ];
}

function jsonLines({ files, leftOut }: Collection): string[] {
  return [
    ...files.map(({ name, text, redactions, note }) =>
      JSON.stringify({ name, sent: true, bytes: Buffer.byteLength(text), redactions, note }),
    ),
    ...leftOut.map(({ name, reason }) => JSON.stringify({ name, sent: false, reason })),
  ];
}

const sizeOf = (bytes: number): string => (bytes < 10_240 ? `${bytes} B` : `${Math.ceil(bytes / 1024)} KiB`);
