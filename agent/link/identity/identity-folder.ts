import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Failpoint, noFailpoint } from '#agent/ports/failpoint.ts';
import { WatchpostError } from '#contract/errors.ts';

/** As `provision` names them. */
const FOLDER = /^identity-[0-9a-f]{1,40}$/;

/**
 * The folders of an identity: `identity` is a link to the one in force, so that key and certificate change together, by
 * renaming it. While the site has not let the device in with a new one, `identity-before` leads to the one before. Cut
 * off anywhere, one whole pair is in force.
 */
export class IdentityFolder {
  readonly #link: string;
  readonly #failpoint: Failpoint;

  constructor(link: string, failpoint: Failpoint = noFailpoint) {
    this.#link = link;
    this.#failpoint = failpoint;
  }

  /** What is in force. Throws WP2205. */
  get current(): string {
    try {
      return realpathSync(this.#link);
    } catch (cause) {
      throw new WatchpostError('WP2205', { detail: this.#link, cause });
    }
  }

  /** What was in force before an exchange that is not settled; null where none is under way. */
  get before(): string | null {
    if (!existsSync(this.#before)) return null;
    const folder = realpathSync(this.#before);
    return folder === this.current ? null : folder;
  }

  /** Throws WP4420 where it is a plain folder, in which key and certificate cannot change together. */
  requireLink(): void {
    if (lstatSync(this.#link, { throwIfNoEntry: false })?.isSymbolicLink() === true) return;
    throw new WatchpostError('WP4420', { detail: `${this.#link} is no link to a folder` });
  }

  get draft(): string {
    return join(this.#dir, 'identity-next');
  }

  /** An empty folder for a new key; one that came to nothing is taken away. */
  openDraft(): void {
    rmSync(this.draft, { recursive: true, force: true });
    mkdirSync(this.draft, { mode: 0o700 });
  }

  /** Puts the certificates beside the key of the draft, and both in force; what was in force stays until `settle`. */
  exchange(serial: string, files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) writeDurable(join(this.draft, name), text);
    syncFolder(this.draft);
    this.#failpoint('identity.written');
    const name = `identity-${serial}`;
    const now = basename(this.current);
    renameSync(this.draft, join(this.#dir, name));
    syncFolder(this.#dir);
    this.#failpoint('identity.named');
    this.#lead(this.#before, now);
    this.#failpoint('identity.before');
    this.#lead(this.#link, name);
    this.#failpoint('identity.in-force');
  }

  /** The one before is not needed any more. Idempotent. */
  settle(): void {
    rmSync(this.#before, { force: true });
    syncFolder(this.#dir);
    this.#failpoint('identity.settled');
    this.tidy();
  }

  /** The one before is in force again. */
  giveBack(): void {
    const before = this.before;
    if (before === null) return;
    this.#lead(this.#link, basename(before));
    this.#failpoint('identity.given-back');
    this.settle();
  }

  /** Takes away what nothing leads to, such as what a cut has left; never the draft, whose certificate may come yet. */
  tidy(): void {
    if (lstatSync(this.#link, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
    const kept = new Set([basename(this.current), basename(this.before ?? '')]);
    for (const entry of readdirSync(this.#dir)) {
      if (FOLDER.test(entry) && !kept.has(entry))
        rmSync(join(this.#dir, entry), { recursive: true, force: true });
    }
  }

  #lead(link: string, to: string): void {
    const next = `${link}.new`;
    rmSync(next, { force: true });
    symlinkSync(to, next);
    if (readlinkSync(next) !== to) throw new WatchpostError('WP2205', { detail: next });
    renameSync(next, link);
    syncFolder(this.#dir);
  }

  get #dir(): string {
    return dirname(this.#link);
  }

  get #before(): string {
    return join(this.#dir, 'identity-before');
  }
}

function writeDurable(path: string, text: string): void {
  const file = openSync(path, 'w', 0o644);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
