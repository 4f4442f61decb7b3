import { execFileSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';

/** Numbers shared with the library, in the order of its enum (unsynced.c). */
const CONTROLS = [
  'failSync',
  'failWrite',
  'writesLeft',
  'lie',
  'hold',
  'syncs',
  'held',
  'delayUs',
  'failCreate',
] as const;
export type DiskControl = (typeof CONTROLS)[number];

const SOURCE = fileURLToPath(new URL('./unsynced.c', import.meta.url));
const PAGE_BYTES = 4096;
const SECTOR_BYTES = 512;

/** Whole numbers from 0 to below `below`, of a seeded sequence. */
export type Random = (below: number) => number;

/**
 * What the power cut leaves: `synced`, exactly what was synced; `torn`, besides that any of what was on its way, page by
 * page and sector by sector, as real disks do.
 */
export type Survival = 'synced' | 'torn';

/** A folder on a disk that forgets what was not synced when its power goes (see unsynced.c). */
export class LossyDisk {
  readonly dir: string;
  readonly #library: string;
  readonly #base: string;

  private constructor(base: string, library: string) {
    this.#base = base;
    this.#library = library;
    this.dir = join(base, 'disk');
  }

  /** What is to be said where it cannot be built, else false. */
  static refusal(): string | false {
    try {
      execFileSync('cc', ['--version'], { stdio: 'ignore' });
      return false;
    } catch {
      return 'there is no C compiler (cc) to build the lossy disk with';
    }
  }

  static make(t: Test): LossyDisk {
    const base = mkdtempSync(join(tmpdir(), 'watchpost-power-'));
    t.teardown(() => rmSync(base, { recursive: true, force: true }));
    const library = join(base, 'unsynced.so');
    execFileSync('cc', ['-shared', '-fPIC', '-O2', '-w', '-o', library, SOURCE, '-ldl', '-lpthread']);
    const disk = new LossyDisk(base, library);
    mkdirSync(disk.dir, { mode: 0o700 });
    disk.powerOn();
    return disk;
  }

  /** All that is there now is on the disk. Before each process that uses it. */
  powerOn(): void {
    rmSync(this.#image, { recursive: true, force: true });
    mkdirSync(join(this.#image, 'inode'), { recursive: true });
    cpSync(this.dir, join(this.#image, 'tree'), { recursive: true });
    writeFileSync(this.#control, Buffer.alloc(PAGE_BYTES));
  }

  /** Environment of a process that uses the disk. */
  get env(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: this.#library,
      DISK_ROOT: this.dir,
      DISK_IMAGE: this.#image,
      DISK_CONTROL: this.#control,
    };
  }

  set(name: DiskControl, value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    const fd = openSync(this.#control, 'r+');
    writeSync(fd, bytes, 0, 4, CONTROLS.indexOf(name) * 4);
    closeSync(fd);
  }

  get(name: DiskControl): number {
    const bytes = Buffer.alloc(4);
    const fd = openSync(this.#control, 'r');
    readSync(fd, bytes, 0, 4, CONTROLS.indexOf(name) * 4);
    closeSync(fd);
    return bytes.readInt32LE();
  }

  /** The power is gone, the process with it: leaves in the folder what the disk holds. */
  cut(survival: Survival, random: Random): void {
    const survivors = join(this.#base, 'survivors');
    cpSync(join(this.#image, 'tree'), survivors, { recursive: true });
    if (survival === 'torn') this.#keepSome('', survivors, random);
    rmSync(this.dir, { recursive: true, force: true });
    cpSync(survivors, this.dir, { recursive: true });
    rmSync(survivors, { recursive: true, force: true });
  }

  get #image(): string {
    return join(this.#base, 'image');
  }

  get #control(): string {
    return join(this.#base, 'control');
  }

  /** Of each file that differs, some of the pages that were written since; of each folder, some of the names. */
  #keepSome(below: string, survivors: string, random: Random): void {
    const here = join(this.dir, below);
    for (const entry of readdirSync(here, { withFileTypes: true })) {
      const name = join(below, entry.name);
      if (entry.isDirectory()) this.#keepSome(name, survivors, random);
      else if (entry.isFile() && !entry.name.endsWith('-shm')) this.#keepSomeOf(name, survivors, random);
    }
    const durable = join(survivors, below);
    if (!existsSync(durable)) return;
    for (const entry of readdirSync(durable, { withFileTypes: true })) {
      const isGone = entry.isFile() && !existsSync(join(here, entry.name));
      if (isGone && random(2) === 0) rmSync(join(durable, entry.name));
    }
  }

  #keepSomeOf(name: string, survivors: string, random: Random): void {
    const real = readFileSync(join(this.dir, name));
    const target = join(survivors, name);
    const durable = this.#contentOf(join(this.dir, name));
    const isNamed = existsSync(target);
    // A new name, or another file under an old one, that no sync of the folder has made durable.
    const isMoved = !isNamed || (durable !== null && !durable.equals(readFileSync(target)));
    if (isMoved && random(2) === 0) return;
    const before = durable ?? (isNamed ? readFileSync(target) : Buffer.alloc(0));
    mkdirSync(join(target, '..'), { recursive: true });
    writeFileSync(target, mixed(before, real, random));
  }

  /** What is synced of this very file, under whatever name; null when it was never opened since power came. */
  #contentOf(file: string): Buffer | null {
    const { dev, ino } = statSync(file);
    const folder = join(this.#image, 'inode');
    const serials = readdirSync(folder)
      .filter((each) => each.startsWith(`${dev}-${ino}-`))
      .map((each) => ({ each, serial: Number(basename(each).split('-')[2]) }))
      .sort((a, b) => b.serial - a.serial);
    const [newest] = serials;
    return newest === undefined ? null : readFileSync(join(folder, newest.each));
  }
}

/** `before` with some of the pages of `after`, and of some of those only the first sectors. */
function mixed(before: Buffer, after: Buffer, random: Random): Buffer {
  const whole = random(2) === 0 ? before.length : after.length;
  const result = Buffer.alloc(Math.max(before.length, whole));
  before.copy(result);
  let end = before.length;
  for (let at = 0; at < after.length && at < result.length; at += PAGE_BYTES) {
    const page = after.subarray(at, Math.min(at + PAGE_BYTES, result.length));
    if (page.equals(result.subarray(at, at + page.length)) || random(2) === 0) continue;
    const length = random(3) === 0 ? random(8) * SECTOR_BYTES : page.length;
    page.copy(result, at, 0, Math.min(length, page.length));
    end = Math.max(end, Math.min(at + page.length, result.length));
  }
  return result.subarray(0, whole > before.length ? Math.max(end, before.length) : result.length);
}
