import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { WatchpostError } from '#contract/errors.ts';
import { needsOf } from './elf.ts';

export interface Collection {
  /** One folder a package, with its files as they would be installed. */
  readonly poolDir: string;
  /** Root of the base image: what it has is not brought again. */
  readonly baseDir: string;
  readonly outDir: string;
  /** Where the loader looks, from the root. */
  readonly libraryDirs: readonly string[];
}

/** What was brought, and from which packages. */
export interface Collected {
  readonly files: readonly string[];
  readonly packages: readonly string[];
}

/**
 * Brings `wanted` (paths from the root; folders with all in them) from a pool of unpacked packages, with every library
 * that these need and the base image lacks. Links are brought with what they point to. The copyright notice of each
 * package comes along.
 * @throws WatchpostError WP5065 naming what is in neither
 */
export function collect(wanted: readonly string[], place: Collection): Collected {
  const collector = new Collector(place);
  for (const path of wanted) collector.bring(path, 'wanted');
  return collector.finish();
}

class Collector {
  readonly #place: Collection;
  readonly #owners: ReadonlyMap<string, string>;
  readonly #brought = new Set<string>();
  readonly #packages = new Set<string>();

  constructor(place: Collection) {
    this.#place = place;
    this.#owners = ownersIn(place.poolDir);
  }

  bring(path: string, why: string): void {
    if (this.#brought.has(path)) return;
    const owner = this.#owners.get(path);
    if (owner === undefined) {
      this.#bringInside(path, why);
      return;
    }
    this.#brought.add(path);
    this.#packages.add(owner);
    const from = join(this.#place.poolDir, owner, unmerged(this.#place.poolDir, owner, path));
    const to = join(this.#place.outDir, path);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, to, { verbatimSymlinks: true });
    if (lstatSync(from).isSymbolicLink()) {
      const target = relative('/', resolve('/', dirname(path), readlinkSync(from)));
      this.bring(merged(target), path);
    } else this.#bringLibraries(path, from);
  }

  finish(): Collected {
    for (const owner of this.#packages) {
      const notice = `usr/share/doc/${owner}/copyright`;
      if (this.#owners.has(notice)) this.bring(notice, owner);
    }
    return { files: [...this.#brought].sort(), packages: [...this.#packages].sort() };
  }

  #bringInside(folder: string, why: string): void {
    const inside = [...this.#owners.keys()].filter((path) => path.startsWith(`${folder}/`));
    if (inside.length === 0 && !existsSync(join(this.#place.baseDir, folder)))
      throw new WatchpostError('WP5065', { detail: `${folder} (${why})` });
    for (const path of inside) this.bring(path, why);
  }

  #bringLibraries(path: string, from: string): void {
    const needs = needsOf(readFileSync(from));
    if (needs === null) return;
    const own = needs.searched.map((dir) => dir.replace('$ORIGIN', `/${dirname(path)}`));
    const dirs = [...own.map((dir) => relative('/', dir)), ...this.#place.libraryDirs].map(merged);
    for (const library of needs.libraries) {
      const found = dirs.map((dir) => join(dir, library)).find((file) => this.#owners.has(file));
      if (found !== undefined) this.bring(found, path);
      else if (!dirs.some((dir) => existsSync(join(this.#place.baseDir, dir, library))))
        throw new WatchpostError('WP5065', { detail: `${library} (${path})` });
    }
  }
}

/** Which package each path belongs to. */
function ownersIn(poolDir: string): Map<string, string> {
  const owners = new Map<string, string>();
  for (const owner of readdirSync(poolDir)) {
    for (const entry of readdirSync(join(poolDir, owner), { recursive: true, withFileTypes: true })) {
      if (entry.isDirectory()) continue;
      owners.set(merged(relative(join(poolDir, owner), join(entry.parentPath, entry.name))), owner);
    }
  }
  return owners;
}

/** Debian has /lib, /bin and /sbin as links into /usr; packages of its version 12 still name both. */
const merged = (path: string): string => (/^(lib|bin|sbin)(\/|$)/.test(path) ? `usr/${path}` : path);

function unmerged(poolDir: string, owner: string, path: string): string {
  if (lstatSync(join(poolDir, owner, path), { throwIfNoEntry: false }) !== undefined) return path;
  return path.replace(/^usr\//, '');
}

/** The name of a package is its folder's; `libfoo_1.2_arm64.deb` is unpacked into `libfoo`. */
export const packageOf = (deb: string): string => basename(deb).split('_')[0] ?? deb;
