import semver from 'semver';
import * as z from 'zod';

/** A range as npm writes them, such as `>=0.1.0 <0.3.0` or `^0.2.0`. */
export const VersionRange = z
  .string()
  .min(1)
  .max(80)
  .refine((range) => semver.validRange(range) !== null, {
    error: 'write a range of versions such as >=0.1.0 <0.3.0',
  });

/**
 * Whether `version` lies in `range`. What follows a hyphen does not count: 0.3.0-rc.1 is judged as 0.3.0, for a device
 * that tries a release ahead of time is to be given the bundles of that release. False for what is no version.
 */
export function isInRange(version: string, range: string): boolean {
  const parsed = semver.parse(version);
  if (parsed === null) return false;
  const { major, minor, patch } = parsed;
  return semver.satisfies(`${major}.${minor}.${patch}`, range);
}
