import { type Command, InvalidArgumentError } from 'commander';
import { benchDetect } from '../bench/detect.ts';
import { DETECT_PARTS, type DetectPartOptions } from '../bench/detect-parts.ts';
import { thisMachine } from '../bench/machine.ts';
import { rowsTable } from '../bench/rows-table.ts';

interface DetectBenchOptions {
  readonly input?: string;
  readonly perturb?: true;
  readonly only?: string;
  readonly scenario?: string;
  readonly seeds?: number;
  readonly firstSeed?: number;
  readonly json?: true;
}

/** `watchpost bench detect [PART] [--perturb] [--only NAME] [--seeds N] [--json]`; `show` prints what it measures. */
export function detectBench(
  command: Command,
  show: (json: true | undefined, measure: () => Promise<object>) => Promise<void>,
): Command {
  return command
    .argument('[part]', 'what to measure; without one, the speed on a video', part)
    .option('--input <file>', 'a video for the speed; without one, the clip that the project draws')
    .option('--perturb', 'the same as perturb')
    .option('--only <text>', 'clips, perturbations or scenarios with this in their name')
    .option('--scenario <text>', 'the same as --only')
    .option('--seeds <n>', 'how many scenes to draw', atLeastOne)
    .option('--first-seed <n>', 'the first of them', atLeastOne)
    .addHelpText('after', `\nParts:\n${aboutParts()}`)
    .action((name: string | undefined, options: DetectBenchOptions) => {
      const asked = options.perturb === true ? 'perturb' : name;
      if (asked === undefined) return show(options.json, () => benchDetect({ input: options.input }));
      return showPart(asked, options);
    });
}

const aboutParts = (): string =>
  Object.entries(DETECT_PARTS)
    .map(([name, { about }]) => `  ${name.padEnd(12)}${about}\n`)
    .join('');

async function showPart(name: string, options: DetectBenchOptions): Promise<void> {
  const isQuiet = options.json === true || !process.stderr.isTTY;
  const asked: DetectPartOptions = {
    only: options.only ?? options.scenario,
    seeds: options.seeds,
    firstSeed: options.firstSeed,
    onStep: isQuiet ? () => undefined : (what) => process.stderr.write(`\r${what}\x1b[K`),
  };
  const measured = (await DETECT_PARTS[name]?.run(asked)) ?? {};
  if (!isQuiet) process.stderr.write('\r\x1b[K');
  const result = { bench: `detect ${name}`, ...measured, machine: thisMachine() };
  process.stdout.write(options.json === true ? `${JSON.stringify(result)}\n` : rowsTable(result));
}

function part(name: string): string {
  if (Object.hasOwn(DETECT_PARTS, name)) return name;
  throw new InvalidArgumentError(`use one of ${Object.keys(DETECT_PARTS).join(', ')}`);
}

function atLeastOne(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && text.trim() !== '') return number;
  throw new InvalidArgumentError('use a whole number from 1 up');
}
