import { isDeepStrictEqual } from 'node:util';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import { leavesOf } from './leaves.ts';
import type { Difference } from './phrases.ts';
import { WORDS } from './words.ts';

/** One thing that the device does otherwise. */
export interface Change {
  readonly path: string;
  readonly was: unknown;
  readonly is: unknown;
  /** In words. */
  readonly says: string;
}

const RANKS: ReadonlyMap<string, number> = new Map(WORDS.map(([path], rank) => [path, rank]));

/**
 * What changes on a device when the one profile takes the place of the other, most important first. Of a part that
 * comes or goes as a whole only what matters of it is told; what has no words of its own is told as value → value.
 */
export function profileChanges(before: DeviceProfile, after: DeviceProfile): Change[] {
  const [was, is] = [leavesOf(before), leavesOf(after)];
  const paths = [...new Set([...was.keys(), ...is.keys()])];
  return paths
    .filter((path) => !isDeepStrictEqual(was.get(path), is.get(path)))
    .filter((path) => !isWithinGone(path, was, is))
    .map(
      (path): Difference => ({
        path,
        name: /\[([^\]]+)\][^[]*$/.exec(path)?.[1] ?? '',
        was: was.get(path),
        is: is.get(path),
        before,
        after,
      }),
    )
    .filter((difference) => isWorthTelling(difference))
    .sort((a, b) => rankOf(a.path) - rankOf(b.path))
    .map((difference) => ({ ...pick(difference), says: saidOf(difference) }))
    .filter(({ says }) => says !== '');
}

const pick = ({ path, was, is }: Difference) => ({ path, was: was ?? null, is: is ?? null });

/** What of a new sensor is told by nothing but its threshold. */
const OF_A_NEW_SENSOR = ['unit', 'periodS', 'atLeastEveryS', 'deadband'].map((key) => `sensors[].${key}`);

/** `inputs[button].kind` → `inputs[].kind` */
const patternOf = (path: string): string => path.replaceAll(/\[[^\]]+\]/g, '[]');

const rankOf = (path: string): number => RANKS.get(patternOf(path)) ?? WORDS.length;

function saidOf(difference: Difference): string {
  const words = WORDS[rankOf(difference.path)];
  if (words !== undefined) return words[1](difference);
  const { path, was, is } = difference;
  return `${path}: ${shown(was)} → ${shown(is)}`;
}

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

/** An entry that is gone is told by its list. */
function isWithinGone(
  path: string,
  was: ReadonlyMap<string, unknown>,
  is: ReadonlyMap<string, unknown>,
): boolean {
  return [...path.matchAll(/\[([^\]]+)\]/g)].some(({ index, 1: name }) => {
    const list = path.slice(0, index);
    const has = (leaves: ReadonlyMap<string, unknown>) => [leaves.get(list)].flat().includes(name);
    return has(was) && !has(is);
  });
}

/** Of an entry that is new, or a part that comes or goes, only what there are words for; an empty list is no news. */
function isWorthTelling({ path, was, is }: Difference): boolean {
  if (was !== undefined && is !== undefined) return true;
  if (Array.isArray(was ?? is) && [was ?? is].flat().length === 0) return false;
  if (OF_A_NEW_SENSOR.includes(patternOf(path))) return false;
  return RANKS.has(patternOf(path)) || !/^(camera|inputs|sensors|actuators|boards)\b/.test(path);
}
