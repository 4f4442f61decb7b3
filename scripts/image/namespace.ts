import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Clock, systemClock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { run } from './run.ts';

/** Every id is its own there: files belong to whom they belong in the image. */
const ALL_IDS = '0 0 65536';
const READY_WITHIN_MS = 30_000;
export const QEMU = '/usr/bin/qemu-aarch64-static';

/**
 * ELF files of arm64 are run by QEMU (Documentation/admin-guide/binfmt-misc.rst; F: opened now, so that it is found in
 * every root; P, O and C: with its own name, open file and rights). A kernel before 6.7 has one such table for all.
 */
const ARM64_ELF = String.raw`:qemu-aarch64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:${QEMU}:FPOC`;

/** Reads until this process ends, however it does: then all in the namespace ends, and its mounts are gone. */
const HOLDER = `
set -e
read -r go
mount -t proc proc /proc
if mount -t binfmt_misc none /proc/sys/fs/binfmt_misc 2>/dev/null; then
  printf '%s' '${ARM64_ELF}' >/proc/sys/fs/binfmt_misc/register
fi
[ -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ] || { echo no-binfmt; exit 1; }
echo ready
exec cat >/dev/null
`;

/** A user, mount and process namespace of its own in which programs of arm64 run; nothing of it is seen outside. */
export class Namespace {
  readonly #clock: Clock;
  #holder: ChildProcess | null = null;
  #first = 0;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** @throws WatchpostError WP5063 where the kernel does not allow it */
  async start(): Promise<void> {
    const args = ['--user', '--mount', '--pid', '--fork', '--kill-child=KILL', 'sh', '-c', HOLDER];
    const holder = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#holder = holder;
    const cancel = this.#clock.after(READY_WITHIN_MS, () => holder.kill('SIGKILL'));
    try {
      await once(holder, 'spawn');
      this.#first = await this.#mapped(holder);
      holder.stdin?.write('go\n');
      await answered(holder);
    } finally {
      cancel();
    }
  }

  /** The command line of a program in there, to be started from here. */
  command(args: readonly string[]): string[] {
    return [
      'nsenter',
      `--target=${this.#first}`,
      '--user',
      '--mount',
      '--pid',
      '-S',
      '0',
      '-G',
      '0',
      ...args,
    ];
  }

  /** Runs a program in there to its end and answers its standard output. @throws WatchpostError WP5064 */
  run(
    args: readonly string[],
    limits: { readonly limitMs: number; readonly env?: NodeJS.ProcessEnv },
  ): Promise<string> {
    return run(this.command(args), { clock: this.#clock, ...limits });
  }

  async close(): Promise<void> {
    const holder = this.#holder;
    this.#holder = null;
    if (holder === null || holder.exitCode !== null || holder.signalCode !== null) return;
    const ended = once(holder, 'exit');
    holder.kill('SIGKILL');
    await ended;
  }

  /** `unshare` is in the new user namespace before it forks; only from outside can ids be given to it. */
  async #mapped({ pid = 0 }: ChildProcess): Promise<number> {
    const endMs = this.#clock.monoMs() + READY_WITHIN_MS;
    for (;;) {
      const children = childrenOf(pid);
      if (children !== '') {
        writeFileSync(`/proc/${pid}/uid_map`, ALL_IDS);
        writeFileSync(`/proc/${pid}/gid_map`, ALL_IDS);
        return Number(children.split(' ')[0]);
      }
      if (this.#clock.monoMs() > endMs) throw notAllowed();
      await new Promise((resolve) => this.#clock.after(20, () => resolve(null)));
    }
  }
}

async function answered({ stdout }: ChildProcess): Promise<void> {
  if (stdout === null) throw new WatchpostError('WP5063', { detail: 'unshare' });
  for await (const line of createInterface({ input: stdout })) {
    if (line === 'ready') return;
    if (line === 'no-binfmt')
      throw new WatchpostError('WP5063', {
        detail: 'this kernel (before 6.7) lets no namespace say how programs of arm64 are run',
        hint: 'Say it to the machine: sudo apt-get install qemu-user-static binfmt-support',
      });
  }
  throw notAllowed();
}

/** Empty as long as it has none, and when it has ended, which shows in time. */
function childrenOf(pid: number): string {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}

const notAllowed = (): WatchpostError =>
  new WatchpostError('WP5063', {
    detail: 'no user namespace can be made',
    hint: 'Run it as root, where user.max_user_namespaces (sysctl) is not 0.',
  });
