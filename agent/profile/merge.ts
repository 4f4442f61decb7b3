import { childPath, type Located, type Origin } from './origin.ts';

/**
 * Lays `over` on `under`: mappings merge key by key, everything else (lists too) is replaced whole, and a null
 * takes a key away. Origins follow the value that stands.
 */
export function merge(under: Located, over: Located): Located {
  const origins = new Map<string, Origin>();
  const value = mergeValue({ under, over, origins }, under.value, over.value, '');
  return { value, origins };
}

interface Merging {
  readonly under: Located;
  readonly over: Located;
  readonly origins: Map<string, Origin>;
}

function mergeValue(merging: Merging, under: unknown, over: unknown, path: string): unknown {
  if (!isRecord(under) || !isRecord(over)) return take(merging, merging.over, over, path);
  // What comes from no file has no lines: then those beneath it count.
  copyOrigin(merging, merging.under, path);
  copyOrigin(merging, merging.over, path);
  const result: Record<string, unknown> = Object.create(null);
  for (const key of new Set([...Object.keys(under), ...Object.keys(over)])) {
    const itsPath = childPath(path, key);
    if (!Object.hasOwn(over, key)) result[key] = take(merging, merging.under, under[key], itsPath);
    else if (over[key] !== null) result[key] = mergeValue(merging, under[key], over[key], itsPath);
  }
  return result;
}

/** Takes a value whole, with the origins of all its parts. */
function take(merging: Merging, from: Located, value: unknown, path: string): unknown {
  copyOrigin(merging, from, path);
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) take(merging, from, item, childPath(path, index));
  } else if (isRecord(value)) {
    for (const key of Object.keys(value)) take(merging, from, value[key], childPath(path, key));
  }
  return value;
}

function copyOrigin({ origins }: Merging, from: Located, path: string): void {
  const origin = from.origins.get(path);
  if (origin !== undefined) origins.set(path, origin);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
