import { join } from 'node:path';
import { readCard } from '#agent/profile/card.ts';
import { FileDisk } from '#agent/profile/slots/file-disk.ts';
import { withSlotLock } from '#agent/profile/slots/slot-lock.ts';
import { SlotStore } from '#agent/profile/slots/slot-store.ts';
import type { Slot } from '#agent/profile/slots/superblock.ts';
import { withBundleFile } from '#contract/bundle/bundle-file.ts';
import { type BundleReader, readHead } from '#contract/bundle/layout.ts';
import { followRoots } from '#contract/bundle/trust.ts';
import { type Expectations, type VerifiedBundle, verifyBundle } from '#contract/bundle/verify.ts';
import { CARD } from '#contract/device-card.ts';
import { WatchpostError } from '#contract/errors.ts';
import { clientIdOf } from '#contract/names.ts';

export interface InstallOptions {
  /** Version of the agent that will run it; null where it is not known, as on a laptop: the device looks again. */
  readonly agent: string | null;
  readonly clock: Expectations['clock'];
  /** What others are told who want to write meanwhile: `agent`, `flash by anna on laptop-3`. */
  readonly who: string;
  readonly onProgress?: (progress: InstallProgress) => void;
}

/** In the order of the phases; parts that are on the card already are not written again. */
export interface InstallProgress {
  readonly phase: 'verify' | 'write' | 'read-back';
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface InstalledBundle {
  readonly generation: number;
  /** SHA-256 of the signed list of parts. */
  readonly digest: string;
  readonly slot: Slot;
  /** `confirmed`: the device runs this very content already, and nothing was written. */
  readonly state: 'trial' | 'confirmed';
  /** What would have refused it, had the clock been set (WP4107). */
  readonly reports: readonly WatchpostError[];
}

/**
 * Verifies a bundle for the device whose folder `dir` is, writes it into the idle slot, reads it back, and has the next
 * start try it. Whatever ends it in between, the device runs what it ran. Newer roots that the bundle brings are trusted
 * from then on, even where the bundle itself is refused: a key that was exchanged is not to be believed again.
 * @throws WatchpostError WP4101–WP4112 refused (docs/bundle.md), WP4203 during a trial, WP4207 the card gave back
 * something else, WP4201 no slots, WP4210 somebody else writes, WP4211 no device's folder
 */
export async function installBundle(
  dir: string,
  file: string,
  options: InstallOptions,
): Promise<InstalledBundle> {
  const { site, device } = readCard(dir);
  const slots = join(dir, CARD.slots);
  return withBundleFile(file, (reader) =>
    withSlotLock(slots, options.who, async () => {
      const progress = new Progress(options.onProgress);
      const store = new SlotStore(new FileDisk(slots, (way, bytes) => progress.add(way, bytes)));
      const { floor, trial, confirmed } = await store.state();
      if (trial !== null && confirmed !== null) throw new WatchpostError('WP4203');
      const expected = { ...options, device: clientIdOf({ site, device }), floor, root: await store.root() };
      return take(store, await verified(store, progress.watch(reader), expected), progress);
    }),
  );
}

async function take(store: SlotStore, bundle: VerifiedBundle, progress: Progress): Promise<InstalledBundle> {
  const { manifest, root, reports } = bundle;
  const { generation, digest, contentBytes } = manifest;
  await store.trust(root);
  const { confirmed, slots } = await store.state();
  const facts = { generation, digest, reports };
  if (confirmed !== null && slots[confirmed]?.digest === digest) {
    return { ...facts, slot: confirmed, state: 'confirmed' };
  }
  progress.expect(contentBytes);
  const slot = await store.install(bundle);
  await store.tryOut();
  return { ...facts, slot, state: 'trial' };
}

async function verified(
  store: SlotStore,
  reader: BundleReader,
  expected: Expectations,
): Promise<VerifiedBundle> {
  try {
    return await verifyBundle(reader, expected);
  } catch (error) {
    await trustNewer(store, reader, expected);
    throw error;
  }
}

/** A chain that holds is followed for its own sake; one that does not, or cannot be read, changes nothing. */
async function trustNewer(store: SlotStore, reader: BundleReader, { root }: Expectations): Promise<void> {
  try {
    const { trust } = await readHead(reader);
    await store.trust(followRoots(root, trust.roots));
  } catch (error) {
    if (!(error instanceof WatchpostError)) throw error;
  }
}

/** Bytes of each phase. */
class Progress {
  readonly #tell: (progress: InstallProgress) => void;
  #totalBytes = 0;
  readonly #doneBytes = { verify: 0, write: 0, 'read-back': 0 };

  constructor(tell: (progress: InstallProgress) => void = () => undefined) {
    this.#tell = tell;
  }

  expect(totalBytes: number): void {
    this.#totalBytes = totalBytes;
  }

  add(phase: InstallProgress['phase'], bytes: number): void {
    // The list of parts is written as well.
    this.#doneBytes[phase] = Math.min(this.#totalBytes, this.#doneBytes[phase] + bytes);
    this.#tell({ phase, doneBytes: this.#doneBytes[phase], totalBytes: this.#totalBytes });
  }

  watch(reader: BundleReader): BundleReader {
    this.expect(reader.size);
    return {
      size: reader.size,
      read: async (at, length) => {
        const piece = await reader.read(at, length);
        this.add('verify', piece.length);
        return piece;
      },
    };
  }
}
