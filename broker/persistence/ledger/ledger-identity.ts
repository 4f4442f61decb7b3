import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import type { Clock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';
import { uuidv7 } from '#contract/uuid.ts';
import type { SiteDatabase } from '../store/database.ts';

const Stamp = z.object({ ledgerId: z.string(), generation: z.int(), file: z.string() });
type Stamp = z.infer<typeof Stamp>;

export interface LedgerIdentityParts {
  readonly store: SiteDatabase;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The name of this ledger, by which devices notice that the site has forgotten something: a database that was
 * restored from a copy gets a new `ledgerId`, and they offer again what they kept.
 *
 * How a copy is recognised: database and stamp file (`<database>.stamp`) both hold a generation that advances at
 * every start, every minute of work and every clean end; the stamp also names the file on its disk (inode). The
 * database is taken for a copy when its generation is behind the stamp's, when the two hold different ids, when
 * the stamp is missing, or when the file is another one than the stamp names (a whole folder put back or moved:
 * a needless new id costs only messages that are recognised by their own ids).
 *
 * What cannot be recognised: a snapshot of the whole disk put back underneath (virtual machine, file system),
 * where database, stamp and inode go back together; and a copy put into the same file that is younger than the
 * last advance. There the gaps of the watermarks still ask the devices for what is missing (`missing`).
 */
export class LedgerIdentity {
  readonly #store: SiteDatabase;
  readonly #clock: Clock;
  readonly #log: Log;
  #stamp: Stamp = { ledgerId: '', generation: 0, file: '' };

  constructor({ store, clock, log }: LedgerIdentityParts) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  get ledgerId(): string {
    return this.#stamp.ledgerId;
  }

  async start(): Promise<void> {
    const stamp = this.#readStamp();
    const kept = this.#readKept();
    const file = this.#file();
    const reason = whyNew(kept, stamp, file);
    const ledgerId = reason === null && kept !== null ? kept.ledgerId : uuidv7(this.#clock);
    if (reason !== null)
      this.#log.warn({ ledgerId, previous: kept?.ledgerId ?? null, reason }, 'ledger.named');
    const generation = Math.max(kept?.generation ?? 0, stamp?.generation ?? 0);
    this.#stamp = { ledgerId, generation, file };
    if (reason !== null) return this.advance();
    // A ledger that has its name already starts on a full disk, too; the minutes after will advance it.
    await this.advance().catch((error) => this.#log.error({ error: String(error) }, 'ledger.stamp-failed'));
  }

  /** Database first: a crash in between leaves the stamp behind, which is no sign of a copy. */
  async advance(): Promise<void> {
    const next = { ...this.#stamp, generation: this.#stamp.generation + 1 };
    await this.#store.commit((sql) => {
      const put = sql.prepare('REPLACE INTO meta (key, value) VALUES (?, ?)');
      put.run('ledgerId', next.ledgerId);
      put.run('generation', String(next.generation));
    });
    this.#stamp = next;
    this.#writeStamp();
  }

  get #path(): string | null {
    return this.#store.path === ':memory:' ? null : `${this.#store.path}.stamp`;
  }

  #file(): string {
    if (this.#path === null) return '';
    const { dev, ino } = statSync(this.#store.path);
    return `${dev}:${ino}`;
  }

  #readKept(): { ledgerId: string; generation: number } | null {
    const read = this.#store.sql.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck();
    const ledgerId = read.get('ledgerId');
    return ledgerId === undefined ? null : { ledgerId, generation: Number(read.get('generation') ?? 0) };
  }

  #readStamp(): Stamp | null {
    if (this.#path === null) return null;
    try {
      return Stamp.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
    } catch (error) {
      this.#log.debug({ error: String(error) }, 'ledger.no-stamp');
      return null;
    }
  }

  #writeStamp(): void {
    if (this.#path === null) return;
    const draft = `${this.#path}.new`;
    const file = openSync(draft, 'w', 0o600);
    writeSync(file, JSON.stringify(this.#stamp));
    fsyncSync(file);
    closeSync(file);
    renameSync(draft, this.#path);
    const folder = openSync(dirname(this.#path), 'r');
    fsyncSync(folder);
    closeSync(folder);
  }
}

function whyNew(
  kept: { ledgerId: string; generation: number } | null,
  stamp: Stamp | null,
  file: string,
): string | null {
  if (kept === null) return 'new';
  if (file === '') return null;
  if (stamp === null) return 'stamp-missing';
  if (stamp.ledgerId !== kept.ledgerId) return 'stamp-of-another-ledger';
  if (kept.generation < stamp.generation) return 'behind-its-stamp';
  return stamp.file === file ? null : 'another-file';
}
