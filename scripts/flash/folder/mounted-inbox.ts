import { constants, createReadStream } from 'node:fs';
import { open, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Inbox, InboxName } from '../inbox/inbox.ts';
import { mediumError } from '../medium-error.ts';
import { runTool } from '../tool.ts';

const TOOL_LIMIT_MS = 60_000;

/** The root of a FAT that is mounted. */
export class MountedInbox implements Inbox {
  readonly what: string;
  readonly #dir: string;

  constructor(dir: string, what: string) {
    this.#dir = dir;
    this.what = what;
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#dir);
    return bavail * bsize;
  }

  async sizeOf(name: InboxName): Promise<number | null> {
    try {
      return (await stat(join(this.#dir, name))).size;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw mediumError(error, this.#dir);
    }
  }

  async read(name: InboxName, take: (content: AsyncIterable<Uint8Array>) => Promise<void>): Promise<void> {
    try {
      await take(createReadStream(join(this.#dir, name)));
    } catch (error) {
      throw mediumError(error, this.#dir);
    }
  }

  async write(name: InboxName, content: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#with(name, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, async (file) => {
      for await (const piece of content) await file.writeFile(piece);
      await file.sync();
    });
  }

  /** Files are synced as they are written; the names here. */
  async sync(): Promise<void> {
    await this.#with('.', constants.O_RDONLY | constants.O_DIRECTORY, (folder) => folder.sync());
  }

  /** GNU dd(1), `nocache` with count=0: posix_fadvise(POSIX_FADV_DONTNEED); fincore(1) says what is left of it. */
  async forget(name: InboxName): Promise<boolean> {
    const path = join(this.#dir, name);
    const drop = [
      'dd',
      `of=${path}`,
      'oflag=nocache',
      'conv=notrunc,fdatasync',
      'count=0',
      'status=none',
    ] as const;
    await runTool({ command: drop, from: 'coreutils', timeoutMs: TOOL_LIMIT_MS });
    const left = ['fincore', '--noheadings', '--output', 'PAGES', path] as const;
    const { code, output } = await runTool({ command: left, from: 'util-linux', timeoutMs: TOOL_LIMIT_MS });
    return code === 0 && output.trim() === '0';
  }

  async close(): Promise<void> {
    return;
  }

  async #with(
    name: string,
    flags: number,
    use: (file: Awaited<ReturnType<typeof open>>) => Promise<void>,
  ): Promise<void> {
    try {
      const file = await open(join(this.#dir, name), flags, 0o644);
      try {
        await use(file);
      } finally {
        await file.close();
      }
    } catch (error) {
      throw mediumError(error, this.#dir);
    }
  }
}
