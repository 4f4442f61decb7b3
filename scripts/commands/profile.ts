import { Command } from 'commander';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import { WatchpostError } from '#contract/errors.ts';
import { profileJsonSchema } from '../generate/profile-schema.ts';
import { profileChanges } from '../profiles/diff/diff.ts';
import { type Explained, explainProfile } from '../profiles/explain.ts';
import { type LintProblem, lintProfile } from '../profiles/lint.ts';
import { reportOf, shown, summaryOf } from '../profiles/report.ts';
import { simulated } from '../profiles/simulated.ts';
import { resolved, type SiteOptions, sourcesOf } from '../profiles/sources.ts';
import { readVoices } from '../profiles/voice-facts.ts';
import { profileNewCommand } from './profile-new.ts';

interface Options extends SiteOptions {
  readonly json?: true;
}

/** `watchpost profile lint|show|explain|diff|new|schema` */
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
  const explained = profile.command('explain').argument('<file>', 'the profile');
  withSite(explained.argument('[path]', 'only what stands there, such as camera or inputs[0]'))
    .description('print every value with where it comes from: file and line, or which default')
    .action(explain);
  const compared = profile.command('diff').argument('<before>', 'a profile, or the profile.json of a device');
  withSite(compared.argument('<after>', 'the profile that takes its place'))
    .description('say in words what changes on a device')
    .action(diff);
  profile
    .command('schema')
    .description('print the JSON Schema of resolved profiles')
    .option('--source', 'that of profiles as people write them, for editors')
    .option('--site', 'that of site files')
    .action(schema);
  profile.addCommand(profileNewCommand());
  return profile;
}

async function schema({ source, site }: { readonly source?: true; readonly site?: true }): Promise<void> {
  // Reads the comments of the sources by the compiler: loaded only here.
  const { profileSourceSchema, siteFileSchema } = await import('../generate/profile-source-schema.ts');
  printJson(site ? siteFileSchema() : source ? profileSourceSchema() : profileJsonSchema(), {});
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

function explain(file: string, path: string | undefined, options: Options): void {
  const all = explainProfile(sourcesOf(file, options));
  const wanted = all.filter((each) => path === undefined || isBelow(each.path, path));
  if (wanted.length === 0) throw new WatchpostError('WP4073', { detail: path ?? file });
  for (const each of wanted) {
    process.stdout.write(`${options.json ? JSON.stringify(each) : explanationOf(each)}\n`);
  }
}

const isBelow = (path: string, top: string): boolean =>
  path === top || (path.startsWith(top) && /^[.[]/.test(path.slice(top.length)));

function explanationOf({ path, value, from, over }: Explained): string {
  const replaced = over.map((below) => `, over ${JSON.stringify(below.value)} of ${below.from}`);
  return `${path} = ${JSON.stringify(value)}  (${from}${replaced.join('')})`;
}

/** What a device has (its profile.json) is whole: no site file is laid over it. */
function resolvedFor(file: string, options: Options): DeviceProfile {
  return resolved(file, file.endsWith('.json') ? {} : options).profile;
}

function diff(before: string, after: string, options: Options): void {
  const changes = profileChanges(resolvedFor(before, options), resolvedFor(after, options));
  for (const change of changes) {
    process.stdout.write(`${options.json ? JSON.stringify(change) : `- ${change.says}`}\n`);
  }
  if (options.json) return;
  const count = changes.length === 1 ? '1 change' : `${changes.length} changes`;
  process.stdout.write(changes.length === 0 ? 'Nothing changes on the device.\n' : `${count}.\n`);
}

function printJson(document: object, { json }: Options): void {
  process.stdout.write(`${JSON.stringify(document, null, json ? undefined : 2)}\n`);
}
