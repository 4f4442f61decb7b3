import { Command } from 'commander';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import { describeProblem, ProfileError } from '#agent/profile/problem.ts';
import { type ResolvedProfile, resolveProfile } from '#agent/profile/resolve.ts';
import { profileJsonSchema } from '../generate/profile-schema.ts';

interface SiteOptions {
  readonly siteFile?: string;
  readonly device?: string;
  readonly json?: true;
}

/** `watchpost profile lint|show|explain|schema` */
export function profileCommand(): Command {
  const profile = new Command('profile');
  withSite(profile.command('lint').argument('<file...>', 'profiles to check'))
    .description('check profiles; every problem with file, line, path and what would be right')
    .action(lint);
  withSite(profile.command('show').argument('<file>', 'the profile'))
    .description('print the resolved profile as JSON')
    .action((file: string, options: SiteOptions) => printJson(resolve(file, options).profile, options));
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

/** A profile of the library leaves its place to the site. */
const PLACE_OF_THE_SITE = { place: { label: '(from the site file)', latitude: 0, longitude: 0 } };

function resolve(file: string, { siteFile, device }: SiteOptions): ResolvedProfile {
  return resolveProfile({
    file,
    drivers: DRIVER_SCHEMAS,
    assumed: siteFile === undefined ? PLACE_OF_THE_SITE : {},
    ...(siteFile === undefined ? {} : { siteFile }),
    ...(device === undefined ? {} : { device }),
  });
}

function lint(files: readonly string[], options: SiteOptions): void {
  for (const file of files) {
    const problems = problemsOf(file, options);
    if (problems.length > 0) process.exitCode = 1;
    if (options.json) {
      for (const problem of problems) process.stdout.write(`${JSON.stringify(problem)}\n`);
    } else {
      const lines = problems.length === 0 ? [`${file}: in order`] : problems.map(describeProblem);
      process.stdout.write(`${lines.join('\n')}\n`);
    }
  }
}

function problemsOf(file: string, options: SiteOptions): ProfileError['problems'] {
  try {
    resolve(file, options);
    return [];
  } catch (error) {
    if (error instanceof ProfileError) return error.problems;
    throw error;
  }
}

function explain(file: string, options: SiteOptions): void {
  const { profile, origins } = resolve(file, options);
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

function printJson(document: object, { json }: SiteOptions): void {
  process.stdout.write(`${JSON.stringify(document, null, json ? undefined : 2)}\n`);
}
