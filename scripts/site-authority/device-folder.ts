import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { newKey } from '#agent/installer/identity/key-request.ts';
import { sealKey } from '#agent/installer/identity/tpm.ts';
import { WatchpostError } from '#contract/errors.ts';
import { PUBLIC_MODE, replaceFile, SECRET_MODE, syncFolder } from './durable-file.ts';

/** Where cards are mounted: what is not there is not in, and a folder made in its place would be filled instead of it. */
const MOUNTS = /^\/(media|mnt|run\/media)(\/|$)/;
/** Of statfs(2): FAT, exFAT and NTFS, which keep neither owners nor links. */
const WITHOUT_OWNERS = new Set([0x4d44, 0x2011bab0, 0x5346544e, 0x7366746e]);

const fileSystemOf = (dir: string): number => statfsSync(dir).type;

/** Where an agent looks (`--identity`); it leads to the folder with key and certificate of now. */
export const IDENTITY = 'identity';
const FOLDER = /^identity-[0-9a-f]{1,40}$/;
const DRAFT = 'identity-new';

export interface DeviceCertificates {
  readonly serial: string;
  readonly certificate: string;
  /** What the device trusts. */
  readonly ca: string;
}

/**
 * The identity in a device's folder, or on its card. Key and certificate lie in one folder `identity-SERIAL` that
 * `identity` leads to, so that both change at once: by renaming that link.
 */
export class DeviceFolder {
  readonly #dir: string;
  readonly #fileSystemOf: (dir: string) => number;

  /** `typeOf` answers the type of the file system that a folder lies on. */
  constructor(dir: string, typeOf = fileSystemOf) {
    this.#dir = dir;
    this.#fileSystemOf = typeOf;
  }

  /** Makes the folder where it is a new one of this machine; never where a card should be mounted. Throws WP4407. */
  make(): void {
    if (existsSync(this.#dir) || MOUNTS.test(resolve(this.#dir))) return;
    this.#doing(() => mkdirSync(this.#dir, { mode: 0o700 }));
  }

  /** Throws WP4407 when it is not there or cannot be written, WP4432 on FAT, WP4413 when it has an identity that is to stay. */
  check(existing: 'refuse' | 'replace'): void {
    const stat = statSync(this.#dir, { throwIfNoEntry: false });
    if (stat === undefined) throw new WatchpostError('WP4407', { detail: `${this.#dir} is not there` });
    if (!stat.isDirectory()) throw new WatchpostError('WP4407', { detail: `${this.#dir} is no folder` });
    this.#doing(() => accessSync(this.#dir, constants.W_OK | constants.X_OK));
    if (WITHOUT_OWNERS.has(this.#fileSystemOf(this.#dir))) {
      throw new WatchpostError('WP4432', { detail: this.#dir });
    }
    const present = lstatSync(this.#link, { throwIfNoEntry: false });
    if (present === undefined) return;
    if (existing === 'refuse') throw new WatchpostError('WP4413', { detail: this.#link });
    if (present.isSymbolicLink()) return;
    throw new WatchpostError('WP4413', {
      detail: `${this.#link} is no link`,
      hint: 'It was not made by provision. Move it away, and take its certificate back if it is good still.',
    });
  }

  /** A new key that stays here; answers it for the request that it signs. Rejects with WP4407, or WP4424 without a TPM. */
  async makeKey(keyIn: 'file' | 'tpm' = 'file'): Promise<string> {
    const key = newKey();
    const sealed = keyIn === 'tpm' ? await sealKey(key) : null;
    return this.#doing(() => {
      rmSync(this.draft, { recursive: true, force: true });
      mkdirSync(this.draft, { mode: 0o700 });
      if (sealed === null) replaceFile(join(this.draft, 'key.pem'), key, SECRET_MODE);
      else replaceFile(join(this.draft, 'key.sealed'), sealed, SECRET_MODE);
      return key;
    });
  }

  /** Puts the certificate beside its key and both in force; what was before is taken away. Throws WP4407. */
  install({ serial, certificate, ca }: DeviceCertificates): void {
    this.#doing(() => {
      replaceFile(join(this.draft, 'cert.pem'), certificate, PUBLIC_MODE);
      replaceFile(join(this.draft, 'ca.pem'), ca, PUBLIC_MODE);
      const name = `identity-${serial}`;
      renameSync(this.draft, join(this.#dir, name));
      const link = join(this.#dir, `${IDENTITY}.new`);
      rmSync(link, { force: true });
      symlinkSync(name, link);
      syncFolder(this.#dir);
      renameSync(link, this.#link);
      syncFolder(this.#dir);
      this.#removeOthers(name);
    });
  }

  /** Takes a key away that came to nothing. */
  abandon(): void {
    rmSync(this.draft, { recursive: true, force: true });
  }

  /** Reads back what is in force. Throws WP4407 where it is not what `install` was given. */
  verify({ certificate, ca }: DeviceCertificates): void {
    this.#doing(() => {
      const same = (file: string, text: string) => readFileSync(join(this.#link, file), 'utf8') === text;
      const hasKey = ['key.pem', 'key.sealed'].some((file) => existsSync(join(this.#link, file)));
      if (hasKey && same('cert.pem', certificate) && same('ca.pem', ca)) return;
      throw new RangeError(`${this.#link} reads back other than it was written`);
    });
  }

  get #link(): string {
    return join(this.#dir, IDENTITY);
  }

  /** Where a key waits for its certificate. */
  get draft(): string {
    return join(this.#dir, DRAFT);
  }

  #removeOthers(name: string): void {
    for (const entry of readdirSync(this.#dir)) {
      if (FOLDER.test(entry) && entry !== name && readlinkSync(this.#link) !== entry) {
        rmSync(join(this.#dir, entry), { recursive: true, force: true });
      }
    }
  }

  #doing<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      if (cause instanceof WatchpostError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new WatchpostError('WP4407', { detail: reason, cause });
    }
  }
}
