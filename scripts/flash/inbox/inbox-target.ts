import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { MAX_BUNDLE_BYTES } from '#contract/bundle/layout.ts';
import { WatchpostError } from '#contract/errors.ts';
import { bytesInWords } from '../quantities.ts';
import { openSource, type SourceBundle } from '../source-bundle.ts';
import type { Progress, ReadBack, Sight, Target } from '../target.ts';
import { type Choice, chooseName, type Lying, type Wanted } from './choice.ts';
import { INBOX_NAMES, type Inbox, type InboxName } from './inbox.ts';

/** Between two syncs while it is written: what is on its way stays little, and progress true. */
const SYNC_EVERY_MS = 1_000;

/** A card or stick from which a device takes its bundle by itself. */
export class InboxTarget implements Target {
  readonly name: string;
  readonly next: string;
  readonly #source: SourceBundle;
  readonly #openInbox: () => Promise<Inbox>;
  #inbox: Inbox | null = null;
  #choice: Choice | null = null;

  constructor(name: string, source: SourceBundle, openInbox: () => Promise<Inbox>) {
    this.name = name;
    this.#source = source;
    this.#openInbox = openInbox;
    this.next = `take it out safely, put it into ${source.manifest.device} and switch the device on; it installs the bundle itself`;
  }

  async open(): Promise<void> {
    this.#inbox = await this.#openInbox();
  }

  async look(): Promise<Sight> {
    const inbox = this.#opened();
    const lying: Lying[] = [];
    for (const name of INBOX_NAMES) {
      const bytes = await inbox.sizeOf(name);
      if (bytes !== null) lying.push(await this.#lying(inbox, name, bytes));
    }
    const choice = chooseName(lying, this.#wanted);
    this.#choice = choice;
    const free = await inbox.freeBytes();
    if (!choice.isThere) this.#refuseFull(free + (choice.replaces?.bytes ?? 0));
    return {
      what: `${inbox.what}, ${bytesInWords(free)} free`,
      steps: choice.isThere ? [] : stepsOf(choice),
      risks: risksOf(lying, this.#wanted),
      bytes: choice.isThere ? 0 : this.#source.bytes,
    };
  }

  async write(progress: Progress): Promise<void> {
    const inbox = this.#opened();
    const { name } = this.#chosen();
    await inbox.write(name, told(createReadStream(this.#source.file), inbox, progress), this.#source.bytes);
    await inbox.sync();
  }

  async readBack(): Promise<ReadBack> {
    const inbox = this.#opened();
    const { name } = this.#chosen();
    const isForgotten = await inbox.forget(name);
    const hash = createHash('sha256');
    await inbox.read(name, async (content) => {
      for await (const piece of content) hash.update(piece);
    });
    const sha256 = hash.digest('hex');
    if (sha256 !== this.#source.sha256) {
      throw new WatchpostError('WP4313', { detail: `${this.name}, ${name}` });
    }
    return isForgotten
      ? {
          sha256,
          from: 'medium',
          how: `${name} read from the medium; a reader’s own memory cannot be bypassed`,
        }
      : {
          sha256,
          from: 'memory',
          how: `${name} read back, perhaps from this machine’s memory: run it as root to be sure`,
        };
  }

  async close(): Promise<void> {
    const inbox = this.#inbox;
    this.#inbox = null;
    await inbox?.close();
  }

  get #wanted(): Wanted {
    const { manifest, sha256 } = this.#source;
    return { device: manifest.device, generation: manifest.generation, sha256 };
  }

  #refuseFull(roomBytes: number): void {
    if (this.#source.bytes <= roomBytes) return;
    const detail = `${bytesInWords(this.#source.bytes)} to write, ${bytesInWords(roomBytes)} free`;
    throw new WatchpostError('WP4306', { detail });
  }

  async #lying(inbox: Inbox, name: InboxName, bytes: number): Promise<Lying> {
    // A stick may hold anything under our name: what is larger than a bundle is not copied to find that out.
    if (bytes > MAX_BUNDLE_BYTES) return { name, bytes, bundle: null };
    const folder = await mkdtemp(join(tmpdir(), 'watchpost-flash-'));
    try {
      const copy = join(folder, name);
      await inbox.read(name, (content) => pipeline(content, createWriteStream(copy)));
      const { manifest, sha256 } = await openSource(copy, null);
      return { name, bytes, bundle: { device: manifest.device, generation: manifest.generation, sha256 } };
    } catch (error) {
      if (error instanceof WatchpostError && error.code.startsWith('WP41'))
        return { name, bytes, bundle: null };
      throw error;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  #opened(): Inbox {
    if (this.#inbox === null) throw new WatchpostError('WP4312', { detail: `${this.name} is not open` });
    return this.#inbox;
  }

  #chosen(): Choice {
    if (this.#choice === null)
      throw new WatchpostError('WP4312', { detail: `${this.name} was not looked at` });
    return this.#choice;
  }
}

function stepsOf({ name, replaces, keeps }: Choice): readonly string[] {
  const over = replaces === null ? '' : `, over ${saidOf(replaces)}`;
  return [
    `write ${name}${over}${keeps === null ? '' : `; ${saidOf(keeps)} stays as it is`}`,
    'have it on the medium, read it back from there and compare',
  ];
}

const saidOf = ({ name, bundle }: Lying): string =>
  bundle === null ? `${name} (damaged)` : `${name} (generation ${bundle.generation} of ${bundle.device})`;

function risksOf(lying: readonly Lying[], { device, generation }: Wanted): readonly string[] {
  return lying.flatMap((each) => {
    if (each.bundle === null) return [`${saidOf(each)} is no whole bundle; a device passes it over`];
    if (each.bundle.device !== device)
      return [`${saidOf(each)} is for another device, which passes over ours`];
    if (each.bundle.generation <= generation) return [];
    return [`${saidOf(each)} is newer: the device takes that one`];
  });
}

/** Tells how far it is, and has what was written on the medium now and then. */
async function* told(
  content: AsyncIterable<Uint8Array>,
  inbox: Inbox,
  progress: Progress,
): AsyncIterable<Uint8Array> {
  let done = 0;
  let syncedMs = performance.now();
  for await (const piece of content) {
    yield piece;
    done += piece.length;
    if (performance.now() - syncedMs > SYNC_EVERY_MS) {
      await inbox.sync();
      syncedMs = performance.now();
    }
    progress(done);
  }
}
