import type { Readable, Writable } from 'node:stream';
import { Command, InvalidArgumentError, Option } from 'commander';
import { WatchpostError } from '#contract/errors.ts';
import { newestOf, readChain } from '../bundle/root-chain.ts';
import { flashBatch } from '../flash/batch/batch.ts';
import { LOADERS } from '../flash/board/avrdude.ts';
import { askConsent } from '../flash/consent.ts';
import { type FlashReport, flashOne } from '../flash/flash-one.ts';
import { findTarget, type TargetOptions } from '../flash/open-target.ts';
import type { MeterOutput } from '../flash/progress.ts';
import { openSource, type SourceBundle } from '../flash/source-bundle.ts';
import { planInWords, reportInWords } from '../flash/words.ts';
import { siteFile } from '../site-authority/site-files.ts';

interface Options extends TargetOptions {
  readonly to?: string;
  readonly batch?: string;
  readonly jobs: number;
  readonly site?: string;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly json?: true;
}

const TARGETS = `
TARGET is one of
  DIR                    a device’s folder, as on its mounted card; or a mounted FAT stick
  FILE, /dev/sdX         the image of a card, or a card in a reader, with a FAT partition
  ssh://[USER@]HOST[:PORT]/DIR   the folder of a device that is reached by ssh
  mqtt:DEVICE            a device over the network, through its running site (--site)
  board:PORT             an Arduino on a serial port, its firmware by its bootloader

It plans, asks once, writes, reads back and compares. Cut off anywhere, what the device had is whole: run it again.
Exit codes: 0 done, 1 failed or refused, 2 wrong use.`;

/** Where it speaks and listens: the terminal, or a test. */
export interface FlashStreams {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly out: Writable;
  readonly err: Writable & { readonly isTTY?: boolean };
}

/** `watchpost flash BUNDLE --to TARGET` */
export function flashCommand(
  io: FlashStreams = { input: process.stdin, out: process.stdout, err: process.stderr },
): Command {
  return new Command('flash')
    .argument('[bundle]', 'the bundle, signed (NAME.wpb)')
    .option('--to <target>', 'where it goes')
    .option('--site <dir>', 'the site’s folder: its keys must have signed; where mqtt: goes through')
    .option('--batch <list>', 'instead: flash every device of a list (CSV: device,bundle,to)')
    .option('--jobs <count>', 'of a list: so many at the same time', jobs, 4)
    .option('--dry-run', 'say what would be done, and write nothing')
    .option('--yes', 'do not ask')
    .option('--force-device <device>', 'the name of a disk that is not removable, typed a second time')
    .option('--ssh-option <option...>', 'of ssh://: given to ssh with -o')
    .option('--board <name>', 'of board:PORT: which of the bundle’s boards')
    .addOption(
      new Option('--model <model>', 'of board:PORT: where the profile does not say it').choices(
        Object.keys(LOADERS),
      ),
    )
    .option('--json', 'print one JSON line')
    .addHelpText('after', TARGETS)
    .action((bundle: string | undefined, options: Options) => flash(bundle, options, io));
}

async function flash(bundle: string | undefined, options: Options, io: FlashStreams): Promise<void> {
  const { batch, to } = options;
  if (batch !== undefined && bundle === undefined && to === undefined) return flashList(batch, options, io);
  if (batch !== undefined || bundle === undefined || to === undefined) {
    throw new WatchpostError('WP5024', { detail: 'give a bundle and --to, or --batch alone' });
  }
  return flashBundle(bundle, to, { options, io });
}

interface Asked {
  readonly options: Options;
  readonly io: FlashStreams;
}

async function flashBundle(bundle: string, to: string, { options, io }: Asked): Promise<void> {
  const { dryRun, yes, json } = options;
  const source = await openWith(options)(bundle);
  // With --json standard output is for machines, and what people read goes beside it.
  const words = json ? io.err : io.out;
  const report = await flashOne({
    ...{ source, found: findTarget(to, source, options), mode: dryRun ? 'plan' : 'write', meter: meter(io) },
    onPlan: (sight, target) => {
      words.write(planInWords(source, sight, target));
      if (dryRun && json) io.out.write(`${JSON.stringify({ ok: true, dryRun: true, to, ...sight })}\n`);
    },
    confirm: () => confirm(yes, `Write generation ${source.manifest.generation} to ${to}?`, io),
  });
  if (report === null) words.write('next: the same without --dry-run\n');
  else say(report, json, io);
}

function flashList(list: string, options: Options, io: FlashStreams): Promise<void> {
  const { dryRun, yes, json, jobs } = options;
  return flashBatch({
    ...{ list, jobs, mode: dryRun ? 'plan' : 'write', open: openWith(options), shared: options },
    confirm: (question) => confirm(yes, question, io),
    out: { stream: io.out, kind: json ? 'json' : 'table' },
    say: (line) => io.err.write(`${line}\n`),
  });
}

function openWith({ site }: Options): (bundle: string) => Promise<SourceBundle> {
  const root = site === undefined ? null : newestOf(readChain(siteFile(site, 'bundleRoot')));
  return (bundle) => openSource(bundle, root);
}

async function confirm(yes: true | undefined, question: string, { input, err }: FlashStreams): Promise<void> {
  if (!yes) await askConsent(question, { input, output: err });
}

const meter = ({ err }: FlashStreams): MeterOutput => ({
  stream: err,
  kind: err.isTTY ? 'terminal' : 'lines',
  now: () => performance.now(),
});

function say(report: FlashReport, json: true | undefined, { out }: FlashStreams): void {
  out.write(json ? `${JSON.stringify({ ok: true, ...report })}\n` : reportInWords(report));
}

function jobs(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 64) return count;
  throw new InvalidArgumentError('Use 1 to 64.');
}
