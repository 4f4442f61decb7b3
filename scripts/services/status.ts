import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartRecord } from '#agent/core/starts/judge-start.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Program } from './plan.ts';

export interface ServiceStatus {
  readonly unit: string;
  /** What `systemctl show` says; empty for an image, or where systemd does not run. */
  readonly systemd: Readonly<Record<string, string>>;
  /** What an agent has noted of its starts; null before the first. */
  readonly starts: StartRecord | null;
}

const PROPERTIES = [
  'ActiveState',
  'SubState',
  'StatusText',
  'Result',
  'NRestarts',
  'WatchdogUSec',
  'ExecMainPID',
];

/** @throws WatchpostError WP5084 where it is not installed */
export function readStatus(program: Program, root: string): ServiceStatus {
  const unit = `watchpost-${program}.service`;
  const file = join(root, '/etc/systemd/system', unit);
  if (!existsSync(file)) throw new WatchpostError('WP5084', { detail: file });
  const state = /^StateDirectory=(.+)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  return {
    unit,
    systemd: root === '/' ? shown(unit) : {},
    starts: readStarts(join(root, '/var/lib', state, 'starts.json')),
  };
}

export function statusLines({ unit, systemd, starts }: ServiceStatus): string[] {
  const lines = Object.entries(systemd).map(([name, value]) => `${name.padEnd(14)} ${value}`);
  if (starts === null) return [unit, ...lines];
  const { starts: count, healthyRuns, crashes, run } = starts;
  return [
    unit,
    ...lines,
    `starts         ${count}, of which ${healthyRuns} lasted; crashes in a row: ${crashes}`,
    `mode           ${run.mode === 'safe' ? 'safe: the alarm path alone (docs/staying-alive.md)' : 'normal'}`,
  ];
}

function shown(unit: string): Record<string, string> {
  const { stdout } = spawnSync('systemctl', ['show', unit, `--property=${PROPERTIES.join(',')}`], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  const lines = (stdout ?? '').split('\n').filter((line) => line.includes('='));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

/** The folder is the service's own: others than root are not told. */
function readStarts(file: string): StartRecord | null {
  try {
    return StartRecord.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'EACCES'))
      return null;
    throw cause;
  }
}
