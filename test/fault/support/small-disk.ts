import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';

const CHUNK = Buffer.alloc(4096, 1);

/** A file system of a few MiB with nothing else on it, mounted at `dir`. */
export class SmallDisk {
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  /** False where disks can be mounted, else what is to be said of the tests that are left out. */
  static refusal(): string | false {
    const dir = mkdtempSync(join(tmpdir(), 'watchpost-disk-'));
    try {
      mount(join(dir, 'disk'), 1);
      execFileSync('umount', [join(dir, 'disk')], { stdio: 'ignore' });
      return false;
    } catch {
      return 'mounting a file system is not allowed here: it needs root and loop devices';
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }

  static mount(t: Test, dir: string, mebibytes: number): SmallDisk {
    mount(dir, mebibytes);
    t.teardown(() => execFileSync('umount', ['-l', dir], { stdio: 'ignore' }));
    return new SmallDisk(dir);
  }

  sizeOf(name: string): number {
    return statSync(join(this.dir, name), { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Takes what is free, to the last block, as another program would. */
  fill(): void {
    const file = openSync(join(this.dir, 'filler'), 'a');
    try {
      for (;;) writeSync(file, CHUNK);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    } finally {
      fsyncSync(file);
      closeSync(file);
    }
  }

  empty(): void {
    rmSync(join(this.dir, 'filler'), { force: true });
  }
}

function mount(dir: string, mebibytes: number): void {
  const image = `${dir}.img`;
  const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'ignore' });
  mkdirSync(dir, { recursive: true });
  run('truncate', '-s', `${mebibytes}M`, image);
  run('mkfs.ext4', '-q', '-m', '0', '-O', '^has_journal', image);
  run('mount', '-o', 'loop', image, dir);
}
