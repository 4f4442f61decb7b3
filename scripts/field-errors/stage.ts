import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

/** What SQLite and a running program leave beside what counts. */
const PASSING = /(-shm|-wal|-journal|\.lock|\/lock)$/;

/** The folder that a command of a mistake is typed in. */
export class Stage {
  readonly dir: string;
  /** What is printed of this machine, and what stands for it on the page. */
  readonly standIns = new Map<string, string>();
  readonly #names = new Map<string, string>();
  readonly #closers: (() => void | Promise<void>)[] = [];

  constructor(dir: string) {
    this.dir = dir;
  }

  /** Empty, in the folder for passing files. */
  static make(): Stage {
    return new Stage(mkdtempSync(join(tmpdir(), 'watchpost-stage-')));
  }

  /** With the rights and links of the other. */
  static copy(other: Stage): Stage {
    const stage = Stage.make();
    execFileSync('cp', ['-a', `${other.dir}/.`, stage.dir]);
    return stage;
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  text(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  bytes(name: string): Buffer {
    return readFileSync(this.path(name));
  }

  write(name: string, content: string | Buffer, mode = 0o644): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content, { mode });
  }

  folder(name: string): void {
    mkdirSync(this.path(name), { recursive: true });
  }

  chmod(name: string, mode: number): void {
    chmodSync(this.path(name), mode);
  }

  remove(name: string): void {
    rmSync(this.path(name), { recursive: true, force: true });
  }

  /** All that lies here, by name: its rights and what is in it. */
  listing(): Map<string, string> {
    const entries = readdirSync(this.dir, { recursive: true, withFileTypes: true });
    const names = entries.map((entry) => relative(this.dir, join(entry.parentPath, entry.name)));
    return new Map(
      names.filter((name) => !PASSING.test(name)).map((name) => [name, stateOf(this.path(name))]),
    );
  }

  stands(printed: string, shown: string): void {
    this.standIns.set(printed, shown);
  }

  /** What `{name}` in a command stands for here. */
  named(name: string, value: string): void {
    this.#names.set(name, value);
  }

  filledIn(word: string): string {
    return word.replaceAll(/\{(\w+)\}/g, (hole, name: string) => this.#names.get(name) ?? hole);
  }

  /** What ends with the stage: programs that run, locks that are held. */
  onClose(work: () => void | Promise<void>): void {
    this.#closers.push(work);
  }

  async close(): Promise<void> {
    for (const work of this.#closers.splice(0)) await work();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

function stateOf(path: string): string {
  const stat = lstatSync(path);
  const mode = (stat.mode & 0o7777).toString(8);
  if (stat.isSymbolicLink()) return `-> ${readlinkSync(path)}`;
  if (!stat.isFile()) return mode;
  return `${mode} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
}
