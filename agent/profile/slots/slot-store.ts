import { createHash } from 'node:crypto';
import { canonicalBytes } from '#contract/bundle/canonical.ts';
import { type BundleManifest, type BundlePart, refuseOlder } from '#contract/bundle/manifest.ts';
import { RootDocument } from '#contract/bundle/metadata.ts';
import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import {
  contentFolder,
  damagedParts,
  everything,
  type Needed,
  type SlotContent,
  wholeContent,
  writeContent,
} from './slot-content.ts';
import { once, readWhole, type SlotDisk } from './slot-disk.ts';
import type { Slot, SlotEntry, SlotState } from './superblock.ts';
import { Superblocks } from './superblocks.ts';
import type { TrialStart } from './transitions.ts';
import * as to from './transitions.ts';

/** What a start runs from. */
export interface StartedSlot {
  readonly slot: Slot;
  readonly manifest: BundleManifest;
  /** Where the parts lie, within the folder of the slots. */
  readonly folder: string;
  readonly trial: boolean;
  /** Why it is not what was to be started: WP4204, WP4205, WP4209. */
  readonly problem: WatchpostError | null;
}

interface Starting {
  readonly start: to.TrialStart;
  readonly needed: Needed;
}

const UNKNOWN_START: to.TrialStart = { afterFault: false, boot: '', sinceBootMs: 0 };

const rootFile = (version: number): string => `trust/root.${version}.json`;

/**
 * The two slots of a device. One writer at a time: whoever installs and the agent must not call it at once.
 * Cut off anywhere, the next start runs a whole slot: the one confirmed before, or the one after (docs/slots.md).
 */
export class SlotStore {
  readonly #disk: SlotDisk;
  readonly #supers: Superblocks;

  constructor(disk: SlotDisk) {
    this.#disk = disk;
    this.#supers = new Superblocks(disk);
  }

  /** Makes empty slots that trust this root. Rejects with WP4202 where there are slots. */
  async make(root: RootDocument): Promise<void> {
    if ((await this.#supers.find()) !== null) throw new WatchpostError('WP4202');
    const note = await this.#keepRoot(root);
    const nothing = { confirmed: null, floor: null, trial: null, slots: { a: null, b: null }, last: null };
    await this.#supers.make({ rev: 0, ...nothing, root: note });
  }

  /** Rejects with WP4201 where neither copy can be read. */
  async state(): Promise<SlotState> {
    const state = await this.#supers.find();
    if (state === null) throw new WatchpostError('WP4201');
    return state;
  }

  /** The newest root that is trusted. Rejects with WP4201 where it is damaged. */
  async root(): Promise<RootDocument> {
    const { root } = await this.state();
    const bytes = await readWhole(this.#disk, rootFile(root.version));
    if (bytes === null || hashOf(bytes) !== root.digest) {
      throw new WatchpostError('WP4201', { detail: rootFile(root.version) });
    }
    return RootDocument.parse(JSON.parse(bytes.toString('utf8')));
  }

  /** Trusts a newer root from now on; one that is not newer changes nothing. Its chain was followed before. */
  async trust(root: RootDocument): Promise<void> {
    const state = await this.state();
    if (root.signed.version <= state.root.version) return;
    await this.#supers.put({ ...state, root: await this.#keepRoot(root) });
    await this.#disk.remove(rootFile(state.root.version));
  }

  /**
   * Writes a verified bundle into the idle slot, reads it back, and has it ready to be tried. What is there whole is not
   * written again. Rejects with WP4106, WP4203, WP4207 and what the disk says; what is confirmed is untouched by it.
   */
  async install(content: SlotContent): Promise<Slot> {
    const state = await this.state();
    const slot = to.idleSlot(state);
    const emptied = to.cleared(state);
    refuseOlder(content.manifest, state.floor);
    if (await this.#isThere(slot, state.slots[slot], content)) return slot;
    if (state.slots[slot] !== null) await this.#supers.put(emptied);
    await writeContent(this.#disk, slot, content);
    await this.#supers.put(to.filled(emptied, content.manifest));
    return slot;
  }

  /** Has the next start try what was installed. Rejects with WP4203, WP4208. */
  async tryOut(): Promise<void> {
    await this.#supers.put(to.onTrial(await this.state()));
  }

  /**
   * Which slot this start runs from, its content checked; a start of a trial is counted before this answers. Null where
   * nothing may run. Rejects with WP4201.
   * @param needed - which parts must be whole; the others are for `damaged`, once the buttons are armed
   */
  async start(start: TrialStart = UNKNOWN_START, needed: Needed = everything): Promise<StartedSlot | null> {
    const state = await this.state();
    return state.trial === null
      ? this.#startConfirmed(state, null, needed)
      : this.#startTrial(state, state.trial.slot, { start, needed });
  }

  /** Parts of a slot that are not what was installed. Rejects with WP4201. */
  async damaged({ slot, manifest }: Pick<StartedSlot, 'slot' | 'manifest'>): Promise<readonly BundlePart[]> {
    return damagedParts(this.#disk, slot, manifest);
  }

  /** The trial was passed. Rejects with WP4208. */
  async confirm(): Promise<void> {
    await this.#supers.put(to.confirmed(await this.state()));
  }

  /** The trial was not passed; what is confirmed runs from the next start on. Rejects with WP4208. */
  async reject(code: ErrorCode): Promise<void> {
    await this.#supers.put(to.rejected(await this.state(), code));
  }

  /** A first bundle was not passed: it stays, and is still on trial. Rejects with WP4208. */
  async notPassed(code: ErrorCode): Promise<void> {
    await this.#supers.put(to.notPassed(await this.state(), code));
  }

  /** From the next start on the one confirmed before. Rejects with WP4203, WP4206. */
  async fallBack(): Promise<void> {
    const state = await this.state();
    const next = to.fallenBack(state);
    const slot = to.idleSlot(state);
    if ((await this.#contentOf(state, slot)) === null)
      throw new WatchpostError('WP4206', { detail: 'damaged' });
    await this.#supers.put(next);
  }

  async #startTrial(state: SlotState, slot: Slot, { start, needed }: Starting): Promise<StartedSlot | null> {
    const manifest = await this.#contentOf(state, slot, needed);
    const refusal = manifest === null ? 'WP4204' : to.refusalOf(state, start);
    try {
      if (manifest !== null && refusal === null) {
        await this.#supers.put(to.counted(state, start));
        return { slot, manifest, folder: contentFolder(slot), trial: true, problem: null };
      }
      const problem = new WatchpostError(refusal ?? 'WP4204', { detail: `slot ${slot}` });
      const next = await this.#supers.put(to.rejected(state, problem.code));
      if (next.trial !== null) {
        const before = await this.#startTrial(next, next.trial.slot, { start, needed });
        return before === null ? null : { ...before, problem: before.problem ?? problem };
      }
      return this.#startConfirmed(next, problem, needed);
    } catch (cause) {
      // Uncounted it could be started for ever: what is confirmed runs instead, and the buttons are armed.
      return this.#startConfirmed(state, new WatchpostError('WP4209', { cause }), needed);
    }
  }

  async #startConfirmed(
    state: SlotState,
    problem: WatchpostError | null,
    needed: Needed,
  ): Promise<StartedSlot | null> {
    const { confirmed } = state;
    if (confirmed === null) return null;
    const manifest = await this.#contentOf(state, confirmed, needed);
    if (manifest !== null) {
      return { slot: confirmed, manifest, folder: contentFolder(confirmed), trial: false, problem };
    }
    return this.#startOther(state, new WatchpostError('WP4204', { detail: `slot ${confirmed}` }), needed);
  }

  /** What is confirmed is damaged. */
  async #startOther(state: SlotState, problem: WatchpostError, needed: Needed): Promise<StartedSlot | null> {
    const slot = to.idleSlot(state);
    const manifest = state.slots[slot]?.proven === true ? await this.#contentOf(state, slot, needed) : null;
    if (manifest === null) return null;
    const told = state.trial === null ? await this.#noteReplaced(state, problem) : problem;
    return { slot, manifest, folder: contentFolder(slot), trial: false, problem: told };
  }

  /** A card that takes no writing any more finds out anew at each start. */
  async #noteReplaced(state: SlotState, problem: WatchpostError): Promise<WatchpostError> {
    try {
      await this.#supers.put(to.replaced(state, problem.code));
      return problem;
    } catch (cause) {
      return new WatchpostError(problem.code, { detail: `${problem.detail}, and it cannot be noted`, cause });
    }
  }

  async #contentOf(
    state: SlotState,
    slot: Slot,
    needed: Needed = everything,
  ): Promise<BundleManifest | null> {
    const entry = state.slots[slot];
    return entry === null ? null : wholeContent(this.#disk, slot, entry, needed);
  }

  async #isThere(slot: Slot, entry: SlotEntry | null, { manifest }: SlotContent): Promise<boolean> {
    if (entry?.digest !== manifest.digest) return false;
    return (await wholeContent(this.#disk, slot, entry)) !== null;
  }

  async #keepRoot(root: RootDocument): Promise<SlotState['root']> {
    const bytes = canonicalBytes(root);
    const file = rootFile(root.signed.version);
    await this.#disk.makeFolder('trust');
    await this.#disk.write(file, once(bytes));
    await this.#disk.sync(file);
    await this.#disk.syncFolder('trust');
    await this.#disk.syncFolder('');
    return { version: root.signed.version, digest: hashOf(bytes) };
  }
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
