import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';

/** A tree like /sys in a folder of the test. */
export class FakeSysfs {
  readonly root: string;

  constructor(t: Test) {
    this.root = t.testdir({});
  }

  write(path: string, text: string): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** A device where its bus has it, listed in `folder` by a link, as the kernel does. */
  device(listed: string, real: string, files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) this.write(join(real, name), text);
    mkdirSync(dirname(join(this.root, listed)), { recursive: true });
    symlinkSync(join(this.root, real), join(this.root, listed));
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true, force: true });
  }
}
