import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { WatchpostError } from '#contract/errors.ts';
import { type Program, type ServicePlan, unitsOf, wantPath } from './plan.ts';

export interface Target {
  /** The file system to write to: `/`, or that of an image. */
  readonly root: string;
  readonly say: (line: string) => void;
}

/** Writes the plan and, on the running machine, has systemd take it up and start the units. */
export function install(plan: ServicePlan, target: Target): void {
  const { root, say } = target;
  for (const { path, text } of plan.files) {
    const file = join(root, path);
    const isSame = existsSync(file) && readFileSync(file, 'utf8') === text;
    if (!isSame) write(file, text);
    say(`${isSame ? 'as it is' : 'written'}  ${file}`);
  }
  for (const path of plan.stale) rmSync(join(root, path), { force: true });
  if (plan.users.length > 0)
    run([
      'systemd-sysusers',
      ...(root === '/' ? [] : [`--root=${root}`]),
      ...plan.users.map((path) => join(root, path)),
    ]);
  for (const unit of plan.enabled) link(join(root, wantPath(unit)), `../${unit}`);
  if (root !== '/') return;
  run(['systemctl', 'daemon-reexec']);
  run(['systemctl', 'daemon-reload']);
  for (const unit of [...plan.enabled].reverse()) run(['systemctl', 'restart', '--no-block', unit]);
  say(`started  ${plan.enabled.join(', ')}`);
}

/** Stops and removes the units; what the program has stored, its user and the machine's watchdog stay. */
export function uninstall(program: Program, { root, say }: Target): void {
  for (const unit of unitsOf(program)) {
    const file = join(root, '/etc/systemd/system', unit);
    if (!existsSync(file)) continue;
    if (root === '/' && !unit.includes('@')) run(['systemctl', 'stop', unit]);
    rmSync(join(root, wantPath(unit)), { force: true });
    rmSync(file);
    say(`removed  ${file}`);
  }
  if (root === '/') run(['systemctl', 'daemon-reload']);
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { mode: 0o644 });
}

function link(path: string, to: string): void {
  mkdirSync(dirname(path), { recursive: true });
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) symlinkSync(to, path);
}

function run([command = '', ...args]: readonly string[]): void {
  const { error, status, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000 });
  if (error === undefined && status === 0) return;
  throw new WatchpostError('WP5083', {
    detail: `${[command, ...args].join(' ')}: ${error?.message ?? stderr.trim()}`,
  });
}
