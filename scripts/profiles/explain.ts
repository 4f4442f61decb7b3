import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import { driverUses } from '#agent/profile/driver-uses.ts';
import { isRecord, merge } from '#agent/profile/merge.ts';
import { childPath, type Located, type Origin } from '#agent/profile/origin.ts';
import { type ProfileSources, profileLayers } from '#agent/profile/resolve.ts';
import { validateProfile } from '#agent/profile/validate.ts';
import { shown } from './report.ts';

/** One value of a resolved profile, and why it is that. */
export interface Explained {
  readonly path: string;
  readonly value: unknown;
  /** `FILE:LINE`, or which default it is, or that the site file is to give it. */
  readonly from: string;
  /** What it was laid over, nearest first. */
  readonly over: readonly { readonly value: unknown; readonly from: string }[];
}

/** Every value that the device will run with, defaults of schema and drivers too, in the order of the profile. @throws ProfileError */
export function explainProfile(sources: ProfileSources): Explained[] {
  const layers = profileLayers(sources);
  const located = layers.reduce(merge);
  const profile = validateProfile(located, sources.file, DRIVER_SCHEMAS);
  const site = siteTells(sources);
  const explained = leaves(profile, '').map(([path, value]): Explained => {
    const origin = located.origins.get(path);
    const from = origin === undefined ? defaultOf(path, layers[0], site) : placeOf(origin);
    return { path, value, from, over: origin === undefined ? [] : laidOver(path, value, origin, layers) };
  });
  return [...explained, ...driverDefaults(profile)];
}

const placeOf = ({ file, line }: Origin): string => `${shown(file)}:${line}`;

const siteTells = ({ siteFile }: ProfileSources): string =>
  siteFile === undefined ? 'left to the site file' : 'assumed';

function defaultOf(path: string, assumed: Located, said: string): string {
  return valueAt(assumed.value, path) === undefined ? 'default of the schema' : said;
}

/** The values that the layers below had there. Within lists nothing: a list is replaced whole. */
function laidOver(
  path: string,
  value: unknown,
  { file }: Origin,
  layers: readonly Located[],
): Explained['over'] {
  if (path.includes('[')) return [];
  const below = layers.filter(({ origins }) => origins.has(path)).toReversed();
  return below.flatMap((layer) => {
    const origin = layer.origins.get(path);
    const was = valueAt(layer.value, path);
    if (origin === undefined || origin.file === file || was === value) return [];
    return [{ value: was, from: placeOf(origin) }];
  });
}

function valueAt(root: unknown, path: string): unknown {
  return path.split('.').reduce((at, key) => (isRecord(at) ? at[key] : undefined), root);
}

function leaves(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return value === undefined ? [] : [[path, value]];
  if (Array.isArray(value)) {
    return value.length === 0
      ? [[path, value]]
      : value.flatMap((item, index) => leaves(item, childPath(path, index)));
  }
  return Object.entries(value).flatMap(([key, item]) => leaves(item, childPath(path, key)));
}

/** What drivers take for keys that nobody has written. */
function driverDefaults(profile: DeviceProfile): Explained[] {
  return driverUses(profile).flatMap(({ role, path, config }) => {
    const parsed: unknown = DRIVER_SCHEMAS[role][config.driver]?.parse(config);
    if (!isRecord(parsed)) return [];
    return Object.entries(parsed)
      .filter(([key]) => !Object.hasOwn(config, key))
      .map(([key, value]) => {
        const from = `default of the driver ${config.driver}`;
        return { path: `${path}.${key}`, value, from, over: [] };
      });
  });
}
