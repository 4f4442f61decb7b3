import { dirname, resolve as resolvePath } from 'node:path';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import { isRecord, merge } from './merge.ts';
import type { Located, Origin } from './origin.ts';
import { originOf } from './origin.ts';
import { ProfileError, problemAt } from './problem.ts';
import { type DriverSchemas, validateProfile } from './validate.ts';
import { readYaml } from './yaml-source.ts';

/** Deeper chains of `extends` are taken for a mistake. */
const MAX_EXTENDS = 8;

export interface ProfileSources {
  readonly file: string;
  /** The site's file: place, languages and the like by device. */
  readonly siteFile?: string;
  /** Which entry of the site file; required with it. */
  readonly device?: string;
  /** Stands for what a site file would say, where a profile is checked without one. */
  readonly assumed?: Readonly<Record<string, unknown>>;
  /** Laid over everything else: what the person who sets the device up has said. */
  readonly said?: Readonly<Record<string, unknown>>;
}

export interface ProfileRequest extends ProfileSources {
  readonly drivers: DriverSchemas;
}

export interface ResolvedProfile {
  readonly profile: DeviceProfile;
  /** Where each value came from; a path without an origin is a default of the schema. */
  readonly origins: ReadonlyMap<string, Origin>;
}

/**
 * Reads a profile, lays it over what it `extends`, lays the site's entry for the device over both, and checks it.
 * @throws ProfileError WP4001–WP4009 with file, line, path and what would be right
 */
export function resolveProfile(request: ProfileRequest): ResolvedProfile {
  const located = profileLayers(request).reduce(merge);
  return { profile: validateProfile(located, request.file, request.drivers), origins: located.origins };
}

/**
 * What the profile is laid together from, each over those before it: what is assumed, the templates, the profile, the
 * site's entry, what a person has said. Not checked.
 * @throws ProfileError WP4001–WP4004, WP4006
 */
export function profileLayers({
  file,
  siteFile,
  device,
  assumed = {},
  said = {},
}: ProfileSources): [Located, ...Located[]] {
  const site = siteFile === undefined ? [] : [siteEntry(siteFile, device ?? '')];
  return [bare(assumed), ...withExtends(file, []), ...site, bare(said)];
}

/** From no file. */
const bare = (value: Readonly<Record<string, unknown>>): Located => ({ value, origins: new Map() });

function withExtends(file: string, chain: readonly string[]): Located[] {
  const own = readYaml(file);
  const { value } = own;
  if (!isRecord(value)) throw fail('WP4003', own, file, '', 'is not a mapping', 'write key: value pairs');
  const { extends: parent, ...rest } = value;
  const located = { value: rest, origins: own.origins };
  if (parent === undefined) return [located];
  if (typeof parent !== 'string') {
    throw fail('WP4003', own, file, 'extends', 'is not a file name', 'write extends: ../templates/NAME.yaml');
  }
  const parentFile = resolvePath(dirname(file), parent);
  if (chain.length >= MAX_EXTENDS || [...chain, resolvePath(file)].includes(parentFile)) {
    throw fail(
      'WP4004',
      own,
      file,
      'extends',
      `${parent} leads back here`,
      'extend a template that extends nothing of yours',
    );
  }
  return [...withExtends(parentFile, [...chain, resolvePath(file)]), located];
}

/** What a site may say of a device. Everything else belongs in the profile. */
export const SITE_KEYS = [
  'place',
  'languages',
  'emergencyNumber',
  'medicalNumber',
  'sign',
  'guidance',
  'kiosk',
  'voice',
  'boards',
  'base',
  'drive',
  'waypoints',
  'camera',
  'supervisionS',
  'testEveryH',
];

function siteEntry(file: string, device: string): Located {
  const site = readYaml(file);
  const root = isRecord(site.value) ? site.value : {};
  if (root.siteVersion !== 1) {
    throw fail('WP4006', site, file, 'siteVersion', 'is not 1', 'begin the site file with siteVersion: 1');
  }
  const devices = isRecord(root.devices) ? root.devices : {};
  const entry = Object.hasOwn(devices, device) ? devices[device] : undefined;
  if (!isRecord(entry)) {
    const known = Object.keys(devices).join(', ') || 'none';
    const [message, hint] =
      device === ''
        ? ['is asked for no device', 'name one']
        : [`has no entry ${device}`, 'add one, or use one'];
    throw fail('WP4006', site, file, 'devices', message, `${hint} of: ${known}`);
  }
  for (const key of Object.keys(entry)) {
    if (SITE_KEYS.includes(key)) continue;
    const path = `devices.${device}.${key}`;
    throw fail('WP4006', site, file, path, 'is not for a site file', `a site sets ${SITE_KEYS.join(', ')}`);
  }
  const shared = Array.isArray(root.languages) ? { languages: root.languages } : {};
  return { value: { ...shared, ...entry }, origins: rebased(site, `devices.${device}`) };
}

/** Origins below `prefix` as if it were the whole, beside those of the file's own languages. */
function rebased(site: Located, prefix: string): Map<string, Origin> {
  const origins = new Map<string, Origin>();
  for (const [path, origin] of site.origins) {
    if (path === prefix) origins.set('', origin);
    else if (path.startsWith(`${prefix}.`)) origins.set(path.slice(prefix.length + 1), origin);
    else if (path.startsWith('languages') && !origins.has(path)) origins.set(path, origin);
  }
  return origins;
}

function fail(
  code: 'WP4003' | 'WP4004' | 'WP4006',
  located: Located,
  file: string,
  path: string,
  message: string,
  hint: string,
): ProfileError {
  return new ProfileError([problemAt(originOf(located.origins, path), { code, path, message, hint }, file)]);
}
