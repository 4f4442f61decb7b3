import { existsSync, writeFileSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { WatchpostError } from '#contract/errors.ts';
import { NAME_PATTERN } from '#contract/names.ts';
import { lintProfile } from '../profiles/lint.ts';
import {
  type AnswerOptions,
  type Answers,
  answersOfFile,
  answersOfOptions,
  WIRINGS,
} from '../profiles/new/answers.ts';
import { composeProfile } from '../profiles/new/compose.ts';
import { type Interviewee, interview, optionOf, takesDefaults } from '../profiles/new/interview.ts';
import { modelOf } from '../profiles/new/models.ts';
import { atTerminal } from '../profiles/new/terminal.ts';
import { reportOf, shown, summaryOf } from '../profiles/report.ts';
import { sourcesOf } from '../profiles/sources.ts';
import { readVoices } from '../profiles/voice-facts.ts';

interface Options extends AnswerOptions {
  readonly answers?: string;
  readonly yes?: true;
}

/** `watchpost profile new FILE` */
export function profileNewCommand(): Command {
  return new Command('new')
    .description('ask what a device is like and write its profile')
    .argument('<file>', 'the YAML file to write; it must not be there yet')
    .option('--like <model>', 'the model of the library that it is like, such as pillars/school-gate')
    .option('--name <name>', 'its name; default: that of the file')
    .option('--description <text>', 'what it is, in a line')
    .option('--languages <tags>', 'what it speaks, with commas')
    .option('--supervision-s <seconds>', 'after how much silence it is told as lost')
    .option('--dwell-s <seconds>', 'after how long alone something is told as left behind')
    .option('--evidence-days <days>', 'for how long pictures are kept on it')
    .addOption(
      new Option('--wiring <kind>', 'what its contacts, lamp and siren hang on').choices([...WIRINGS]),
    )
    .option('--chip <label>', 'of the wiring gpio')
    .option('--port <path>', 'of the wiring firmata')
    .option('--board <model>', 'of the wiring firmata: uno, nano or mega')
    .option('--at <part=spot...>', 'the line or pin of a part: button=17 lamp=22')
    .option(
      '--answers <file>',
      'the answers as YAML, by the names of the options (supervisionS, at: { button: 17 })',
    )
    .option('--yes', 'take for every other question what the model has')
    .action(make);
}

async function make(name: string, options: Options): Promise<void> {
  const file = resolve(name);
  if (existsSync(file)) throw new WatchpostError('WP4072', { detail: shown(file) });
  const answers = await answered(known(file, options), options);
  const model = modelOf(answers.like ?? '');
  write(file, composeProfile(answers, model, file));
  const problems = lintProfile(sourcesOf(file, {}), await readVoices({}));
  process.stdout.write(
    [`${shown(file)} is written, like ${model.id}.`, ...problems.map(reportOf)].join('\n'),
  );
  process.stdout.write(`\n${summaryOf(1, problems)}\nnext: scripts/watchpost profile lint ${shown(file)}\n`);
  if (problems.some(({ severity }) => severity === 'error')) process.exitCode = 1;
}

/** @throws WatchpostError WP4074 */
function write(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new WatchpostError('WP4074', { detail: `${shown(file)}: ${why}`, cause });
  }
}

/** What the options say goes before what the file says. */
function known(file: string, { answers, yes: _yes, ...options }: Options): Answers {
  const fileName = basename(file, extname(file));
  const given = {
    ...(answers === undefined ? {} : answersOfFile(answers)),
    ...answersOfOptions(options),
  };
  const named = NAME_PATTERN.test(fileName) ? { name: fileName, ...given } : given;
  return given.like === undefined ? named : { ...named, like: modelOf(given.like).id };
}

/** @throws WatchpostError WP4070 naming the option that is missing, WP4075 where somebody gave up */
async function answered(answers: Answers, options: Options): Promise<Answers> {
  const result = await interview(answers, await interviewee(options));
  if (result.outcome === 'answered') return result.answers;
  const { question } = result;
  if (isAsked(options)) throw new WatchpostError('WP4075', { detail: question.text });
  const hint = `Give ${optionOf(question)}${question.initial === undefined ? '' : ', or --yes for what the model has'}.`;
  throw new WatchpostError('WP4070', { detail: question.text, hint });
}

/** Nothing is asked of a pipe or a script: it could not answer. */
const isAsked = ({ yes }: Options): boolean => !yes && process.stdin.isTTY && process.stdout.isTTY;

async function interviewee(options: Options): Promise<Interviewee> {
  if (isAsked(options)) return atTerminal({ input: process.stdin, output: process.stdout });
  return options.yes ? takesDefaults : { ask: async () => null };
}
