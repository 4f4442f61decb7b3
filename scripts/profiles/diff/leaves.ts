import * as z from 'zod';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import { isRecord } from '#agent/profile/merge.ts';

const Named = z.looseObject({ name: z.string() });
const Identified = z.looseObject({ id: z.string() });
const Driven = z.looseObject({ driver: z.string() });

/**
 * The values of a profile by path. Entries of lists go by their names (`inputs[button].kind`), so that one that has
 * moved is the same one; what names a driver, and a list of plain values, is one value.
 */
export function leavesOf(profile: DeviceProfile): Map<string, unknown> {
  const leaves = new Map<string, unknown>();
  collect(profile, '', leaves);
  return leaves;
}

function collect(value: unknown, path: string, leaves: Map<string, unknown>): void {
  if (Array.isArray(value) && value.length > 0 && value.every((item) => nameOf(item) !== null)) {
    leaves.set(path, value.map(nameOf));
    for (const item of value) collect(item, `${path}[${nameOf(item)}]`, leaves);
  } else if (isRecord(value) && !Driven.safeParse(value).success) {
    for (const [key, item] of Object.entries(value)) {
      if (item !== undefined) collect(item, path === '' ? key : `${path}.${key}`, leaves);
    }
  } else leaves.set(path, value);
}

function nameOf(item: unknown): string | null {
  return Named.safeParse(item).data?.name ?? Identified.safeParse(item).data?.id ?? null;
}
