import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VisionLimits } from '#agent/ports/vision-limits.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';

export interface ControlGroupParts {
  readonly limits: VisionLimits;
  readonly log: Log;
  /** Where control groups version 2 are mounted. */
  readonly root?: string;
  /** What /proc/self/cgroup says. */
  readonly membership?: string;
  readonly pid?: number;
}

const CONTROLLERS = ['memory', 'cpu', 'pids'] as const;

/**
 * Divides the control group that a service manager has given this program (`Delegate=`): itself into `agent`, and a
 * group `vision` beside it with limits of its own. systemd 252 does not do that by itself (`DelegateSubgroup=` came with
 * 254), and a group that has members cannot hand controllers on to those below it (cgroups(7), "no internal processes").
 * Answers the folder of `vision`, or null where there is none: that is logged (WP2616), and the agent goes on without.
 */
export function divideControlGroup(parts: ControlGroupParts): string | null {
  const { limits, log, root = '/sys/fs/cgroup', pid = process.pid } = parts;
  try {
    const group = join(root, ownGroup(parts.membership ?? readFileSync('/proc/self/cgroup', 'utf8')));
    const vision = join(group, 'vision');
    enter(join(group, 'agent'), pid);
    const offered = readFileSync(join(group, 'cgroup.controllers'), 'utf8').trim().split(/\s+/);
    const missing = CONTROLLERS.filter((name) => !offered.includes(name));
    if (missing.length > 0) throw unlimited(`no ${missing.join(', ')} in ${group}`);
    write(join(group, 'cgroup.subtree_control'), CONTROLLERS.map((name) => `+${name}`).join(' '));
    mkdirSync(vision, { recursive: true });
    for (const [file, value] of Object.entries(limitFiles(limits))) write(join(vision, file), value);
    log.info({ group: vision, ...limits }, 'control-group.divided');
    return vision;
  } catch (cause) {
    const error = cause instanceof WatchpostError ? cause : unlimited(String(cause), cause);
    log.warn({ code: error.code, detail: error.detail, hint: error.hint }, 'control-group.not-divided');
    return null;
  }
}

/** The line of version 2 is `0::PATH` (cgroups(7)). Never that of a login session, which is not ours to divide. */
function ownGroup(membership: string): string {
  const path = /^0::(\/.*\.service)$/m.exec(membership)?.[1];
  if (path === undefined) throw unlimited('this is not a service in a control group of version 2');
  return path;
}

function enter(group: string, pid: number): void {
  mkdirSync(group, { recursive: true });
  write(join(group, 'cgroup.procs'), String(pid));
}

/** Killed as a whole: half a vision process is none. */
function limitFiles({ memoryMiB, cpuWeight, tasks }: VisionLimits): Record<string, string> {
  return {
    'memory.max': String(memoryMiB * 1024 * 1024),
    'memory.oom.group': '1',
    'cpu.weight': String(cpuWeight),
    'pids.max': String(tasks),
  };
}

/** Into a file of the kernel's: never created. */
const write = (file: string, value: string): void => writeFileSync(file, value, { flag: 'r+' });

const unlimited = (detail: string, cause?: unknown): WatchpostError =>
  new WatchpostError('WP2616', { detail, cause });

/** Above every other process of a device, whose own score may be lowered: it goes first when memory is short. */
const VISION_OOM_SCORE = 500;

/**
 * What goes in front of the command of the vision process, so that it is where it belongs before its first line runs.
 * Neither step keeps it from starting.
 */
export function enteringGroup(folder: string | null): readonly string[] {
  const score = `echo ${VISION_OOM_SCORE} >/proc/self/oom_score_adj`;
  if (folder === null) return ['/bin/sh', '-c', `${score}; exec "$@"`, 'vision'];
  return ['/bin/sh', '-c', `${score}; echo $$ >"$0/cgroup.procs"; exec "$@"`, folder];
}
