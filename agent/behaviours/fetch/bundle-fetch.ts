import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { Link } from '../../ports/link.ts';
import { ArrivingBundle, type BundleReference } from './arriving-bundle.ts';

export interface BundleFetchParts {
  /** Where bundles wait to be installed. */
  readonly folder: string;
  readonly link: Pick<Link, 'onContent'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Never taken of the disk: alarms may need it. */
  readonly keepFreeBytes: number;
  readonly freeBytes: (folder: string) => Promise<number>;
}

const OURS = /^bundle-[0-9a-f]{40}\.(part|wpb)$/;
/** What nobody went on with for so long was given up by the site. */
const FORGET_AFTER_MS = 14 * 86_400_000;
const SWEEP_EVERY_MS = 86_400_000;

/**
 * Takes bundles that the site sends, piece by piece, onto the card: one at a time, resumed after whatever came between.
 * It judges nothing but that all of it has come; the installer trusts nothing that lies here.
 */
export class BundleFetch {
  readonly #parts: BundleFetchParts;
  #arriving: ArrivingBundle | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #stops: Cancel[] = [];

  constructor(parts: BundleFetchParts) {
    this.#parts = parts;
  }

  /** Idempotent. */
  start(): void {
    if (this.#stops.length > 0) return;
    const { link, clock } = this.#parts;
    const sweep = () => void this.#inTurn(() => this.#sweep());
    this.#stops = [
      link.onContent((piece) => {
        if (piece.blobId === this.#arriving?.reference.blob) this.#arriving.take(piece);
      }),
      clock.every(SWEEP_EVERY_MS, sweep),
    ];
    sweep();
  }

  /** What has come stays. Idempotent. */
  async close(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop();
    await this.#inTurn(() => this.#putAway());
  }

  /**
   * Answers which piece is wanted next, what is before it being on the disk; as many as the bundle has when it is whole.
   * Another bundle than before takes its place. Rejects with WP4651 (no room), WP4652 (not what was announced), WP4653.
   */
  fetch(reference: BundleReference): Promise<{ readonly from: number }> {
    return this.#inTurn(() => this.#fetch(reference));
  }

  async #fetch(reference: BundleReference): Promise<{ readonly from: number }> {
    const known = this.#arriving?.reference;
    if (known === undefined || known.blob !== reference.blob || known.bytes !== reference.bytes) {
      await this.#putAway();
      await this.#turnTo(reference);
    }
    const arriving = this.#arriving;
    if (arriving === null) throw new WatchpostError('WP4653', { detail: reference.blob });
    try {
      const from = await arriving.settle();
      await this.#refuseWithoutRoom(arriving);
      this.#parts.log.info(
        { blob: reference.blob, from, missingBytes: arriving.missingBytes },
        'bundle.wanted',
      );
      if (arriving.missingBytes === 0) await this.#putAway();
      return { from };
    } catch (cause) {
      await this.#putAway();
      throw cause;
    }
  }

  async #turnTo(reference: BundleReference): Promise<void> {
    const { folder } = this.#parts;
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // The site sends one at a time: what it sent before is not wanted any more.
      for (const name of await ours(folder)) {
        if (!name.startsWith(`${reference.blob}.`)) await rm(join(folder, name), { force: true });
      }
    } catch (cause) {
      throw new WatchpostError('WP4653', { detail: folder, cause });
    }
    const arriving = new ArrivingBundle(folder, reference);
    await arriving.open();
    this.#arriving = arriving;
  }

  /** Once for what is still to come, and once more for the slot that it is installed to. */
  async #refuseWithoutRoom({ missingBytes, reference }: ArrivingBundle): Promise<void> {
    if (missingBytes === 0) return;
    const { folder, freeBytes, keepFreeBytes } = this.#parts;
    const needed = missingBytes + reference.bytes + keepFreeBytes;
    const free = await freeBytes(folder);
    if (free < needed) throw new WatchpostError('WP4651', { detail: `${free} bytes free, ${needed} needed` });
  }

  async #putAway(): Promise<void> {
    const arriving = this.#arriving;
    this.#arriving = null;
    await arriving?.close();
  }

  async #sweep(): Promise<void> {
    const { folder, clock, log } = this.#parts;
    try {
      for (const name of await ours(folder)) {
        const file = join(folder, name);
        const ageMs = clock.wallMs() - (await stat(file)).mtimeMs;
        if (name.startsWith(`${this.#arriving?.reference.blob}.`) || ageMs < FORGET_AFTER_MS) continue;
        await rm(file, { force: true });
        log.info({ name }, 'bundle.forgotten');
      }
    } catch (cause) {
      log.warn({ folder, err: cause }, 'bundle.not-swept');
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

/** None where the folder is not there yet. */
async function ours(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause) => {
    if (cause.code === 'ENOENT') return [];
    throw cause;
  });
  return names.filter((name) => OURS.test(name));
}
