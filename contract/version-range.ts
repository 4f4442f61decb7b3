import * as z from 'zod';

const VERSION = /^(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?(?:-[\w.]+)?$/;
const BOUND = /^(>=|<=|>|<|=)(\d[\w.-]*)$/;

/** Bounds that all hold, such as `>=0.1.0 <0.3.0`; a missing part of a version is 0. */
export const VersionRange = z
  .string()
  .max(80)
  .refine((range) => range.split(' ').every((bound) => isBound(bound)), {
    error: 'write bounds such as >=0.1.0 <0.3.0, with one space between them',
  });

/**
 * Whether `version` lies in `range`. What follows a hyphen does not count: 0.3.0-rc.1 is judged as 0.3.0, for a device
 * that tries a release ahead of time is to be given the bundles of that release. False for what is no version.
 */
export function isInRange(version: string, range: string): boolean {
  return range.split(' ').every((bound) => {
    const [, sign = '', limit = ''] = BOUND.exec(bound) ?? [];
    const order = compare(version, limit);
    return order !== null && HOLDS[sign]?.(order) === true;
  });
}

const HOLDS: Record<string, (order: number) => boolean> = {
  '>=': (order) => order >= 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '<': (order) => order < 0,
  '=': (order) => order === 0,
};

function isBound(bound: string): boolean {
  const [, , limit = ''] = BOUND.exec(bound) ?? [];
  return VERSION.test(limit);
}

/** Below 0, 0 or above 0; null where either is no version. */
function compare(one: string, other: string): number | null {
  const [ours, theirs] = [numbers(one), numbers(other)];
  if (ours === null || theirs === null) return null;
  for (const [at, number] of ours.entries()) {
    const difference = number - (theirs[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbers(version: string): readonly number[] | null {
  const found = VERSION.exec(version);
  return found === null ? null : [1, 2, 3].map((at) => Number(found[at] ?? 0));
}
