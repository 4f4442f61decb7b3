import { Command, InvalidArgumentError } from 'commander';
import { WatchpostError } from '#contract/errors.ts';
import type { BundleItem, RolloutItem } from '#contract/fleet.ts';
import {
  type BrokerFolder,
  follow,
  listBundles,
  listRollouts,
  moveRollout,
  readFleet,
  removeBundle,
  sendTo,
  showRollout,
  startRollout,
  uploadBundle,
} from '../fleet/site-client.ts';
import { fleetTable, isDrift, rolloutLine, rolloutTable } from '../fleet/table.ts';
import { readSiteSettings, siteFile } from '../site-authority/site-files.ts';

interface Common {
  readonly site?: string;
  readonly data?: string;
  readonly json?: true;
}

interface Following extends Common {
  readonly follow?: true;
}

interface StartOptions extends Following {
  readonly name?: string;
  readonly canary: number | string[];
  readonly percent: number[];
  readonly haltOn: number;
  readonly haltPercent?: number;
  readonly soak: number;
  readonly atOnce: number;
  readonly awayHours: number;
  readonly answerWithin: number;
}

const EXIT_CODES = '\nExit codes: 0 done, 1 failed, refused or halted, 2 wrong use.';

/** `watchpost fleet …`: what every device runs, and giving them other bundles over the network. */
export function fleetCommand(): Command {
  const command = new Command('fleet').description('what every device runs, and bundles for many of them');
  onSite(command, 'status', 'every device: what it runs, what it was given, and where that differs').action(
    status,
  );
  onSite(command, 'upload', 'bring bundles to the site; it verifies them')
    .argument('<files...>')
    .action(upload);
  onSite(command, 'bundles', 'the bundles that the site has').action(bundles);
  onSite(command, 'remove', 'take a bundle from the site').argument('<sha256>').action(remove);
  onSite(command, 'send', 'give one bundle to the device that it is for')
    .argument('<file>')
    .option('--follow', 'stay until the device has confirmed or refused it')
    .action(send);
  command.addCommand(rolloutCommand());
  return command;
}

function rolloutCommand(): Command {
  const rollout = new Command('rollout').description('give bundles to many devices, in stages');
  onSite(rollout, 'start', 'begin with the canaries; each stage waits until the one before is confirmed')
    .argument('<files...>', 'one bundle a device')
    .option('--name <words>', 'what it is about')
    .option('--canary <n|devices>', 'how many are the first stage, or which, with commas', canaryOf, 1)
    .option('--percent <list>', 'the stages after it, of all devices together', percentOf, [10, 50, 100])
    .option('--halt-on <n>', 'failures that halt it', numberOf, 1)
    .option('--halt-percent <share>', 'share of failures that halts it as well', numberOf)
    .option('--soak <seconds>', 'how long a stage must be well before the next', numberOf, 600)
    .option('--at-once <n>', 'devices at the same time', numberOf, 4)
    .option('--away-hours <h>', 'how long a stage waits for devices that are away', numberOf, 24)
    .option(
      '--answer-within <minutes>',
      'how long a device may try it before it counts as failed',
      numberOf,
      30,
    )
    .option('--follow', 'stay until it has ended or halted')
    .action(start);
  onSite(rollout, 'list', 'all of them, newest first').action(list);
  withId(rollout, 'show', 'its devices, by stage')
    .option('--follow', 'stay until it has ended or halted')
    .action(show);
  withId(rollout, 'pause', 'begin no other device').action((id: number, options: Common) =>
    move(id, 'pause', options),
  );
  withId(rollout, 'resume', 'go on, also after a halt')
    .option('--retry', 'with those that failed as well')
    .action((id: number, options: Common & { retry?: true }) =>
      move(id, 'resume', options, { failed: options.retry ? 'retried' : 'left' }),
    );
  withId(rollout, 'abort', 'end it: whoever has not got it is spared').action((id: number, options: Common) =>
    move(id, 'abort', options),
  );
  return rollout;
}

function onSite(command: Command, name: string, about: string): Command {
  return command
    .command(name)
    .description(about)
    .option('--site <dir>', 'the site’s folder (site init)')
    .option('--data <dir>', 'instead: the data folder of its broker')
    .option('--json', 'print JSON lines')
    .addHelpText('after', EXIT_CODES);
}

const withId = (command: Command, name: string, about: string): Command =>
  onSite(command, name, about).argument('<id>', 'number of the roll-out', numberOf);

/** The running broker of a site. Throws WP4602, WP4402. */
function brokerOf({ site, data }: Common): BrokerFolder {
  if (data !== undefined) return { dataDir: data };
  if (site === undefined) throw new WatchpostError('WP4602');
  readSiteSettings(site);
  return { dataDir: siteFile(site, 'broker') };
}

async function status(options: Common): Promise<void> {
  const items = await readFleet(brokerOf(options));
  if (options.json) {
    for (const item of items) print(JSON.stringify(item));
    return;
  }
  if (items.length === 0)
    return print(`no device is known\nnext: scripts/watchpost provision DEVICE ${where(options)} …`);
  print(fleetTable(items));
  const drifted = items.filter(isDrift).length;
  print(
    drifted === 0 ? `${items.length} devices, no drift` : `${items.length} devices, ${drifted} with drift`,
  );
}

async function upload(files: string[], options: Common): Promise<void> {
  for (const item of await uploadAll(files, options)) {
    const { device, generation, sha256 } = item;
    print(
      options.json ? JSON.stringify(item) : `${device} generation ${generation}: at the site as ${sha256}`,
    );
  }
  if (!options.json)
    print(`next: scripts/watchpost fleet rollout start ${files.join(' ')} ${where(options)}`);
}

async function uploadAll(files: readonly string[], options: Common): Promise<BundleItem[]> {
  const items: BundleItem[] = [];
  for (const file of files) items.push(await uploadBundle(brokerOf(options), file));
  return items;
}

async function bundles(options: Common): Promise<void> {
  const items = await listBundles(brokerOf(options));
  if (items.length === 0 && !options.json) print('the site has no bundles');
  for (const item of items) {
    const { device, generation, sha256, bytes, expiresAt } = item;
    print(
      options.json
        ? JSON.stringify(item)
        : `${device} generation ${generation}  ${bytes} bytes  until ${expiresAt.slice(0, 10)}  ${sha256}`,
    );
  }
}

async function remove(sha256: string, options: Common): Promise<void> {
  await removeBundle(brokerOf(options), sha256);
  print(options.json ? JSON.stringify({ removed: sha256 }) : `removed ${sha256}`);
}

async function send(file: string, options: Following): Promise<void> {
  const [item] = await uploadAll([file], options);
  if (item === undefined) return;
  await begun(await sendTo(brokerOf(options), item), options);
}

async function start(files: string[], options: StartOptions): Promise<void> {
  const items = await uploadAll(files, options);
  const { canary, percent, soak, atOnce, haltOn, haltPercent = null, name } = options;
  const waits = { awayH: options.awayHours, answerMin: options.answerWithin };
  const site = items[0]?.device.split('.')[0] ?? '';
  const rollout = await startRollout(brokerOf(options), {
    ...(name === undefined ? {} : { name }),
    bundles: items.map(({ sha256 }) => sha256),
    canary:
      typeof canary === 'number' ? canary : canary.map((id) => (id.includes('.') ? id : `${site}.${id}`)),
    percent,
    rules: { soakS: soak, atOnce, haltOn, haltPercent, ...waits },
  });
  await begun(rollout, options);
}

/** Says what was begun, and stays with it where that was asked for. Rejects with WP4601 when it does not end well. */
async function begun(item: RolloutItem, options: Following): Promise<void> {
  if (!options.follow) {
    say(item, options);
    if (!options.json)
      print(`next: scripts/watchpost fleet rollout show ${item.id} --follow ${where(options)}`);
    return;
  }
  await followed(item.id, options);
}

async function followed(id: number, options: Common): Promise<void> {
  const ended = await follow(brokerOf(options), id, {
    onChange: (item) => print(options.json ? JSON.stringify(item) : progressOf(item)),
  });
  if (ended.state !== 'finished') throw new WatchpostError('WP4601', { detail: rolloutLine(ended) });
  if (!options.json) print(`next: scripts/watchpost fleet status ${where(options)}`);
}

/** What is going on, in one line. */
function progressOf(item: RolloutItem): string {
  const busy = item.members.filter(({ state }) => ['sending', 'installing', 'trial'].includes(state));
  const who = busy.map(({ device, state, sentBytes, bytes }) =>
    state === 'sending'
      ? `${device} ${Math.floor((100 * sentBytes) / Math.max(1, bytes))} %`
      : `${device} ${state}`,
  );
  return `${rolloutLine(item)}${who.length === 0 ? '' : `; now ${who.join(', ')}`}`;
}

async function list(options: Common): Promise<void> {
  const items = await listRollouts(brokerOf(options));
  if (items.length === 0 && !options.json) print('there was no roll-out yet');
  for (const item of items) print(options.json ? JSON.stringify(item) : rolloutLine(item));
}

async function show(id: number, options: Following): Promise<void> {
  if (options.follow) return followed(id, options);
  say(await showRollout(brokerOf(options), id), options);
}

async function move(
  id: number,
  step: 'pause' | 'resume' | 'abort',
  options: Common,
  body?: object,
): Promise<void> {
  const item = await moveRollout(brokerOf(options), id, body === undefined ? { step } : { step, body });
  say(item, options);
}

function say(item: RolloutItem, { json }: Common): void {
  print(json ? JSON.stringify(item) : rolloutTable(item));
}

const where = ({ site, data }: Common): string => (site === undefined ? `--data ${data}` : `--site ${site}`);

const print = (line: string): void => void process.stdout.write(`${line}\n`);

function numberOf(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('Use a number.');
  return value;
}

function canaryOf(text: string): number | string[] {
  return /^\d+$/.test(text) ? Number(text) : text.split(',').map((id) => id.trim());
}

const percentOf = (text: string): number[] => text.split(',').map((part) => numberOf(part));
