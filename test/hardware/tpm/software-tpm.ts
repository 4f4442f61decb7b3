import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What tap's `t` gives. */
interface Teardown {
  teardown(handler: () => void | Promise<void>): void;
}

/** Why there is no TPM to be had here, or null. */
export function missingTpm(): string | null {
  const missing = ['swtpm', 'tpm2_unseal'].find((tool) => spawnSync('which', [tool]).status !== 0);
  return missing === undefined ? null : `${missing} is not installed (swtpm, tpm2-tools)`;
}

/** A TPM 2.0 in software whose memory is a folder. */
export class SoftwareTpm {
  readonly #dir: string;

  constructor(t: Teardown, dir: string) {
    this.#dir = dir;
    mkdirSync(dir, { recursive: true });
    t.teardown(() => this.stop());
  }

  /** For the tools of TPMs. */
  get tcti(): string {
    return `swtpm:path=${join(this.#dir, 'socket')}`;
  }

  start(): void {
    const file = (name: string) => join(this.#dir, name);
    const ways = ['server', 'ctrl'].flatMap((way) => [
      `--${way}`,
      `type=unixio,path=${file(way === 'server' ? 'socket' : 'socket.ctrl')}`,
    ]);
    const state = ['--tpmstate', `dir=${this.#dir}`, '--flags', 'not-need-init,startup-clear'];
    execFileSync('swtpm', [
      'socket',
      '--tpm2',
      ...state,
      ...ways,
      '--daemon',
      '--pid',
      `file=${file('pid')}`,
    ]);
  }

  /** Power off: what it holds outside its folder is gone. Idempotent. */
  stop(): void {
    const file = join(this.#dir, 'pid');
    if (!existsSync(file)) return;
    const pid = Number(readFileSync(file, 'utf8'));
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
    execFileSync('rm', [
      '-f',
      file,
      join(this.#dir, '.lock'),
      join(this.#dir, 'socket'),
      join(this.#dir, 'socket.ctrl'),
    ]);
  }
}
