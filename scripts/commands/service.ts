import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Argument, Command, Option } from 'commander';
import { readSettings } from '#agent/settings.ts';
import { readCommandLine } from '#broker/options.ts';
import { WatchpostError } from '#contract/errors.ts';
import { loadAddon } from '#contract/native-addon.ts';
import { install, uninstall } from '../services/apply.ts';
import { type PlanRequest, PROGRAMS, type Program, planService } from '../services/plan.ts';
import { readStatus, statusLines } from '../services/status.ts';
import { ROOT } from '../site/demo-site.ts';
import { readSiteSettings } from '../site-authority/site-files.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const PROJECT = ROOT.replace(/\/$/, '');

const program = () =>
  new Argument('<program>', 'agent, broker, or renewal of certificates').choices([...PROGRAMS]);
const root = () =>
  new Option('--root <dir>', 'write into this file system (of an image) instead of this machine').default(
    '/',
  );

/** `watchpost service`: makes agent, broker or the renewal of certificates a service of this machine, which systemd starts and keeps alive. */
export function serviceCommand(): Command {
  return new Command('service')
    .enablePositionalOptions()
    .addCommand(installCommand())
    .addCommand(uninstallCommand())
    .addCommand(statusCommand());
}

interface InstallOptions {
  readonly root: string;
  readonly dryRun?: true;
  readonly programDir: string;
  readonly node: string;
}

function installCommand(): Command {
  return new Command('install')
    .description(
      'write the units, make the user, start the program; options after its name are the program’s own',
    )
    .addArgument(program())
    .argument('[options...]', 'as for scripts/watchpost agent, broker, or identity renew')
    .option('--dry-run', 'show what would be written')
    .addOption(root())
    .option('--program-dir <dir>', 'where this project is on the machine that will run it', PROJECT)
    .option('--node <file>', 'Node 24 there', process.execPath)
    .passThroughOptions()
    .action((name: Program, args: string[], { dryRun, ...options }: InstallOptions) => {
      const plan = planService({ ...options, ...argumentsOf(name, args) });
      if (dryRun) {
        for (const { path, text } of plan.files) say(`# ${path}\n${text}`);
        return;
      }
      requireRight(options.root);
      // Without it the service could not say that it is ready, and would be ended for that.
      if (options.root === '/') loadAddon();
      install(plan, { root: resolve(options.root), say });
    });
}

function uninstallCommand(): Command {
  return new Command('uninstall')
    .description('stop the program and remove its units; its data stay')
    .addArgument(program())
    .addOption(root())
    .action((name: Program, options: { root: string }) => {
      requireRight(options.root);
      uninstall(name, { root: resolve(options.root), say });
    });
}

function statusCommand(): Command {
  return new Command('status')
    .description('what systemd says of it and, of an agent, what its starts were')
    .addArgument(program())
    .option('--json', 'one line of JSON')
    .addOption(root())
    .action((name: Program, options: { root: string; json?: true }) => {
      const status = readStatus(name, resolve(options.root));
      if (options.json) say(JSON.stringify(status));
      else for (const line of statusLines(status)) say(line);
    });
}

/** The program's own reading of them: what it would refuse at its start is refused here. */
function argumentsOf(name: Program, given: readonly string[]): Omit<PlanRequest, 'programDir' | 'node'> {
  const args = absolute(given, name === 'renewal' ? RENEWAL_PATHS : PATHS);
  if (name === 'agent') {
    const { address, dataDir, card } = readSettings(args);
    const sources = [optionOf(args, '--profile'), optionOf(args, '--site-file')].filter(
      (path) => path !== null,
    );
    const facts = { program: name, args, data: dataDir, sources };
    const folder = card === undefined ? {} : { card: card.dir };
    return { ...facts, ...folder, name: `${address.site}.${address.device}` };
  }
  if (name === 'renewal') {
    const site = optionOf(args, '--site');
    if (site === null) throw new WatchpostError('WP5024', { detail: '--site is missing' });
    readSiteSettings(site);
    return { program: name, args, data: site, sources: [], name: 'site' };
  }
  const line = readCommandLine(args, { out: say, error: (text) => process.stderr.write(text) });
  if (line.kind === 'exit') throw new WatchpostError('WP5024', { detail: 'options of the broker' });
  return { program: name, args, data: resolve(line.options.data), sources: [], name: 'site' };
}

const PATHS = new Set(['--profile', '--site-file', '--data', '--identity', '--config', '--card', '--inbox']);

/** There a site is a folder, not a name. */
const RENEWAL_PATHS = new Set(['--site']);

function optionOf(args: readonly string[], option: string): string | null {
  const at = args.findIndex((arg) => arg === option || arg.startsWith(`${option}=`));
  if (at < 0) return null;
  return args[at] === option ? (args[at + 1] ?? null) : (args[at]?.slice(option.length + 1) ?? null);
}

/** A service has a working folder of its own. */
function absolute(args: readonly string[], paths: ReadonlySet<string>): string[] {
  return args.map((arg, at) => {
    const [option = '', ...value] = arg.split('=');
    if (value.length > 0 && paths.has(option)) return `${option}=${resolve(value.join('='))}`;
    return paths.has(args[at - 1] ?? '') ? resolve(arg) : arg;
  });
}

function requireRight(target: string): void {
  if (target === '/' && process.getuid?.() !== 0) throw new WatchpostError('WP5080');
  if (target === '/' && !existsSync('/run/systemd/system')) throw new WatchpostError('WP5081');
}
