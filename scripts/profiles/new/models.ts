import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import { WatchpostError } from '#contract/errors.ts';
import { didYouMean } from '../site-file.ts';
import { resolved } from '../sources.ts';

const LIBRARY = fileURLToPath(new URL('../../../device-profiles/', import.meta.url));
const FOLDERS = ['pillars', 'robots', 'masts', 'doors'];

/** The schema that a new file names for editors. */
export const SOURCE_SCHEMA: string = join(LIBRARY, 'schema/profile-source.schema.json');

/** What a new profile can be like. */
export interface Model {
  /** `pillars/school-gate` */
  readonly id: string;
  readonly file: string;
  readonly profile: DeviceProfile;
}

export function modelIds(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(LIBRARY, folder))
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => `${folder}/${name.slice(0, -'.yaml'.length)}`),
  );
}

/** Each is asked for again and again while questions follow from answers. */
const read = new Map<string, Model>();

/** @throws WatchpostError WP4071 when there is no such model */
export function modelOf(id: string): Model {
  const before = read.get(id);
  if (before !== undefined) return before;
  const ids = modelIds();
  const known = ids.find((each) => each === id || each.endsWith(`/${id}`));
  if (known === undefined) {
    const near = didYouMean(id, [...ids, ...ids.map((each) => each.split('/')[1] ?? '')]);
    const hint = near.startsWith('did you mean') ? near : `There are ${ids.join(', ')}.`;
    throw new WatchpostError('WP4071', { detail: `like ${id}`, hint });
  }
  const file = join(LIBRARY, `${known}.yaml`);
  const model = { id: known, file, profile: resolved(file, {}).profile };
  read.set(known, model);
  return model;
}
