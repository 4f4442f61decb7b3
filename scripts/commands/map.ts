import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { WatchpostError } from '#contract/errors.ts';
import { type MapProblem, problemText } from '#contract/site-map/problem.ts';
import { type ReadSiteMap, readSiteMap, SITE_MAP_FILE } from '#contract/site-map/read-site-map.ts';
import { type Route, RoutePlanner } from '#contract/site-map/route-planner.ts';
import type { SiteMap } from '#contract/site-map/site-map.ts';
import { describeMap } from '../site-map/describe-map.ts';

const EXIT_CODES = '\nExit codes: 0 fine (warnings are said), 1 an error in a map or no route, 2 wrong use.';

/** `watchpost map …`: plans of floors, routes and zones of a site (docs/site-map.md). */
export function mapCommand(): Command {
  const command = new Command('map').description('check and show the map of a site, and plan on it');
  command
    .command('lint')
    .description('say what is wrong with maps, with file, place and what would be right')
    .argument('<dir...>', 'folders with site-map.yaml, or that file')
    .option('--json', 'one problem a line, as JSON')
    .addHelpText('after', EXIT_CODES)
    .action(lint);
  command
    .command('show')
    .description('floors, graph and zones as text')
    .argument('<dir>', 'the folder with site-map.yaml')
    .option('--json', 'as JSON')
    .addHelpText('after', EXIT_CODES)
    .action((dir: string, { json }: { json?: true }) => {
      const said = describeMap(requireMap(dir));
      process.stdout.write(json ? `${JSON.stringify(said.facts)}\n` : said.text);
    });
  command
    .command('plan')
    .description('the quickest way from one place to another')
    .argument('<from>', 'a node, a station, a fixed device, or FLOOR:X,Y')
    .argument('<to>', 'the same')
    .requiredOption('--map <dir>', 'the folder with site-map.yaml')
    .option('--vehicle <type>', 'type of vehicle, as the graph names it')
    .option('--speed <metres a second>', 'at most; the site’s own unless said', speed)
    .option('--blocked <id...>', 'edges and nodes that cannot be used now')
    .option('--json', 'as JSON')
    .addHelpText('after', EXIT_CODES)
    .action(plan);
  return command;
}

function lint(dirs: readonly string[], { json }: { json?: true }): void {
  const read = dirs.map((dir) => ({ dir, ...readSiteMap(folderOf(dir)) }));
  for (const { dir, problems } of read) {
    for (const problem of problems) {
      const line = json ? JSON.stringify({ dir, ...problem }) : `${folderOf(dir)}/${problemText(problem)}`;
      process.stdout.write(`${line}\n`);
    }
  }
  const broken = read.filter(({ map }) => map === null).length;
  const warnings = read.flatMap(({ problems }) =>
    problems.filter(({ severity }) => severity === 'warning'),
  ).length;
  if (!json) process.stdout.write(`${read.length - broken} fine, ${broken} broken, ${warnings} warnings\n`);
  if (broken > 0) process.exitCode = 1;
}

interface PlanOptions {
  readonly map: string;
  readonly vehicle?: string;
  readonly speed?: number;
  readonly blocked?: readonly string[];
  readonly json?: true;
}

function plan(
  from: string,
  to: string,
  { map: dir, vehicle, speed: speedMps, blocked = [], json }: PlanOptions,
): void {
  const map = requireMap(dir);
  const planner = new RoutePlanner(map, { vehicleType: vehicle, speedMps });
  const route = planner.plan({ from, to, blocked: new Set(blocked) });
  process.stdout.write(json ? `${JSON.stringify(route)}\n` : routeText(route, map));
}

function routeText({ nodes, metres, seconds, turningS }: Route, map: SiteMap): string {
  const lines = nodes.map((id) => {
    const node = map.nodes.get(id);
    return node === undefined ? id : `  ${id}  ${node.name ?? ''}  (${node.map} ${node.at.join(', ')})`;
  });
  const total = `${metres.toFixed(1)} m, ${seconds.toFixed(0)} s, of which ${turningS.toFixed(0)} s turning`;
  return `${lines.join('\n')}\n${total}\n`;
}

/** The map, or what is wrong with it as an error. */
function requireMap(dir: string): SiteMap {
  const { map, problems }: ReadSiteMap = readSiteMap(folderOf(dir));
  if (map !== null) return map;
  const isError = ({ severity }: MapProblem) => severity === 'error';
  const [first, ...others] = problems.filter(isError);
  if (first === undefined) throw new WatchpostError('WP4801', { detail: dir });
  const more = others.length === 0 ? '' : `, and ${others.length} more: scripts/watchpost map lint ${dir}`;
  throw new WatchpostError(first.code, { detail: `${problemText(first)}${more}`, hint: first.hint });
}

/** A file in a map stands for the map. */
const folderOf = (path: string): string =>
  basename(path) === SITE_MAP_FILE || statSync(path, { throwIfNoEntry: false })?.isFile() === true
    ? dirname(path)
    : path;

function speed(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 20) return value;
  throw new InvalidArgumentError('use metres a second, above 0, at most 20');
}
