import { Command } from 'commander';
import { profileJsonSchema } from '../generate/profile-schema.ts';
import { type LintProblem, lintProfile } from '../profiles/lint.ts';
import { reportOf, shown, summaryOf } from '../profiles/report.ts';
import { simulated } from '../profiles/simulated.ts';
import { resolved, type SiteOptions, sourcesOf } from '../profiles/sources.ts';
import { readVoices } from '../profiles/voice-facts.ts';

interface Options extends SiteOptions {
  readonly json?: true;
}

/** `watchpost profile lint|show|explain|schema` */
export function profileCommand(): Command {
  const profile = new Command('profile');
  withSite(profile.command('lint').argument('<file...>', 'profiles to check'))
    .description('check profiles, shape and data; every problem with file, line, code and what to do')
    .option('--voice <dir>', 'the folder of a device whose rendered clips are looked at')
    .action(lint);
  withSite(profile.command('show').argument('<file>', 'the profile'))
    .description('print the resolved profile as JSON')
    .option('--simulated', 'with all its hardware simulated, to be tried where there is none')
    .action(show);
  withSite(profile.command('explain').argument('<file>', 'the profile'))
    .description('print every value with the file and line that it comes from')
    .action(explain);
  profile
    .command('schema')
    .description('print the JSON Schema of profiles')
    .action(() => printJson(profileJsonSchema(), {}));
  return profile;
}

function withSite(command: Command): Command {
  return command
    .option('--site-file <file>', 'the site’s file, laid over the profile')
    .option('--device <id>', 'which device of the site file')
    .option('--json', 'print only JSON lines');
}

function show(file: string, options: Options & { readonly simulated?: true }): void {
  const { profile } = resolved(file, options);
  printJson(options.simulated === undefined ? profile : simulated(profile), options);
}

async function lint(files: readonly string[], options: Options & { readonly voice?: string }): Promise<void> {
  const voices = await readVoices(options.voice === undefined ? {} : { deviceDir: options.voice });
  const found = files.map((file) => ({ file, problems: lintProfile(sourcesOf(file, options), voices) }));
  const problems = found.flatMap((each) => each.problems);
  if (problems.some(({ severity }) => severity === 'error')) process.exitCode = 1;
  if (options.json) {
    for (const problem of problems) process.stdout.write(`${JSON.stringify(problem)}\n`);
    return;
  }
  for (const { file, problems } of found) process.stdout.write(`${paragraphOf(file, problems)}\n`);
  process.stdout.write(`${summaryOf(files.length, problems)}\n`);
}

function paragraphOf(file: string, problems: readonly LintProblem[]): string {
  return problems.length === 0 ? `${shown(file)}: in order` : problems.map(reportOf).join('\n');
}

function explain(file: string, options: Options): void {
  const { profile, origins } = resolved(file, options);
  for (const [path, value] of leaves(profile, '')) {
    const origin = origins.get(path);
    const from = origin === undefined ? 'default' : `${origin.file}:${origin.line}`;
    const line = options.json
      ? JSON.stringify({ path, value, from })
      : `${path} = ${JSON.stringify(value)}  (${from})`;
    process.stdout.write(`${line}\n`);
  }
}

function leaves(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  if (Array.isArray(value)) return value.flatMap((item, index) => leaves(item, `${path}[${index}]`));
  return Object.entries(value).flatMap(([key, item]) => leaves(item, path === '' ? key : `${path}.${key}`));
}

function printJson(document: object, { json }: Options): void {
  process.stdout.write(`${JSON.stringify(document, null, json ? undefined : 2)}\n`);
}
