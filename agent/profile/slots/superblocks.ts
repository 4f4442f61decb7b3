import { WatchpostError } from '#contract/errors.ts';
import { once, readWhole, type SlotDisk } from './slot-disk.ts';
import { decodeSuperblock, encodeSuperblock, type SlotState } from './superblock.ts';

const COPIES = ['super-0', 'super-1'] as const;

interface Held {
  readonly state: SlotState;
  readonly copy: (typeof COPIES)[number];
}

/**
 * Two copies, written by turns: a write never touches the copy that holds, so whatever becomes of it, the state before
 * or the state after can be read. With one copy a torn write would leave neither.
 */
export class Superblocks {
  readonly #disk: SlotDisk;

  constructor(disk: SlotDisk) {
    this.#disk = disk;
  }

  /** Both copies of a first state. What is there is written over. */
  async make(state: SlotState): Promise<void> {
    for (const copy of COPIES) {
      await this.#disk.write(copy, once(encodeSuperblock(state)));
      await this.#disk.sync(copy);
    }
    await this.#disk.syncFolder('');
  }

  /** Null where neither copy can be read. */
  async find(): Promise<SlotState | null> {
    return (await this.#held())?.state ?? null;
  }

  /** Rejects with WP4201 where neither copy can be read, and with what the disk says. */
  async put(next: SlotState): Promise<SlotState> {
    const held = await this.#held();
    if (held === null) throw new WatchpostError('WP4201');
    const state = { ...next, rev: held.state.rev + 1 };
    await this.#disk.overwrite(held.copy === 'super-0' ? 'super-1' : 'super-0', encodeSuperblock(state));
    return state;
  }

  async #held(): Promise<Held | null> {
    let newest: Held | null = null;
    for (const copy of COPIES) {
      const block = await readWhole(this.#disk, copy);
      const state = block === null ? null : decodeSuperblock(block);
      if (state !== null && state.rev > (newest?.state.rev ?? -1)) newest = { state, copy };
    }
    return newest;
  }
}
