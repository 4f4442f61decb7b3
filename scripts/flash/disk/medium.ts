import { constants } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { WatchpostError } from '#contract/errors.ts';
import { TABLE_BYTES } from '../fat/partition-table.ts';
import { mediumError } from '../medium-error.ts';
import { bytesInWords } from '../quantities.ts';
import { runTool } from '../tool.ts';
import { describeBlockDevice, loopDeviceOf, refuseDangerous } from './block-device.ts';

const TOOL_LIMIT_MS = 120_000;

/** A card in a reader, or the image of one in a file: opened for writing, and ours. */
export class Medium {
  readonly path: string;
  readonly what: string;
  readonly #file: FileHandle;
  readonly #isDevice: boolean;

  constructor(path: string, what: string, file: FileHandle, kind: 'device' | 'image') {
    this.path = path;
    this.what = what;
    this.#file = file;
    this.#isDevice = kind === 'device';
  }

  /**
   * @param forced - the name of a disk that is not removable, typed a second time
   * @throws WatchpostError WP4301, WP4302, WP4307, WP4309–WP4311, WP4315
   */
  static async open(given: string, forced: string | null): Promise<Medium> {
    try {
      const path = await realpath(given);
      const status = await stat(path);
      if (status.isBlockDevice()) return await openDevice(path, forced);
      if (!status.isFile()) throw new WatchpostError('WP4302', { detail: given });
      return await openImage(path, given, status.size);
    } catch (error) {
      throw mediumError(error, given);
    }
  }

  /** Its first sectors, where the table of partitions is. */
  async begin(): Promise<Buffer> {
    const buffer = Buffer.alloc(TABLE_BYTES);
    const { bytesRead } = await this.#file.read(buffer, 0, TABLE_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  }

  /** Has everything on the medium, whoever wrote it. */
  async sync(): Promise<void> {
    try {
      await this.#file.sync();
    } catch (error) {
      throw mediumError(error, this.path);
    }
  }

  /**
   * Has this machine forget what it remembers of the medium, so that what is read next comes from it.
   * @returns whether nothing is left in memory
   */
  async forget(): Promise<boolean> {
    if (this.#isDevice) return this.#flushDevice();
    await this.#drop();
    return this.#isForgotten();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** blockdev(8): BLKFLSBUF writes and drops the device's pages; it takes CAP_SYS_ADMIN. */
  async #flushDevice(): Promise<boolean> {
    const { code } = await this.#run('blockdev', '--flushbufs', this.path);
    if (code === 0) return true;
    await this.#drop();
    return false;
  }

  /** GNU dd(1), `nocache` with count=0: posix_fadvise(POSIX_FADV_DONTNEED) on the whole file. */
  async #drop(): Promise<void> {
    const flags = ['oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none'];
    await this.#run('dd', `of=${this.path}`, ...flags);
  }

  async #isForgotten(): Promise<boolean> {
    const { code, output } = await this.#run('fincore', '--noheadings', '--output', 'PAGES', this.path);
    return code === 0 && output.trim() === '0';
  }

  #run(...command: readonly [string, ...string[]]) {
    return runTool({ command, from: 'util-linux', timeoutMs: TOOL_LIMIT_MS });
  }
}

async function openDevice(path: string, forced: string | null): Promise<Medium> {
  const device = describeBlockDevice(path);
  refuseDangerous(device, forced);
  // O_EXCL on a block device without O_CREAT: EBUSY where it, or a partition of it, is mounted (open(2)).
  const file = await open(path, constants.O_RDWR | constants.O_EXCL);
  const what = [path, device.model, bytesInWords(device.bytes)].filter((part) => part !== '').join(', ');
  return new Medium(path, what, file, 'device');
}

async function openImage(path: string, given: string, bytes: number): Promise<Medium> {
  const loop = loopDeviceOf(path);
  if (loop !== null) throw new WatchpostError('WP4309', { detail: `${given} is behind /dev/${loop}` });
  return new Medium(path, `${given}, ${bytesInWords(bytes)}`, await open(path, 'r+'), 'image');
}
