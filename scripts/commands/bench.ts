import { Command, InvalidArgumentError } from 'commander';
import { benchAgent } from '../bench/agent.ts';
import { benchAlarm } from '../bench/alarm.ts';
import { aboutBrokerRows, BROKER_ROWS, type BrokerRow, benchBroker, isBrokerRow } from '../bench/broker.ts';
import { benchJournal } from '../bench/journal.ts';
import { type Machine, thisMachine } from '../bench/machine.ts';
import { benchPlan } from '../bench/plan.ts';
import { rowsTable } from '../bench/rows-table.ts';
import { benchVoice } from '../bench/voice.ts';
import { benchWear } from '../bench/wear.ts';
import { detectBench } from './bench-detect.ts';

/** What every bench answers: its figures, and what they were measured on. */
export type BenchResult = Readonly<Record<string, unknown>> & {
  readonly bench: string;
  readonly machine: Machine;
};

/** `watchpost bench alarm|journal|agent|detect|voice|wear|plan|broker [--json]` */
export function benchCommand(): Command {
  return new Command('bench')
    .addHelpText('after', HELP)
    .addCommand(
      bench('alarm', 'from the debounced edge to the lamp, beside the least it can cost')
        .option('--presses <n>', 'how many to measure', count, 200)
        .option('--warm-up <n>', 'how many come before, unmeasured', countOrNone, 60)
        .action(({ presses, warmUp, json }) => show('alarm', json, () => benchAlarm({ presses, warmUp }))),
    )
    .addCommand(
      bench('journal', 'append and drain, beside bare batches of the same bytes')
        .option('--rounds <n>', 'how many batches to measure', count, 100)
        .option('--batch <n>', 'records in a batch', count, 200)
        .action(({ rounds, batch, json }) => show('journal', json, () => benchJournal({ rounds, batch }))),
    )
    .addCommand(
      bench('agent', 'start and memory of a pillar’s agent without vision, beside an empty Node process')
        .option('--starts <n>', 'how many to measure', count, 5)
        .option('--idle <seconds>', 'quiet before memory is read', countOrNone, 5)
        .action(({ starts, idle, json }) => show('agent', json, () => benchAgent({ starts, idleS: idle }))),
    )
    .addCommand(
      detectBench(
        bench('detect', 'the detector: how fast it is, and how often it is right'),
        (json, measure) => show('detect', json, measure),
      ),
    )
    .addCommand(
      bench('voice', 'how soon a prompt is heard after a press, on a sound server of its own')
        .option('--rounds <n>', 'how many to measure', count, 15)
        .action(({ rounds, json }) => show('voice', json, () => benchVoice({ rounds }))),
    )
    .addCommand(
      bench('wear', 'what a pillar writes to its card in a day, at rest and at work')
        .option('--minutes <n>', 'how long the quiet pillar is watched, at most 3', quietMinutes, 3)
        .option('--presses <n>', 'how many to measure', count, 5)
        .option('--hours <n>', 'of each day of samples that the journal is hurried through', count, 24)
        .option('--no-camera', 'leave out the device with a camera')
        .action(({ minutes, presses, hours, camera, json }) =>
          show('wear', json, () =>
            benchWear({ minutes, presses, hours, camera: camera ? 'with' : 'without' }),
          ),
        ),
    )
    .addCommand(
      bench('plan', 'routes on the graph of a large site, beside the same search without an estimate')
        .option('--nodes <n>', 'of the graph', count, 2000)
        .option('--routes <n>', 'how many to measure', count, 500)
        .action(({ nodes, routes, json }) => show('plan', json, async () => benchPlan({ nodes, routes }))),
    )
    .addCommand(
      bench('broker', 'the site broker beside aedes in memory, mosquitto and the bare disk')
        .argument('[row...]', 'which rows; all unless named', row)
        .option('--scale <share>', 'share of the sizes that the figures in the docs are taken with', share, 1)
        .addHelpText('after', `\nRows:\n${aboutBrokerRows()}`)
        .action((rows: BrokerRow[], { scale, json }) =>
          show('broker', json, () => benchBroker(rows.length === 0 ? BROKER_ROWS : rows, { scale })),
        ),
    );
}

const HELP = `
Ratios compare two things measured in the same run, in turns: they hold on a busy machine, milliseconds do not.
docs/benchmarks.md says what each one measures.`;

function bench(name: string, about: string): Command {
  return new Command(name).description(about).option('--json', 'print only one line of JSON');
}

async function show(bench: string, json: true | undefined, measure: () => Promise<object>): Promise<void> {
  if (json === undefined) process.stderr.write(`Measuring ${bench}; this takes up to a minute and a half…\n`);
  const result: BenchResult = { bench, ...(await measure()), machine: thisMachine() };
  process.stdout.write(json === true ? `${JSON.stringify(result)}\n` : rowsTable(result));
}

function row(name: string, before: BrokerRow[] = []): BrokerRow[] {
  if (isBrokerRow(name)) return [...before, name];
  throw new InvalidArgumentError(`use one of ${BROKER_ROWS.join(', ')}`);
}

function share(text: string): number {
  const number = Number(text);
  if (number > 0 && number <= 10) return number;
  throw new InvalidArgumentError('use a number above 0, at most 10');
}

/** Later than that after its start the device tests its path, which is a row of its own. */
function quietMinutes(text: string): number {
  const minutes = Number(text);
  if (minutes > 0 && minutes <= 3) return minutes;
  throw new InvalidArgumentError('use a number above 0, at most 3');
}

const count = (text: string): number => atLeast(1, text);
const countOrNone = (text: string): number => atLeast(0, text);

function atLeast(least: number, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && text.trim() !== '') return number;
  throw new InvalidArgumentError(`use a whole number from ${least} up`);
}
