import { realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type Machine, readSystem, realSystem } from './machine.ts';

/** Where a folder is stored. */
export interface Mount {
  readonly point: string;
  readonly type: string;
  /** As it was mounted: `/dev/mmcblk0p2`. */
  readonly source: string;
  readonly isReadOnly: boolean;
  /** The kernel's name of the partition (`mmcblk0p2`); null where none is behind it. */
  readonly deviceName: string | null;
  /** The kernel's name of the whole device (`mmcblk0`). */
  readonly diskName: string | null;
}

/** Of proc_pid_mountinfo(5): the mount that `dir` lies on, or null where nothing says so. */
export function mountOf(machine: Machine, dir: string): Mount | null {
  const path = realOrSame(dir);
  const mounts = (readSystem(machine, '/proc/self/mountinfo') ?? '').split('\n').flatMap(parse);
  const fitting = mounts.filter(({ point }) => isWithin(path, point));
  // Of those as long as each other the last lies over the ones before.
  const found = fitting.reduce<Parsed | null>(
    (best, each) => (best !== null && best.point.length > each.point.length ? best : each),
    null,
  );
  if (found === null) return null;
  const { device, ...mount } = found;
  return { ...mount, ...namesOf(machine, device) };
}

interface Parsed extends Omit<Mount, 'deviceName' | 'diskName'> {
  readonly device: string;
}

function parse(line: string): Parsed[] {
  const [before = '', after = ''] = line.split(' - ');
  const [, , device = '', , point = '', options = ''] = before.split(' ');
  const [type = '', source = '', superOptions = ''] = after.split(' ');
  if (point === '' || type === '') return [];
  const isReadOnly = [options, superOptions].some((all) => all.split(',').includes('ro'));
  return [{ device, point: unescaped(point), type, source, isReadOnly }];
}

const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

const isWithin = (path: string, point: string): boolean =>
  point === '/' || path === point || path.startsWith(`${point}/`);

function namesOf(machine: Machine, device: string): Pick<Mount, 'deviceName' | 'diskName'> {
  const folder = realSystem(machine, `/sys/dev/block/${device}`);
  if (folder === null) return { deviceName: null, diskName: null };
  const isPartition = readSystem(machine, `/sys/dev/block/${device}/partition`) !== null;
  return { deviceName: basename(folder), diskName: basename(isPartition ? dirname(folder) : folder) };
}

function realOrSame(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // Not there yet: its mount is that of what it will lie in.
  }
}
