import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { WatchpostError } from '#contract/errors.ts';
import { readText } from './number-file.ts';

export interface Wanted {
  /** The folder that lists the devices of a kind, such as /sys/class/hwmon. */
  readonly folder: string;
  readonly device: string;
  readonly at?: string | undefined;
}

interface Found {
  readonly path: string;
  readonly name: string;
  /** Where it really is: its bus and address are folders of it. */
  readonly real: string;
}

/**
 * The folder of a device by its name, for its number changes with the order in which chips are found.
 * Rejects with WP2360 when there is none, and WP2361 when there are several.
 */
export async function findDevice({ folder, device, at }: Wanted): Promise<string> {
  const all = await devicesIn(folder);
  const wanted = at === undefined ? device : `${device} at ${at}`;
  const fitting = all.filter(({ name, real }) => name === device && isAt(real, at));
  const [first, second] = fitting;
  if (first === undefined) throw new WatchpostError('WP2360', { detail: `${wanted}; there: ${listed(all)}` });
  if (second !== undefined)
    throw new WatchpostError('WP2361', { detail: `${wanted}; there: ${listed(fitting)}` });
  return first.path;
}

const isAt = (real: string, at: string | undefined): boolean =>
  at === undefined || real.split('/').includes(at);

async function devicesIn(folder: string): Promise<Found[]> {
  const found = await Promise.all((await entries(folder)).map((entry) => describe(join(folder, entry))));
  return found.filter((device) => device !== null);
}

async function entries(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (cause) {
    throw new WatchpostError('WP2360', { detail: `there is no ${folder}`, cause });
  }
}

/** Null for what has no name: triggers, and what went away meanwhile. */
async function describe(path: string): Promise<Found | null> {
  try {
    return { path, name: (await readText(join(path, 'name'))).trim(), real: await realpath(path) };
  } catch {
    return null;
  }
}

function listed(all: readonly Found[]): string {
  if (all.length === 0) return 'none';
  const places = all.map(({ name, real }) => `${name} (${real.split('/').slice(-4).join('/')})`);
  return places.join(', ').slice(0, 300);
}
