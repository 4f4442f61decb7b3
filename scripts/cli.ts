import { Command, CommanderError } from 'commander';
import { refusalOf } from './refusal.ts';

/** The commands; each is loaded only when it is asked for. */
const COMMANDS: Record<string, { about: string; load: () => Promise<Command> }> = {
  up: {
    about: 'start a site here: broker, one alarm pillar, one patrol robot',
    load: async () => (await import('./commands/up.ts')).upCommand(),
  },
  prepare: {
    about: 'resolve a profile and render its voice into a device’s folder (agent does this by itself)',
    load: async () => (await import('./commands/prepare.ts')).prepareCommand(),
  },
  'prepare-card': {
    about: 'draw what the simulated camera of a device’s folder looks at (agent does this by itself)',
    load: async () => (await import('./commands/prepare-card.ts')).prepareCardCommand(),
  },
  sim: {
    about: 'work the simulated hardware of a running device',
    load: async () => (await import('./commands/sim.ts')).simCommand(),
  },
  detect: {
    about: 'find things left behind in a video',
    load: async () => (await import('./commands/detect.ts')).detectCommand(),
  },
  camera: {
    about: 'check and draw the zones of a camera, and look after its model',
    load: async () => (await import('./commands/camera.ts')).cameraCommand(),
  },
  profile: {
    about: 'check and show device profiles',
    load: async () => (await import('./commands/profile.ts')).profileCommand(),
  },
  map: {
    about: 'check and show the map of a site, and plan on it',
    load: async () => (await import('./commands/map.ts')).mapCommand(),
  },
  bundle: {
    about: 'make, sign and verify what a device runs from, as one file',
    load: async () => (await import('./commands/bundle.ts')).bundleCommand(),
  },
  flash: {
    about: 'bring a bundle to a device: card, stick, ssh, board',
    load: async () => (await import('./commands/flash.ts')).flashCommand(),
  },
  slots: {
    about: 'say what a device’s folder holds: what runs, what is tried, what waits',
    load: async () => (await import('./commands/slots.ts')).slotsCommand(),
  },
  voice: {
    about: 'speak and check the prompts',
    load: async () => (await import('./commands/voice.ts')).voiceCommand(),
  },
  audit: {
    about: 'check and export the audit chain of a site',
    load: async () => (await import('./commands/audit.ts')).auditCommand(),
  },
  people: {
    about: 'name the people of a running site and their roles',
    load: async () => (await import('./commands/people.ts')).peopleCommand(),
  },
  token: {
    about: 'make and revoke tokens for programs of a running site',
    load: async () => (await import('./commands/token.ts')).tokenCommand(),
  },
  broker: {
    about: 'the site itself; and to look after it: backup, restore, check, compact',
    load: async () => (await import('./commands/broker.ts')).brokerCommand(),
  },
  site: {
    about: 'make a site with its keys, and renew the broker’s certificate',
    load: async () => (await import('./commands/site.ts')).siteCommand(),
  },
  provision: {
    about: 'give a device its key and certificate',
    load: async () => (await import('./commands/provision.ts')).provisionCommand(),
  },
  identity: {
    about: 'list the certificates of a site, renew them, and take them back',
    load: async () => (await import('./commands/identity.ts')).identityCommand(),
  },
  commission: {
    about: 'accept a device, step by step, with a signed certificate',
    load: async () => (await import('./commands/commission.ts')).commissionCommand(),
  },
  fleet: {
    about: 'what every device runs, and bundles for many of them over the network',
    load: async () => (await import('./commands/fleet.ts')).fleetCommand(),
  },
  service: {
    about: 'make agent or broker a service that systemd keeps alive',
    load: async () => (await import('./commands/service.ts')).serviceCommand(),
  },
  doctor: {
    about: 'look for what is wrong with a device or a laptop, and say what mends it',
    load: async () => (await import('./commands/doctor.ts')).doctorCommand(),
  },
  support: {
    about: 'collect logs, versions and states for whoever helps, without secrets and pictures',
    load: async () => (await import('./commands/support.ts')).supportCommand(),
  },
  bench: {
    about: 'measure alarm path, journal, agent and detection',
    load: async () => (await import('./commands/bench.ts')).benchCommand(),
  },
};

/** Programs of their own, started by scripts/watchpost itself; listed here for --help. */
const PROGRAMS = {
  agent: 'the runtime of one device',
};

/** Runs the command line and answers the exit code: 0 done, 1 failed, 2 wrong use. */
export async function runCli(args: readonly string[]): Promise<number> {
  const program = new Command('watchpost')
    .usage('COMMAND …')
    .description('Watchpost: runtime of public-safety edge devices and of the site they report to');
  const wanted = COMMANDS[args.find((arg) => !arg.startsWith('-')) ?? ''];
  if (wanted === undefined) describeAll(program);
  else program.addCommand((await wanted.load()).description(wanted.about));
  strict(program);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return report(error, program, args);
  }
}

function describeAll(program: Command): void {
  for (const [name, about] of Object.entries(PROGRAMS)) program.command(name).description(about);
  for (const [name, { about }] of Object.entries(COMMANDS)) program.command(name).description(about);
}

/** Errors are thrown here instead of printed and ending the process. */
function strict(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => undefined });
  // Else `commission` would take the options of `commission verify` for its own. Not everywhere: `sim press --json` must go on.
  if (command.parent === null || sharesOptions(command)) command.enablePositionalOptions();
  for (const inner of command.commands) strict(inner);
}

/** Whether an option is both the command's and that of a command within it. */
const sharesOptions = ({ commands, options }: Command): boolean =>
  commands.some((inner) => inner.options.some(({ long }) => options.some((own) => own.long === long)));

function report(error: unknown, program: Command, args: readonly string[]): number {
  // Help was asked for, or is what was printed for want of a command.
  if (error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help')) {
    return error.exitCode === 0 ? 0 : 2;
  }
  const refusal = refusalOf(error, program, args);
  if (refusal === null) throw error;
  process.stderr.write(refusal.text);
  return refusal.exit;
}

/** As a program ends whose reader has gone (`… | head`): 128 and SIGPIPE, which Node ignores. */
const READER_GONE = 141;

function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(READER_GONE);
  throw error;
}

if (import.meta.main) {
  process.stdout.on('error', endWithReader);
  process.exitCode = await runCli(process.argv.slice(2));
}
