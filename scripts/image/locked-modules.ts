import { WatchpostError } from '#contract/errors.ts';
import { type Fields, fieldsOf, textsOf } from './json-fields.ts';

export interface Install {
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly lock: Readonly<Record<string, unknown>>;
  /** Folders of the packages, as `node_modules/pino`. */
  readonly folders: readonly string[];
}

/**
 * package.json and package-lock.json of an install that has only `names` and what these need, in the versions and with
 * the checksums of the whole lock, so that `npm ci` takes it.
 * @throws WatchpostError WP5066 for a name that the lock does not have
 */
export function lockedModules(packageJson: unknown, packageLock: unknown, names: readonly string[]): Install {
  const whole = fieldsOf(packageJson);
  const lock = fieldsOf(packageLock);
  const packages = fieldsOf(lock.packages);
  const lists = [whole.devDependencies, whole.dependencies, whole.optionalDependencies].map(textsOf);
  const versions: Readonly<Record<string, string>> = Object.assign({}, ...lists);
  const dependencies: Record<string, string> = {};
  for (const name of names) {
    const version = versions[name];
    if (version === undefined || packages[`node_modules/${name}`] === undefined)
      throw new WatchpostError('WP5066', { detail: name });
    dependencies[name] = version;
  }
  const folders = reachable(packages, names);
  const { name, version, type, imports } = whole;
  const overrides = overridesOf(whole, names);
  const kept = Object.fromEntries(folders.map((folder) => [folder, entryOf(packages[folder])]));
  return {
    manifest: { name, version, private: true, type, imports, dependencies, ...overrides },
    lock: { ...lock, packages: { '': { name, version, dependencies }, ...kept } },
    folders,
  };
}

/** An override by `$name` speaks of a dependency that must then be there. */
function overridesOf({ overrides }: Fields, names: readonly string[]): Fields {
  const kept = Object.entries(textsOf(overrides)).filter(([name]) => names.includes(name));
  return kept.length === 0 ? {} : { overrides: Object.fromEntries(kept) };
}

/** What was optional in the whole is not here. */
function entryOf(entry: unknown): Fields {
  const { dev, devOptional, optional, peer, ...rest } = fieldsOf(entry);
  return rest;
}

function reachable(packages: Fields, names: readonly string[]): string[] {
  const found = new Set(names.map((name) => `node_modules/${name}`));
  for (const folder of found) {
    const { dependencies, optionalDependencies, peerDependencies } = fieldsOf(packages[folder]);
    const needed = [dependencies, optionalDependencies, peerDependencies].flatMap((list) =>
      Object.keys(fieldsOf(list)),
    );
    for (const name of needed) {
      const inner = resolved(packages, folder, name);
      if (inner !== null) found.add(inner);
    }
  }
  return [...found].sort();
}

/** As Node looks for it: in the package's own node_modules, then outwards. */
function resolved(packages: Fields, folder: string, name: string): string | null {
  const parts = folder.split('/node_modules/');
  for (let depth = parts.length; depth > 0; depth--) {
    const candidate = `${parts.slice(0, depth).join('/node_modules/')}/node_modules/${name}`;
    if (candidate in packages) return candidate;
  }
  const outermost = `node_modules/${name}`;
  return outermost in packages ? outermost : null;
}
