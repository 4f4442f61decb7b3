import type * as z from 'zod';
import { DeviceProfile } from '#agent/ports/profile.ts';
import { childPath } from '#agent/profile/origin.ts';

/** Stand for what a profile must have, where it has not, so that the rest of it can be looked at. */
const STAND_INS: Readonly<Record<string, unknown>> = {
  profileVersion: 1,
  name: 'stand-in',
  kind: 'pillar',
  description: '',
  place: { label: 'stand-in', latitude: 0, longitude: 0 },
  languages: ['en'],
  supervisionS: 60,
  inputs: [{ name: 'stand-in', kind: 'button', with: { driver: 'sim' } }],
  lamp: { driver: 'sim' },
  speaker: { driver: 'sim' },
  panic: { siren: false },
  retention: { evidenceDays: 7 },
};

/** A profile is at most 256 KiB: no honest one has more faults of shape. */
const MAX_CUTS = 500;

type Path = readonly PropertyKey[];

/**
 * A profile without the parts whose shape is wrong, so that what else is wrong with it can be told in the same run.
 * Paths of what is left are those of the pruned value; `written` gives those of the file.
 */
export class PrunedProfile {
  readonly #root: unknown;
  /** For each list that was cut: where each of its entries stood before. */
  readonly #indexes = new WeakMap<object, number[]>();
  readonly #cut: string[] = [];
  readonly profile: DeviceProfile | null;

  constructor(value: unknown) {
    this.#root = structuredClone(value);
    this.profile = this.#prune();
  }

  /** The value that is left. */
  get value(): unknown {
    return this.#root;
  }

  /** A path of the pruned value as it stands in the file. */
  written(path: string): string {
    return this.#written(tokensOf(path));
  }

  /** The paths that a text names, as they stand in the file. */
  inWords(text: string): string {
    return text.replaceAll(/[A-Za-z]+(?:\.[A-Za-z]+|\[\d+\])*\[\d+\]/g, (path) => this.written(path));
  }

  /** Whether `path` (of the file) was left out or stands in for something; or anything below it, by `depth`. */
  lacks(path: string, depth: 'itself' | 'anything' = 'itself'): boolean {
    return this.#cut.some((cut) => isWithin(path, cut) || (depth === 'anything' && isWithin(cut, path)));
  }

  #prune(): DeviceProfile | null {
    for (let cuts = 0; cuts < MAX_CUTS; cuts += 1) {
      const parsed = DeviceProfile.safeParse(this.#root);
      if (parsed.success) return parsed.data;
      const [issue] = parsed.error.issues;
      if (issue === undefined || !this.#cutFor(issue)) return null;
    }
    return null;
  }

  #cutFor(issue: z.core.$ZodIssue): boolean {
    if (issue.code !== 'unrecognized_keys') return this.#remove(issue.path);
    return issue.keys.every((key) => this.#remove([...issue.path, key]));
  }

  /** What is not there at all takes what should hold it with it. False: nothing can be done. */
  #remove(path: Path): boolean {
    const key = path.at(-1);
    if (key === undefined) return false;
    const holder = valueAt(this.#root, path.slice(0, -1));
    if (typeof holder !== 'object' || holder === null) return this.#remove(path.slice(0, -1));
    if (Reflect.get(holder, key) === undefined) return this.#replace(path);
    this.#cut.push(this.#written(path));
    if (Array.isArray(holder)) {
      this.#indexesOf(holder).splice(Number(key), 1);
      holder.splice(Number(key), 1);
    } else {
      Reflect.deleteProperty(holder, key);
    }
    return true;
  }

  #replace(path: Path): boolean {
    if (path.length > 1) return this.#remove(path.slice(0, -1));
    const key = String(path[0]);
    if (!Object.hasOwn(STAND_INS, key) || typeof this.#root !== 'object' || this.#root === null) return false;
    this.#cut.push(key);
    Reflect.set(this.#root, key, structuredClone(STAND_INS[key]));
    return true;
  }

  #indexesOf(list: readonly unknown[]): number[] {
    const known = this.#indexes.get(list);
    if (known !== undefined) return known;
    const fresh = list.map((_item, index) => index);
    this.#indexes.set(list, fresh);
    return fresh;
  }

  #written(path: Path): string {
    let at = this.#root;
    let written = '';
    for (const key of path) {
      const isIndex = Array.isArray(at);
      const index = isIndex && Array.isArray(at) ? (this.#indexesOf(at)[Number(key)] ?? Number(key)) : 0;
      written = childPath(written, isIndex ? index : String(key));
      at = typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined;
    }
    return written;
  }
}

/** `sensors[0].unit` → sensors, 0, unit */
function tokensOf(path: string): string[] {
  return path.split(/[.[\]]+/).filter((token) => token !== '');
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    root,
  );
}

const isWithin = (path: string, outer: string): boolean =>
  path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);
