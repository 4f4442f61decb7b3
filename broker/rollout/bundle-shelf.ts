import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { BUNDLE_MAX_BYTES } from '#contract/fetch.ts';
import type { BundleItem, UploadItem } from '#contract/fleet.ts';
import { deleteBundle, insertBundle, listBundles, readBundle } from './bundle-rows.ts';
import { judgeBundle } from './judge-bundle.ts';
import { isInUse } from './rollout-rows.ts';

export interface BundleShelfParts {
  readonly db: GroupCommit;
  readonly clock: Clock;
  readonly audit: Pick<AuditLog, 'append'>;
  /** Of the broker: holds `bundles/` and, where the site has one, `bundle-root.json`. */
  readonly dataDir: string;
  /** Stays free for the ledger. */
  readonly keepFreeBytes?: number;
}

/** One request of an upload. */
export interface UploadPiece {
  readonly sha256: string;
  readonly bytes: number;
  readonly from: number;
  readonly content: Buffer;
}

const KEEP_FREE_BYTES = 512 * 1024 * 1024;
/** What nobody went on with for so long is begun anew. */
const FORGET_AFTER_MS = 86_400_000;
/** Uploads under way. */
const MOST_PARTS = 16;

/** Keeps bundles at the site by their hash, each verified before it is taken. */
export class BundleShelf {
  readonly #parts: BundleShelfParts;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: BundleShelfParts) {
    this.#parts = parts;
  }

  list(): readonly BundleItem[] {
    return listBundles(this.#parts.db.sql);
  }

  /** Throws WP3702. */
  get(sha256: string): BundleItem {
    const found = readBundle(this.#parts.db.sql, sha256);
    if (found === null) throw new WatchpostError('WP3702', { detail: sha256 });
    return found;
  }

  fileOf(sha256: string): string {
    return join(this.#folder, `${sha256}.wpb`);
  }

  /**
   * Takes a piece of an upload, and the bundle when it was the last one. Where the piece is not the next, it is not
   * taken, and the answer says where to go on. Rejects with WP3703 (no room), WP3704 (not what was announced), WP3705
   * (too much at once), or why no device would take it (WP41xx).
   */
  upload(piece: UploadPiece, who: string): Promise<UploadItem> {
    const done = this.#turn.then(() => this.#upload(piece, who));
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** Rejects with WP3702, and WP3707 where a roll-out needs it still. */
  async remove(sha256: string, who: string): Promise<void> {
    const { db, audit } = this.#parts;
    const { device, generation } = this.get(sha256);
    await db.commit((sql) => {
      if (isInUse(sql, sha256)) throw new WatchpostError('WP3707', { detail: sha256 });
      deleteBundle(sql, sha256);
      audit.append(sql, { who, action: 'bundle.removed', subject: device, detail: { sha256, generation } });
    });
    await rm(this.fileOf(sha256), { force: true });
  }

  get #folder(): string {
    return join(this.#parts.dataDir, 'bundles');
  }

  async #upload({ sha256, bytes, from, content }: UploadPiece, who: string): Promise<UploadItem> {
    const known = await this.#whole(sha256, bytes);
    if (known !== null) return { from: bytes, bundle: known };
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const part = join(this.#folder, `${sha256}.part`);
    const have = await this.#begun(part, bytes);
    if (from !== have) return { from: have, bundle: null };
    if (have + content.length > bytes)
      throw new WatchpostError('WP3704', { detail: 'more than was announced' });
    await append(part, content, have);
    const next = have + content.length;
    return next < bytes ? { from: next, bundle: null } : this.#conclude(part, { sha256, bytes }, who);
  }

  async #whole(sha256: string, bytes: number): Promise<BundleItem | null> {
    const known = readBundle(this.#parts.db.sql, sha256);
    if (known === null) return null;
    return (await sizeOf(this.fileOf(sha256))) === bytes ? known : null;
  }

  async #begun(part: string, bytes: number): Promise<number> {
    // With each piece: an upload may say another size than it began with, and others fill the disk beside it.
    if (bytes > BUNDLE_MAX_BYTES) throw new WatchpostError('WP4111', { detail: `${bytes} bytes` });
    const size = await sizeOf(part);
    const isBegun = size !== null && size <= bytes;
    if (!isBegun) await this.#forgetOld();
    const { bavail, bsize } = await statfs(this.#folder);
    const needed = bytes - (isBegun ? size : 0) + (this.#parts.keepFreeBytes ?? KEEP_FREE_BYTES);
    if (bavail * bsize < needed) {
      throw new WatchpostError('WP3703', { detail: `${bavail * bsize} bytes free, ${needed} needed` });
    }
    if (isBegun) return size;
    await rm(part, { force: true });
    return 0;
  }

  async #forgetOld(): Promise<void> {
    const parts = (await readdir(this.#folder)).filter((name) => name.endsWith('.part'));
    let left = parts.length;
    for (const name of parts) {
      const { mtimeMs } = await stat(join(this.#folder, name));
      if (this.#parts.clock.wallMs() - mtimeMs < FORGET_AFTER_MS) continue;
      await rm(join(this.#folder, name), { force: true });
      left -= 1;
    }
    if (left >= MOST_PARTS) throw new WatchpostError('WP3705', { detail: `${left} uploads` });
  }

  async #conclude(
    part: string,
    { sha256, bytes }: { readonly sha256: string; readonly bytes: number },
    who: string,
  ): Promise<UploadItem> {
    const { db, clock, audit, dataDir } = this.#parts;
    try {
      if ((await hashOf(part)) !== sha256)
        throw new WatchpostError('WP3704', { detail: 'its hash is another' });
      const facts = await judgeBundle(part, { dataDir, nowMs: clock.wallMs() });
      await rename(part, this.fileOf(sha256));
      const uploadedAt = new Date(clock.wallMs()).toISOString();
      const item: BundleItem = { ...facts, sha256, bytes, uploadedAt, uploadedBy: who };
      await db.commit((sql) => {
        insertBundle(sql, item);
        const detail = { sha256, generation: item.generation, digest: item.digest };
        audit.append(sql, { who, action: 'bundle.uploaded', subject: item.device, detail });
      });
      return { from: bytes, bundle: item };
    } catch (cause) {
      await rm(part, { force: true });
      throw cause;
    }
  }
}

async function append(file: string, content: Buffer, at: number): Promise<void> {
  const handle = await open(file, at === 0 ? 'w' : 'r+', 0o600);
  try {
    await handle.write(content, 0, content.length, at);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

async function sizeOf(file: string): Promise<number | null> {
  return stat(file).then(
    ({ size }) => size,
    () => null,
  );
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(file)) hash.update(bytes);
  return hash.digest('hex');
}
