import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Test } from 'tap';

/** The system's: what scripts/setup installs for tests. */
const PYTHON = '/usr/bin/python3';

/** Why there can be no serial line here, or false. */
export const NO_PTY: string | false =
  spawnSync(PYTHON, ['-c', 'import pty']).status === 0 ? false : 'python3 is missing';

/** Lines of its standard input go to the serial line; after `HANG UP` the rest of a line, and the other end is closed. */
const SCRIPT = `import os, pty, sys, tty
master, slave = pty.openpty()
tty.setraw(slave)
print(os.ttyname(slave), flush=True)
for line in sys.stdin:
    last = line.startswith('HANG UP')
    os.write(master, line.replace('HANG UP', '').strip().encode() + b'\\r\\n')
    if last:
        os.close(master)
        open(sys.argv[1], 'w').close()
`;
/** The other end is closed within far less. */
const MOST_LOOKS = 3_000;
const LOOK_EVERY_MS = 10;

/** A serial line whose other end the test holds. */
export class TestLine {
  readonly path: string;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #flag: string;

  static async make(t: Pick<Test, 'teardown'>): Promise<TestLine> {
    const dir = mkdtempSync(join(tmpdir(), 'watchpost-pty-'));
    const flag = join(dir, 'hung-up');
    const child = spawn(PYTHON, ['-c', SCRIPT, flag]);
    t.teardown(() => {
      child.kill();
      rmSync(dir, { recursive: true, force: true });
    });
    const [path] = await once(createInterface(child.stdout), 'line');
    return new TestLine(String(path), child, flag);
  }

  constructor(path: string, process: ChildProcessWithoutNullStreams, flag: string) {
    this.path = path;
    this.#process = process;
    this.#flag = flag;
  }

  write(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  /**
   * Says a last line and closes the other end while this process looks elsewhere, as a busy one does: serialport then
   * finds the end behind something to read, and does not notice it. An idle one it notices by itself.
   */
  async hangUpSaying(line: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#process.stdin.write(`HANG UP${line}\n`, () => resolve());
    });
    const cell = new Int32Array(new SharedArrayBuffer(4));
    for (let looks = 0; looks < MOST_LOOKS && !existsSync(this.#flag); looks++)
      Atomics.wait(cell, 0, 0, LOOK_EVERY_MS);
  }

  /** Whether this process still has the line open: then serialport reads it without end. */
  get isHeld(): boolean {
    return readdirSync('/proc/self/fd').some((fd) => targetOf(fd).startsWith(this.path));
  }
}

function targetOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ''; // The one that listed the folder is closed by now.
  }
}
