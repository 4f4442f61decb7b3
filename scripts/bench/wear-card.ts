import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What a disk has been asked to do so far. */
export interface CardWork {
  readonly bytes: number;
  /** Flushes of its cache: one a sync, and those that the file system makes of itself. */
  readonly flushes: number;
}

const MEBIBYTES = 512;
const SECTOR_BYTES = 512;
/**
 * Mounts, says which device it is, and unmounts when its input ends: also when the bench is killed. The tables are
 * written at once, since the kernel would otherwise do so meanwhile.
 */
const KEEP = `trap '' INT TERM
truncate -s ${MEBIBYTES}M "$1" &&
mkfs.ext4 -q -b 4096 -E lazy_itable_init=0,lazy_journal_init=0 "$1" &&
mount -o loop "$1" "$2" || exit 1
findmnt -n -o SOURCE "$2"
read -r _
umount "$2" || umount -l "$2"`;

/** A file system of its own on a device of its own: what reaches it are the bytes of a card, the journal's included. */
export class WearCard {
  readonly dir: string;
  readonly #keeper: ChildProcess;
  readonly #device: string;

  private constructor(dir: string, keeper: ChildProcess, device: string) {
    this.dir = dir;
    this.#keeper = keeper;
    this.#device = device;
  }

  /** Null where nothing can be mounted: that needs root and a loop device that can be written. */
  static async insert(parent: string): Promise<WearCard | null> {
    const dir = join(parent, 'card');
    mkdirSync(dir);
    const keeper = spawn('sh', ['-c', KEEP, 'sh', join(parent, 'card.img'), dir], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const device = await firstLine(keeper);
    if (device === null) return null;
    const card = new WearCard(dir, keeper, device.replace('/dev/', ''));
    if (card.#isWritable()) return card;
    await card.remove();
    return null;
  }

  /** Everything written so far has reached it. */
  work(): CardWork {
    spawnSync('sync', ['-f', this.dir]);
    // kernel.org, Documentation/block/stat.rst: the 7th field counts sectors written, the 16th flushes.
    const fields = readFileSync(`/sys/block/${this.#device}/stat`, 'utf8').trim().split(/\s+/).map(Number);
    return { bytes: (fields[6] ?? 0) * SECTOR_BYTES, flushes: fields[15] ?? 0 };
  }

  async remove(): Promise<void> {
    if (this.#keeper.exitCode !== null) return;
    const ended = once(this.#keeper, 'exit');
    this.#keeper.stdin?.end();
    await ended;
  }

  #isWritable(): boolean {
    return spawnSync('touch', [join(this.dir, 'probe')]).status === 0;
  }
}

async function firstLine({ stdout }: ChildProcess): Promise<string | null> {
  if (stdout === null) return null;
  for await (const line of createInterface({ input: stdout })) return line.trim();
  return null;
}
