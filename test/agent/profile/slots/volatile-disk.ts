import type { SlotDisk } from '#agent/profile/slots/slot-disk.ts';

export const SECTOR_BYTES = 512;

/** The power is gone. */
class Cut extends Error {}

interface Content {
  live: Buffer;
  durable: Buffer;
}
type Entry = Content | 'folder';

/** What becomes of something that was not synced: lost, kept, or (a sector) written by half. */
export type Fate = (choices: number) => number;

/**
 * A disk that keeps only what was synced. Every sector, every name and every sync is a step; `cutAt` names the step that
 * does not happen any more. A cut keeps any part of what was not synced, in no order.
 */
export class VolatileDisk implements SlotDisk {
  readonly #live = new Map<string, Entry>();
  readonly #durable = new Map<string, Entry>();
  cutAt = Number.POSITIVE_INFINITY;
  steps = 0;
  /** Syncs that do nothing, to prove that the tests would find one missing. */
  forgets: 'files' | 'folders' | 'nothing' = 'nothing';

  async files(folder: string): Promise<readonly string[]> {
    return [...this.#live]
      .filter(([path, entry]) => entry !== 'folder' && path.startsWith(`${folder}/`))
      .map(([path]) => path.slice(folder.length + 1));
  }

  async makeFolder(path: string): Promise<void> {
    for (let end = path.indexOf('/'); ; end = path.indexOf('/', end + 1)) {
      const folder = end === -1 ? path : path.slice(0, end);
      if (!this.#live.has(folder)) {
        this.#step();
        this.#live.set(folder, 'folder');
      }
      if (end === -1) return;
    }
  }

  async write(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(Buffer.from(piece));
    if (!this.#live.has(path)) {
      this.#step();
      this.#live.set(path, { live: Buffer.alloc(0), durable: Buffer.alloc(0) });
    }
    const file = this.#file(path);
    this.#step();
    file.live = Buffer.alloc(0);
    this.#sectors(file, Buffer.concat(pieces));
  }

  async overwrite(path: string, bytes: Uint8Array): Promise<void> {
    this.#sectors(this.#file(path), Buffer.from(bytes));
    await this.sync(path);
  }

  async *read(path: string): AsyncIterable<Uint8Array> {
    yield this.#file(path).live;
  }

  /** As from a card reader that answers from its own memory. */
  async *readBack(path: string): AsyncIterable<Uint8Array> {
    yield this.#file(path).live;
  }

  async remove(path: string): Promise<void> {
    if (!this.#live.has(path)) return;
    this.#step();
    this.#live.delete(path);
  }

  async sync(path: string): Promise<void> {
    this.#step();
    const file = this.#file(path);
    if (this.forgets !== 'files') file.durable = Buffer.from(file.live);
  }

  async syncFolder(path: string): Promise<void> {
    this.#step();
    if (this.forgets === 'folders') return;
    for (const name of this.#names().filter((each) => parentOf(each) === path)) {
      keep(this.#durable, name, this.#live.get(name));
    }
  }

  /** What a worn card does: one byte of a file is another. */
  damage(path: string, at: number): void {
    const file = this.#file(path);
    file.live[at] = (file.live[at] ?? 0) ^ 1;
    file.durable[at] = (file.durable[at] ?? 0) ^ 1;
  }

  /** The disk as it is found after a cut, or after any stop: nothing of this one changes. */
  afterCut(fate: Fate): VolatileDisk {
    const found = new VolatileDisk();
    for (const name of this.#names().sort()) {
      const [live, durable] = [this.#live.get(name), this.#durable.get(name)];
      const entry = live === durable || fate(2) === 1 ? live : durable;
      if (entry === undefined || !found.#hasParent(name)) continue;
      found.#set(name, entry === 'folder' ? entry : mixed(entry, fate));
    }
    return found;
  }

  #set(name: string, entry: Entry): void {
    this.#live.set(name, entry);
    this.#durable.set(name, entry);
  }

  #hasParent(name: string): boolean {
    return parentOf(name) === '' || this.#live.get(parentOf(name)) === 'folder';
  }

  #names(): string[] {
    return [...new Set([...this.#live.keys(), ...this.#durable.keys()])];
  }

  #file(path: string): Content {
    const entry = this.#live.get(path);
    if (entry === undefined || entry === 'folder') throw new RangeError(`no file ${path}`);
    return entry;
  }

  #sectors(file: Content, bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += SECTOR_BYTES) {
      this.#step();
      const end = Math.min(at + SECTOR_BYTES, bytes.length);
      const grown = Buffer.alloc(Math.max(file.live.length, end));
      file.live.copy(grown);
      bytes.copy(grown, at, at, end);
      file.live = grown;
    }
  }

  #step(): void {
    if (this.steps >= this.cutAt) throw new Cut(`before step ${this.steps}`);
    this.steps += 1;
  }
}

function mixed({ live, durable }: Content, fate: Fate): Content {
  const size = live.length === durable.length || fate(2) === 1 ? live.length : durable.length;
  const content = Buffer.alloc(size);
  for (let at = 0; at < size; at += SECTOR_BYTES) {
    const end = Math.min(at + SECTOR_BYTES, size);
    const same = live.subarray(at, end).equals(durable.subarray(at, end));
    const chosen = same ? 0 : fate(3);
    content.set(durable.subarray(at, end), at);
    if (chosen > 0)
      content.set(live.subarray(at, chosen === 1 ? end : Math.min(end, at + SECTOR_BYTES / 2)), at);
  }
  return { live: content, durable: Buffer.from(content) };
}

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

function keep(names: Map<string, Entry>, name: string, entry: Entry | undefined): void {
  if (entry === undefined) names.delete(name);
  else names.set(name, entry);
}
