import type { Readable } from 'node:stream';
import { WatchpostError } from '#contract/errors.ts';
import type { Medium } from '../disk/medium.ts';
import type { Inbox, InboxName } from '../inbox/inbox.ts';
import { complaintError } from '../medium-error.ts';
import { runTool, type ToolResult } from '../tool.ts';
import { findFat } from './partition-table.ts';

/** The slowest cards that are sold write 2 MB/s (class 2); a tenth of it, and a minute besides. */
const SLOWEST_BYTES_A_MS = 200;
const LEAST_MS = 60_000;

/** The root of a FAT that nobody has mounted, by mtools: no kernel, no mount, no root. */
export class FatInbox implements Inbox {
  readonly what: string;
  readonly #medium: Medium;
  /** `path@@offset`, as mtools takes it. */
  readonly #place: string;

  private constructor(what: string, medium: Medium, place: string) {
    this.what = what;
    this.#medium = medium;
    this.#place = place;
  }

  /** Closes the medium where there is no FAT on it: WP4305. */
  static async on(medium: Medium): Promise<FatInbox> {
    try {
      const { offset, what } = findFat(await medium.begin());
      const place = `${medium.path}@@${offset}`;
      const kind = await kindOf(place);
      return new FatInbox(
        `${kind} on ${what === 'the whole of it' ? '' : `${what} of `}${medium.what}`,
        medium,
        place,
      );
    } catch (error) {
      await medium.close();
      throw error;
    }
  }

  async freeBytes(): Promise<number> {
    const { output } = await this.#done(['mdir', '-i', this.#place, '::']);
    return Number(/([\d ]+) bytes free/.exec(output)?.[1]?.replaceAll(' ', ''));
  }

  async sizeOf(name: InboxName): Promise<number | null> {
    const result = await this.#run(['mdir', '-i', this.#place, `::${name}`]);
    if (result.code !== 0 && /not found/i.test(result.complaint)) return null;
    const { output } = this.#judged(result);
    const [stem, extension] = name.split('.');
    const size = new RegExp(`^${stem} +${extension} +(\\d+) `, 'mi').exec(output)?.[1];
    return size === undefined ? null : Number(size);
  }

  async read(name: InboxName, take: (content: AsyncIterable<Uint8Array>) => Promise<void>): Promise<void> {
    await this.#done(['mtype', '-i', this.#place, `::${name}`], {
      onOutput: (output: Readable) => take(output),
    });
  }

  async write(name: InboxName, content: AsyncIterable<Uint8Array>, bytes: number): Promise<void> {
    // -o: over what is there, without asking.
    await this.#done(['mcopy', '-o', '-i', this.#place, '-', `::${name}`], {
      input: content,
      timeoutMs: LEAST_MS + bytes / SLOWEST_BYTES_A_MS,
    });
  }

  /** mtools never syncs. */
  async sync(): Promise<void> {
    await this.#medium.sync();
  }

  async forget(): Promise<boolean> {
    return this.#medium.forget();
  }

  async close(): Promise<void> {
    await this.#medium.close();
  }

  async #done(command: Command, more: Partial<Parameters<typeof runTool>[0]> = {}): Promise<ToolResult> {
    return this.#judged(await this.#run(command, more));
  }

  #judged(result: ToolResult): ToolResult {
    if (result.timedOut)
      throw new WatchpostError('WP4312', { detail: `${this.#medium.path} does not answer` });
    if (result.code !== 0) throw complaintError(result.complaint, this.#medium.path);
    return result;
  }

  #run(command: Command, more: Partial<Parameters<typeof runTool>[0]> = {}): Promise<ToolResult> {
    return runTool({ command, from: 'mtools', timeoutMs: LEAST_MS, ...more });
  }
}

type Command = readonly [string, ...string[]];

/** `FAT16`, and whether it can be read at all. */
async function kindOf(place: string): Promise<string> {
  const { code, output, complaint } = await runTool({
    ...{ command: ['minfo', '-i', place, '::'], from: 'mtools', timeoutMs: LEAST_MS },
  });
  if (code !== 0) throw new WatchpostError('WP4305', { detail: complaint.split('\n')[0] ?? '' });
  return /disk type="(FAT\d\d)/.exec(output)?.[1] ?? 'FAT';
}
