import {
  type BundleManifest,
  type BundlePart,
  isContentOf,
  readManifest,
} from '#contract/bundle/manifest.ts';
import { WatchpostError } from '#contract/errors.ts';
import { once, readWhole, type SlotDisk } from './slot-disk.ts';
import type { Slot, SlotEntry } from './superblock.ts';

/** A bundle that was verified, as contract/bundle/verify.ts answers it. */
export interface SlotContent {
  readonly manifest: BundleManifest;
  read(part: BundlePart): AsyncIterable<Uint8Array>;
}

const manifestFile = (slot: Slot): string => `${slot}/manifest.json`;
/** Where the parts of a slot lie, under their names. */
export const contentFolder = (slot: Slot): string => `${slot}/content`;

/**
 * Has the content on the medium, and nothing else in the slot. Parts that are there already, from a writing that was
 * cut off, are not written again. Rejects with WP4207 where the medium gives back something else.
 */
export async function writeContent(
  disk: SlotDisk,
  slot: Slot,
  { manifest, read }: SlotContent,
): Promise<void> {
  const folder = contentFolder(slot);
  await disk.makeFolder(folder);
  await removeStrangers(disk, folder, manifest);
  await disk.write(manifestFile(slot), once(manifest.bytes));
  await disk.sync(manifestFile(slot));
  for (const part of manifest.parts) {
    const path = `${folder}/${part.name}`;
    await disk.makeFolder(parentOf(path));
    if (!(await holds(disk, path, part))) await disk.write(path, read(part));
    await disk.sync(path);
  }
  for (const each of foldersOf(slot, manifest)) await disk.syncFolder(each);
  await readBack(disk, slot, manifest);
}

/** Whether a part must be whole before anything runs. */
export type Needed = (part: BundlePart) => boolean;
export const everything: Needed = () => true;

/** The list of what is in a slot; null where anything that is needed is absent or changed, or there is too much. */
export async function wholeContent(
  disk: SlotDisk,
  slot: Slot,
  { digest }: SlotEntry,
  needed: Needed = everything,
): Promise<BundleManifest | null> {
  const bytes = await readWhole(disk, manifestFile(slot));
  const manifest = bytes === null ? null : readManifest(bytes, digest);
  if (manifest === null) return null;
  const files = await disk.files(contentFolder(slot));
  const isAll = manifest.parts.every(needed);
  if (isAll && files.length !== manifest.parts.length) return null;
  const wanted = { ...manifest, parts: manifest.parts.filter(needed) };
  return (await damagedParts(disk, slot, wanted)).length === 0 ? manifest : null;
}

/** Parts that are absent or changed. */
export async function damagedParts(
  disk: SlotDisk,
  slot: Slot,
  { parts }: Pick<BundleManifest, 'parts'>,
): Promise<readonly BundlePart[]> {
  const damaged: BundlePart[] = [];
  for (const part of parts) {
    if (!(await holds(disk, `${contentFolder(slot)}/${part.name}`, part))) damaged.push(part);
  }
  return damaged;
}

async function holds(disk: SlotDisk, path: string, part: BundlePart): Promise<boolean> {
  try {
    return await isContentOf(part, disk.read(path));
  } catch (error) {
    // Absent, or in a sector that cannot be read: both mean that it is not there.
    if (error instanceof Error) return false;
    throw error;
  }
}

async function readBack(disk: SlotDisk, slot: Slot, manifest: BundleManifest): Promise<void> {
  for (const part of manifest.parts) {
    const path = `${contentFolder(slot)}/${part.name}`;
    if (!(await isContentOf(part, disk.readBack(path)))) {
      throw new WatchpostError('WP4207', { detail: path });
    }
  }
}

async function removeStrangers(disk: SlotDisk, folder: string, { parts }: BundleManifest): Promise<void> {
  const wanted = new Set(parts.map(({ name }) => name));
  for (const name of await disk.files(folder)) {
    if (!wanted.has(name)) await disk.remove(`${folder}/${name}`);
  }
}

/** Every folder of a slot that has names, the innermost first, and the one that the slots lie in. */
function foldersOf(slot: Slot, { parts }: BundleManifest): readonly string[] {
  const folders = new Set<string>();
  for (const { name } of parts) {
    for (let at = `${contentFolder(slot)}/${name}`; at !== ''; at = parentOf(at)) folders.add(parentOf(at));
  }
  return [...folders].sort((one, other) => other.length - one.length);
}

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
