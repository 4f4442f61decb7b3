import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WatchpostError } from '#contract/errors.ts';
import { nodeFlags, ROOT } from '../site/demo-site.ts';
import { renderUnit } from './unit-file.ts';

export const PROGRAMS = ['agent', 'broker', 'renewal'] as const;
export type Program = (typeof PROGRAMS)[number];

export interface PlannedFile {
  /** Absolute; below the `--root` of an image. */
  readonly path: string;
  readonly text: string;
}

/** Everything that makes a program a service of a machine. */
export interface ServicePlan {
  readonly files: readonly PlannedFile[];
  /** Units that are started with the machine. */
  readonly enabled: readonly string[];
  /** Paths of the files that name users and groups (sysusers.d(5)). */
  readonly users: readonly string[];
  /** Removed, so that what is done once is done again for new arguments. */
  readonly stale: readonly string[];
}

export interface PlanRequest {
  readonly program: Program;
  /** The program's own arguments, with absolute paths. */
  readonly args: readonly string[];
  readonly data: string;
  /** The device's folder where it runs from one: nothing is prepared then, and the service may write all of it. */
  readonly card?: string;
  /** Files that a device's folder is prepared from: its profile, the site's file. */
  readonly sources: readonly string[];
  readonly name: string;
  /** Where the program's folder is on the machine that will run it. */
  readonly programDir: string;
  readonly node: string;
}

const PREPARE = 'watchpost-prepare.service';
const UNITS: Record<Program, { readonly all: readonly string[]; readonly enabled: readonly string[] }> = {
  agent: {
    all: ['watchpost-agent.service', PREPARE, 'watchpost-last-resort@.service'],
    enabled: ['watchpost-agent.service', PREPARE],
  },
  broker: { all: ['watchpost-broker.service'], enabled: ['watchpost-broker.service'] },
  renewal: {
    all: ['watchpost-renewal.service', 'watchpost-renewal.timer'],
    enabled: ['watchpost-renewal.timer'],
  },
};

const UNIT_DIR = '/etc/systemd/system';
/** Hidden from a service: by ProtectHome=, by PrivateTmp=, by the next boot. */
const HIDDEN = ['/home', '/root', '/tmp', '/var/tmp', '/run', '/dev/shm'];

export const unitsOf = (program: Program): readonly string[] => UNITS[program].all;

/** @throws WatchpostError WP5082 for folders that the service could not see or have */
export function planService(request: PlanRequest): ServicePlan {
  const { program, args, data, card, sources, name, programDir, node } = request;
  for (const path of [programDir, node, ...args.filter((arg) => arg.startsWith('/'))]) requireVisible(path);
  const flags =
    program === 'renewal' ? [] : nodeFlags(program).map((flag) => flag.replaceAll(ROOT, `${programDir}/`));
  const values = { root: programDir, node, flags, args, files: sources, data, state: card ?? data, name };
  const isOurs = (unit: string) => card === undefined || unit !== PREPARE;
  // Who renews is root: nobody is made for it.
  const users = program === 'renewal' ? [] : [`/etc/sysusers.d/watchpost-${program}.conf`];
  return {
    files: [
      ...UNITS[program].all.filter(isOurs).map((unit) => ({
        path: join(UNIT_DIR, unit),
        text: renderUnit(unit, values),
      })),
      ...users.map((path) => ({ path, text: template(`watchpost-${program}.sysusers`) })),
      ...(program === 'agent' ? [watchdogFile()] : []),
    ],
    enabled: UNITS[program].enabled.filter(isOurs),
    users,
    stale: [join(data, 'prepared')],
  };
}

/** Where a unit is wanted from: what `systemctl enable` makes of `WantedBy=multi-user.target`. */
export const wantPath = (unit: string): string => join(UNIT_DIR, 'multi-user.target.wants', unit);

const watchdogFile = (): PlannedFile => ({
  path: '/etc/systemd/system.conf.d/50-watchpost.conf',
  text: template('watchdog.conf'),
});

const template = (name: string): string => readFileSync(join(ROOT, 'deploy/systemd', name), 'utf8');

function requireVisible(path: string): void {
  const hidden = HIDDEN.find((folder) => path === folder || path.startsWith(`${folder}/`));
  if (hidden === undefined) return;
  throw new WatchpostError('WP5082', {
    detail: `${path} is in ${hidden}, which a service does not see`,
    hint: 'Put the program into /opt/watchpost, and profiles, keys and the like into /etc/watchpost.',
  });
}
