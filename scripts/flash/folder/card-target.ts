import { constants } from 'node:fs';
import { access, lchown, open, readdir, stat, statfs } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { installBundle } from '#agent/installer/install-bundle.ts';
import { readCard } from '#agent/profile/card.ts';
import { FileDisk } from '#agent/profile/slots/file-disk.ts';
import { contentFolder } from '#agent/profile/slots/slot-content.ts';
import { SlotStore } from '#agent/profile/slots/slot-store.ts';
import { SLOTS, type Slot, type SlotState } from '#agent/profile/slots/superblock.ts';
import { idleSlot } from '#agent/profile/slots/transitions.ts';
import { withBundleFile } from '#contract/bundle/bundle-file.ts';
import { isContentOf } from '#contract/bundle/manifest.ts';
import { verifyBundle } from '#contract/bundle/verify.ts';
import { CARD } from '#contract/device-card.ts';
import { WatchpostError } from '#contract/errors.ts';
import { clientIdOf } from '#contract/names.ts';
import { mediumError } from '../medium-error.ts';
import { bytesInWords } from '../quantities.ts';
import type { SourceBundle } from '../source-bundle.ts';
import type { Progress, ReadBack, Sight, Target } from '../target.ts';

/** The laptop's clock is looked at; which agent the device has, it does not say. */
const clock = () => ({ quality: 'synced', nowMs: Date.now() }) as const;

/** A device's folder, as on its mounted card: goes into the idle slot, and the next start tries it. */
export class CardTarget implements Target {
  readonly name: string;
  readonly next: string;
  readonly #source: SourceBundle;

  constructor(name: string, source: SourceBundle) {
    this.name = name;
    this.#source = source;
    this.next = `put the card into ${source.manifest.device} and switch it on; here: scripts/watchpost agent --card ${name}`;
  }

  async open(): Promise<void> {
    readCard(this.name);
  }

  async look(): Promise<Sight> {
    const store = this.#store();
    const state = await store.state();
    await this.#verify(store, state);
    const there = slotWith(state, this.#source.manifest.digest);
    if (there === null && state.trial !== null && state.confirmed !== null)
      throw new WatchpostError('WP4203');
    const free = await this.#freeBytes();
    if (there === null) {
      this.#refuseFull(free);
      await this.#requireWritable();
    }
    return {
      what: `the folder of ${this.#device}, ${saidOf(state)}, ${bytesInWords(free)} free`,
      steps: there === null ? stepsOf(state) : [],
      risks: [],
      bytes: there === null ? this.#source.manifest.contentBytes : 0,
    };
  }

  async write(progress: Progress): Promise<void> {
    try {
      await installBundle(this.name, this.#source.file, {
        ...{ agent: null, clock: clock() },
        who: `flash by ${userInfo().username} on ${hostname()}`,
        onProgress: ({ phase, doneBytes }) => {
          if (phase === 'write') progress(doneBytes);
        },
      });
      await giveToOwner(join(this.name, CARD.slots));
    } catch (error) {
      throw mediumError(error, this.name);
    }
  }

  /** What the next start runs, part by part. */
  async readBack(): Promise<ReadBack> {
    const { manifest } = this.#source;
    const slot = slotWith(await this.#store().state(), manifest.digest);
    if (slot === null) throw new WatchpostError('WP4313', { detail: `${this.name}: no slot names it` });
    const disk = new FileDisk(join(this.name, CARD.slots));
    for (const part of manifest.parts) {
      const path = `${contentFolder(slot)}/${part.name}`;
      if (!(await isContentOf(part, disk.readBack(path)))) {
        throw new WatchpostError('WP4313', { detail: `${this.name}, slot ${slot}: ${part.name}` });
      }
    }
    const first = join(this.name, CARD.slots, contentFolder(slot), manifest.parts[0]?.name ?? '');
    return (await takesDirect(first))
      ? {
          sha256: null,
          from: 'medium',
          how: `${manifest.parts.length} parts of slot ${slot} read past this machine’s memory`,
        }
      : {
          sha256: null,
          from: 'memory',
          how: `${manifest.parts.length} parts of slot ${slot} read; its file system cannot be read past memory`,
        };
  }

  /** The lock of the slots was held only while they were written. */
  async close(): Promise<void> {
    return;
  }

  get #device(): string {
    return clientIdOf(readCard(this.name));
  }

  #store(): SlotStore {
    return new SlotStore(new FileDisk(join(this.name, CARD.slots)));
  }

  /** Before anybody is asked; the installer does it again when it writes. */
  async #verify(store: SlotStore, { floor }: SlotState): Promise<void> {
    const expected = { root: await store.root(), device: this.#device, floor, agent: null, clock: clock() };
    await withBundleFile(this.#source.file, (reader) => verifyBundle(reader, expected));
  }

  async #freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.name);
    return bavail * bsize;
  }

  /** Said before anybody is asked. Rejects with WP4307 or WP4315. */
  async #requireWritable(): Promise<void> {
    try {
      await access(join(this.name, CARD.slots), constants.W_OK | constants.X_OK);
    } catch (error) {
      throw mediumError(error, this.name);
    }
  }

  /** What lies in the idle slot is not counted: parts that stay the same are not written again. */
  #refuseFull(freeBytes: number): void {
    const { contentBytes } = this.#source.manifest;
    if (contentBytes <= freeBytes) return;
    const detail = `${bytesInWords(contentBytes)} to write, ${bytesInWords(freeBytes)} free`;
    throw new WatchpostError('WP4306', { detail });
  }
}

/** The slot that runs this content, or will at the next start. */
function slotWith({ confirmed, trial, slots }: SlotState, digest: string): Slot | null {
  return (
    SLOTS.find((slot) => slots[slot]?.digest === digest && [confirmed, trial?.slot].includes(slot)) ?? null
  );
}

function stepsOf(state: SlotState): readonly string[] {
  const stays = state.confirmed === null ? '' : `; slot ${state.confirmed} stays as it is`;
  return [
    `verify it against the root and the generation that the card knows`,
    `write slot ${idleSlot(state)}${stays}`,
    'read the slot back from the medium and compare',
    'have the next start try it: confirmed within two minutes, or the device goes back by itself',
  ];
}

function saidOf({ confirmed, trial, slots }: SlotState): string {
  const runs = confirmed === null ? 'still empty' : `runs generation ${slots[confirmed]?.generation}`;
  return trial === null ? runs : `${runs}, generation ${slots[trial.slot]?.generation} on trial`;
}

/** O_DIRECT (open(2)): a file system that cannot says EINVAL. */
async function takesDirect(file: string): Promise<boolean> {
  try {
    await (await open(file, constants.O_RDONLY | constants.O_DIRECT)).close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EINVAL') return false;
    throw error;
  }
}

/** What root wrote, the agent's user must be able to read. */
async function giveToOwner(folder: string): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = await stat(folder);
  if (uid === 0) return;
  // With file types, links to folders are not gone into; lchown changes the link. The card may be somebody else's work.
  for (const { parentPath, name } of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await lchown(join(parentPath, name), uid, gid);
  }
}
