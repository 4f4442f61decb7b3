import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Test } from 'tap';

/** The system's: what scripts/setup installs for tests. */
const PYTHON = '/usr/bin/python3';

/** Why there can be no serial line here, or false. */
export const NO_PTY: string | false =
  spawnSync(PYTHON, ['-c', 'import pty']).status === 0 ? false : 'python3 is missing';

/** Lines of its standard input go to the serial line; `HANG UP` closes the other end of it, as a pulled cable does. */
const SCRIPT = `import os, pty, sys, tty
master, slave = pty.openpty()
tty.setraw(slave)
print(os.ttyname(slave), flush=True)
os.close(slave)
for line in sys.stdin:
    if line.strip() == 'HANG UP':
        os.close(master)
        print('hung up', flush=True)
    else:
        os.write(master, line.strip().encode() + b'\\r\\n')
`;

/** A serial line whose other end the test holds. */
export class TestLine {
  readonly path: string;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #said: ReturnType<typeof createInterface>;

  static async make(t: Pick<Test, 'teardown'>): Promise<TestLine> {
    const child = spawn(PYTHON, ['-c', SCRIPT]);
    t.teardown(() => child.kill());
    const said = createInterface(child.stdout);
    const [path] = await once(said, 'line');
    return new TestLine(String(path), child, said);
  }

  constructor(
    path: string,
    process: ChildProcessWithoutNullStreams,
    said: ReturnType<typeof createInterface>,
  ) {
    this.path = path;
    this.#process = process;
    this.#said = said;
  }

  write(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  async hangUp(): Promise<void> {
    const done = once(this.#said, 'line');
    this.write('HANG UP');
    await done;
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
