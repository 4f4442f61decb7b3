import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { shippedMigrations } from '#broker/persistence/store/migrate.ts';
import { WatchpostError } from '#contract/errors.ts';
import { MANIFEST_FILE, Manifest, sha256Of } from './manifest.ts';
import { unpackTar } from './tar.ts';

/** A backup that was found whole, as a folder. */
export interface CheckedUnit {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly manifestSha256: string;
  /** Removes what was unpacked. */
  release(): void;
}

/**
 * Reads a backup (folder or tar) and holds every file against the manifest: none missing, none other, none more.
 * `beside`: where a tar is unpacked, on the disk it will be needed on. Throws WP3600, WP3601 or WP3005.
 */
export async function openUnit(from: string, beside: string): Promise<CheckedUnit> {
  const { folder, release } = await unpacked(resolve(from), beside);
  try {
    const manifest = readManifest(folder);
    refuseNewer(manifest);
    await compareFiles(folder, manifest);
    return { folder, manifest, manifestSha256: await sha256Of(join(folder, MANIFEST_FILE)), release };
  } catch (error) {
    release();
    throw error;
  }
}

async function unpacked(from: string, beside: string): Promise<{ folder: string; release: () => void }> {
  const stat = statSync(from, { throwIfNoEntry: false });
  if (stat === undefined) throw new WatchpostError('WP3601', { detail: `${from} is not there` });
  if (stat.isDirectory()) return { folder: from, release: () => undefined };
  const into = mkdtempSync(join(beside, '.watchpost-unpack-'));
  const release = () => rmSync(into, { recursive: true, force: true });
  try {
    await unpackTar(from, into);
    const [name, ...more] = readdirSync(into);
    if (name === undefined || more.length > 0) throw new WatchpostError('WP3601', { detail: from });
    return { folder: join(into, name), release };
  } catch (error) {
    release();
    throw error;
  }
}

function readManifest(folder: string): Manifest {
  const file = join(folder, MANIFEST_FILE);
  if (!existsSync(file)) throw new WatchpostError('WP3601', { detail: `${file} is missing` });
  try {
    return Manifest.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new WatchpostError('WP3600', { detail: `${file} cannot be read`, cause });
  }
}

function refuseNewer({ schema }: Manifest): void {
  const known = new Set(shippedMigrations().map(({ number }) => number));
  const unknown = schema.filter((number) => !known.has(number));
  if (unknown.length === 0) return;
  throw new WatchpostError('WP3005', {
    detail: `unknown migrations ${unknown.join(', ')}`,
    hint: 'Restore it with the version that made it, or a newer one.',
  });
}

async function compareFiles(folder: string, { files }: Manifest): Promise<void> {
  const named = new Set([MANIFEST_FILE, ...files.map(({ path }) => path)]);
  const strange = filesIn(folder)
    .map((file) => relative(folder, file))
    .filter((path) => !named.has(path));
  if (strange.length > 0) damaged(`${strange[0]} is not in the manifest`);
  for (const { path, bytes, sha256 } of files) {
    const file = join(folder, path);
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined) damaged(`${path} is missing`);
    else if (stat.size !== bytes) damaged(`${path} has ${stat.size} of ${bytes} bytes`);
    else if ((await sha256Of(file)) !== sha256) damaged(`${path} is not what was written`);
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : [path];
  });
}

function damaged(detail: string): never {
  throw new WatchpostError('WP3600', { detail });
}

/** Where a tar may be unpacked for a look. */
export const besideOf = (from: string): string => dirname(resolve(from));
