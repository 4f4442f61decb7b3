import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Failpoint } from '#agent/ports/failpoint.ts';
import type { Exchange, KeyPlace, OwnCertificate, RenewableIdentity } from '#agent/ports/identity.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { Identity } from '../transport.ts';
import { describe, requireFitting } from './fitting.ts';
import { IdentityFolder } from './identity-folder.ts';

export interface DeviceKeysParts {
  /** `--identity` */
  readonly dir: string;
  /** `{site}.{device}` */
  readonly name: string;
  /** Makes a key in a folder and answers the request for its certificate: in a process of its own, for its memory. */
  readonly makeKey: (folder: string, name: string) => Promise<string>;
  /** Opens a key that a TPM has sealed; answers PEM. */
  readonly unseal: (sealedFile: string) => Promise<Buffer>;
  /** A time that is known to be past. */
  readonly pastMs: () => number;
  readonly log: Log;
  readonly failpoint?: Failpoint;
}

/** In the place of key.pem. */
export const SEALED_KEY = 'key.sealed';
/** So often a new certificate is tried before the one before has its turn. */
const TRIES = 3;
/** So often the site may let in the one before alone: it reads a new authority only every ten seconds. */
const ROUNDS = 2;

/**
 * Key and certificates of a device. A new pair is in force from the next connection on; while the site has not let the
 * device in with it, the pair before is kept, and tried by turns once the new one has failed three times. What the site
 * lets in by the one before alone, twice, is given back.
 */
export class DeviceKeys implements RenewableIdentity {
  readonly #parts: DeviceKeysParts;
  readonly #folder: IdentityFolder;
  /** Keys that a TPM has given, by folder. */
  readonly #unsealed = new Map<string, Buffer>();
  #used: string | null = null;
  #tries = 0;
  #rounds = 0;

  constructor(parts: DeviceKeysParts) {
    this.#parts = parts;
    this.#folder = new IdentityFolder(parts.dir, parts.failpoint);
  }

  /** Tidies up what a cut has left, and opens what a TPM has sealed. Never rejects: the connections say why. */
  async start(): Promise<void> {
    try {
      this.#folder.tidy();
      await this.#unseal(this.#folder.current);
      const { before } = this.#folder;
      if (before !== null) await this.#unseal(before);
    } catch (cause) {
      this.#parts.log.error({ code: codeOf(cause), err: cause }, 'identity.not-opened');
    }
  }

  /** For one connection: throws WP2205 where nothing can be read. */
  next(): Identity {
    const { current, before } = this.#folder;
    const turn = this.#tries;
    this.#tries += 1;
    const isBefore = before !== null && turn >= TRIES && (turn - TRIES) % 2 === 0;
    this.#used = isBefore ? before : current;
    return this.#read(this.#used);
  }

  /** What is in force. Throws WP2205. */
  read(): Identity {
    return this.#read(this.#folder.current);
  }

  get certificate(): OwnCertificate | null {
    const folder = this.#used ?? this.#folder.current;
    try {
      const { serial, expiresAt } = describe(new X509Certificate(readFileSync(join(folder, 'cert.pem'))));
      return { serial, expiresAt, keyIn: placeOf(folder) };
    } catch (cause) {
      this.#parts.log.debug({ err: cause }, 'identity.not-read');
      return null;
    }
  }

  async request(): Promise<string> {
    this.#folder.requireLink();
    this.#folder.openDraft();
    return this.#parts.makeKey(this.#folder.draft, this.#parts.name);
  }

  async install(pem: string): Promise<OwnCertificate> {
    this.#folder.requireLink();
    const { draft, current } = this.#folder;
    if (!existsSync(draft)) throw new WatchpostError('WP4422', { detail: 'no key waits for it' });
    await this.#unseal(draft);
    const { ca } = this.#read(current);
    const { name, pastMs } = this.#parts;
    const key = this.#keyIn(draft);
    const { own, serial, expiresAt } = requireFitting(pem, { key, name, ca, pastMs: pastMs() });
    this.#forgetUntried(current);
    this.#folder.exchange(serial, { 'cert.pem': own.toString(), 'ca.pem': ca.toString('utf8') });
    const folder = this.#folder.current;
    if (this.#unsealed.delete(draft)) this.#unsealed.set(folder, key);
    this.#tries = 0;
    this.#rounds = 0;
    return { serial, expiresAt, keyIn: placeOf(folder) };
  }

  /** What the site has never let in takes the place of nothing: the pair that it has let in stays until another was. */
  #forgetUntried(current: string): void {
    if (this.#folder.before === null) this.#folder.settle();
    else {
      this.#folder.giveBack();
      this.#unsealed.delete(current);
    }
  }

  cameIn(): Exchange {
    const { current, before } = this.#folder;
    this.#tries = 0;
    if (before === null) return 'none';
    if (this.#used === current) {
      this.#folder.settle();
      this.#unsealed.delete(before);
      return 'renewed';
    }
    this.#rounds += 1;
    if (this.#rounds < ROUNDS) return 'put-off';
    this.#folder.giveBack();
    this.#unsealed.delete(current);
    return 'given-back';
  }

  async #unseal(folder: string): Promise<void> {
    const sealed = join(folder, SEALED_KEY);
    if (existsSync(sealed)) this.#unsealed.set(folder, await this.#parts.unseal(sealed));
  }

  #read(folder: string): Identity {
    try {
      const [cert, ca] = [readFileSync(join(folder, 'cert.pem')), readFileSync(join(folder, 'ca.pem'))];
      return { key: this.#keyIn(folder), cert, ca };
    } catch (cause) {
      if (cause instanceof WatchpostError) throw cause;
      throw new WatchpostError('WP2205', { detail: folder, cause });
    }
  }

  #keyIn(folder: string): Buffer {
    if (placeOf(folder) === 'file') return readFileSync(join(folder, 'key.pem'));
    const key = this.#unsealed.get(folder);
    if (key === undefined) throw new WatchpostError('WP4425', { detail: folder });
    return key;
  }
}

const placeOf = (folder: string): KeyPlace => (existsSync(join(folder, SEALED_KEY)) ? 'tpm' : 'file');

const codeOf = (cause: unknown): string => (cause instanceof WatchpostError ? cause.code : 'WP2205');
