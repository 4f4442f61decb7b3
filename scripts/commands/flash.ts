import { Command, Option } from 'commander';
import { WatchpostError } from '#contract/errors.ts';
import { newestOf, readChain } from '../bundle/root-chain.ts';
import { LOADERS } from '../flash/board/avrdude.ts';
import { askConsent } from '../flash/consent.ts';
import { type FlashReport, flashOne } from '../flash/flash-one.ts';
import { findTarget, type TargetOptions } from '../flash/open-target.ts';
import type { MeterOutput } from '../flash/progress.ts';
import { openSource } from '../flash/source-bundle.ts';
import { planInWords, reportInWords } from '../flash/words.ts';
import { siteFile } from '../site-authority/site-files.ts';

interface Options extends TargetOptions {
  readonly to?: string;
  readonly site?: string;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly json?: true;
}

const TARGETS = `
TARGET is one of
  DIR                    a device’s folder, as on its mounted card; or a mounted FAT stick
  FILE, /dev/sdX         the image of a card, or a card in a reader, with a FAT partition
  board:PORT             an Arduino on a serial port, its firmware by its bootloader

It plans, asks once, writes, reads back and compares. Cut off anywhere, what the device had is whole: run it again.
Exit codes: 0 done, 1 failed or refused, 2 wrong use.`;

/** `watchpost flash BUNDLE --to TARGET` */
export function flashCommand(): Command {
  return new Command('flash')
    .argument('[bundle]', 'the bundle, signed (NAME.wpb)')
    .option('--to <target>', 'where it goes')
    .option('--site <dir>', 'the site’s folder: the bundle must be signed by its keys')
    .option('--dry-run', 'say what would be done, and write nothing')
    .option('--yes', 'do not ask')
    .option('--force-device <device>', 'the name of a disk that is not removable, typed a second time')
    .option('--board <name>', 'of board:PORT: which of the bundle’s boards')
    .addOption(
      new Option('--model <model>', 'of board:PORT: where the profile does not say it').choices(
        Object.keys(LOADERS),
      ),
    )
    .option('--json', 'print one JSON line')
    .addHelpText('after', TARGETS)
    .action(flash);
}

async function flash(bundle: string | undefined, options: Options): Promise<void> {
  const { to, site, dryRun, yes, json } = options;
  if (bundle === undefined || to === undefined) {
    throw new WatchpostError('WP5024', { detail: 'give a bundle and --to' });
  }
  const root = site === undefined ? null : newestOf(readChain(siteFile(site, 'bundleRoot')));
  const source = await openSource(bundle, root);
  // With --json standard output is for machines, and what people read goes beside it.
  const words = json ? process.stderr : process.stdout;
  const report = await flashOne({
    ...{ source, found: findTarget(to, source, options), mode: dryRun ? 'plan' : 'write', meter: meter() },
    onPlan: (sight, target) => {
      words.write(planInWords(source, sight, target));
      if (dryRun && json)
        process.stdout.write(`${JSON.stringify({ ok: true, dryRun: true, to, ...sight })}\n`);
    },
    confirm: async () => {
      if (!yes) await askConsent(`Write generation ${source.manifest.generation} to ${to}?`, terminal());
    },
  });
  if (report === null) words.write('next: the same without --dry-run\n');
  else say(report, json);
}

const terminal = () => ({ input: process.stdin, output: process.stderr });

const meter = (): MeterOutput => ({
  stream: process.stderr,
  kind: process.stderr.isTTY ? 'terminal' : 'lines',
  now: () => performance.now(),
});

function say(report: FlashReport, json: true | undefined): void {
  process.stdout.write(json ? `${JSON.stringify({ ok: true, ...report })}\n` : reportInWords(report));
}
