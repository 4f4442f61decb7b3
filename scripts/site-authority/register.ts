import { chmodSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3';
import { WatchpostError } from '#contract/errors.ts';
import { REVOCATION_REASONS, type Revocation, type RevocationReason } from './certificates.ts';
import { SECRET_MODE } from './durable-file.ts';

/** A certificate that the site has issued. Times in milliseconds since 1970. */
export interface IssuedCertificate {
  /** Hexadecimal digits. */
  readonly serial: string;
  /** `signer`: of certificates of acceptance. */
  readonly kind: 'server' | 'device' | 'signer' | 'authority';
  /** `{site}.{device}`, or what it is. */
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly issuedMs: number;
  /** Who at the site's machine. */
  readonly issuedBy: string;
  /** Serial number of the authority; null for one of the top, and for what was issued before there was another. */
  readonly issuer: string | null;
  readonly revokedMs: number | null;
  readonly reason: RevocationReason | null;
}

const SCHEMA = `
  CREATE TABLE certificate (
    serial TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL,
    issued_ms INTEGER NOT NULL,
    issued_by TEXT NOT NULL,
    revoked_ms INTEGER,
    reason TEXT
  ) STRICT;
  CREATE INDEX certificate_by_name ON certificate (name, issued_ms);
  CREATE TABLE published (number INTEGER NOT NULL) STRICT;
  INSERT INTO published VALUES (0);
  PRAGMA user_version = 1;
`;
/** Version 2: which generations of bundles were made for whom. A number is taken before its file is written. */
const BUNDLES = `
  CREATE TABLE bundle (
    name TEXT NOT NULL,
    generation INTEGER NOT NULL,
    made_ms INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    PRIMARY KEY (name, generation)
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = 2;
`;
/** Version 3: by whom. */
const ISSUERS = `
  ALTER TABLE certificate ADD COLUMN issuer TEXT;
  PRAGMA user_version = 3;
`;
const COLUMNS = `serial, kind, name, from_ms fromMs, to_ms toMs, issued_ms issuedMs, issued_by issuedBy,
  issuer, revoked_ms revokedMs, reason`;
/** How long one waits for another who is at it. */
const LOCK_WAIT_MS = 10_000;

/** What a site has issued and taken back: one SQLite file, every change on the disk when it is answered. */
export class Register {
  readonly #file: string;
  #sql: Database | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  /** Throws WP4402 where it cannot be opened, or was written by a newer version. */
  open(): void {
    try {
      const sql = new Sqlite(this.#file, { timeout: LOCK_WAIT_MS });
      this.#sql = sql;
      chmodSync(this.#file, SECRET_MODE);
      sql.pragma('synchronous = FULL');
      sql.transaction(() => bringUp(sql)).immediate();
    } catch (cause) {
      this.close();
      throw new WatchpostError('WP4402', { detail: this.#file, cause });
    }
  }

  /** Idempotent. */
  close(): void {
    this.#sql?.close();
    this.#sql = null;
  }

  /** Notes what is issued, beside what the name has; throws WP4406 where it is to have one alone. */
  add(issued: Omit<IssuedCertificate, 'revokedMs' | 'reason'>, others: 'refuse' | 'beside'): void {
    const sql = this.#open;
    sql
      .transaction(() => {
        if (others === 'refuse') this.requireNone(issued.name, issued.issuedMs);
        sql
          .prepare(
            `INSERT INTO certificate (serial, kind, name, from_ms, to_ms, issued_ms, issued_by, issuer)
             VALUES (@serial, @kind, @name, @fromMs, @toMs, @issuedMs, @issuedBy, @issuer)`,
          )
          .run(issued);
      })
      .immediate();
  }

  /** Takes back what the name has besides this one, which is in its place; answers how many. */
  replaceOthers(name: string, { serial, nowMs }: { serial: string; nowMs: number }): number {
    return this.#open
      .transaction(() => {
        const others = this.goodOf(name, nowMs).filter((issued) => issued.serial !== serial);
        for (const other of others) this.#revoke(other.serial, nowMs, 'replaced');
        return others.length;
      })
      .immediate();
  }

  /** Throws WP4406 where the name has a certificate that is good still. */
  requireNone(name: string, nowMs: number): void {
    const [good] = this.goodOf(name, nowMs);
    if (good === undefined) return;
    throw new WatchpostError('WP4406', { detail: `${name}, until ${new Date(good.toMs).toISOString()}` });
  }

  /** Takes back every certificate of the name that is good still; answers how many. Throws WP4409 where there is none at all. */
  revoke(name: string, { nowMs, reason }: { nowMs: number; reason: RevocationReason }): number {
    return this.#open
      .transaction(() => {
        if (this.list().every((issued) => issued.name !== name)) {
          throw new WatchpostError('WP4409', { detail: name });
        }
        const good = this.goodOf(name, nowMs);
        for (const { serial } of good) this.#revoke(serial, nowMs, reason);
        return good.length;
      })
      .immediate();
  }

  /** Not revoked and not ended, newest first. */
  goodOf(name: string, nowMs: number): IssuedCertificate[] {
    return this.list()
      .filter((issued) => issued.name === name && issued.revokedMs === null && issued.toMs > nowMs)
      .reverse();
  }

  /** In the order of issue. */
  list(): IssuedCertificate[] {
    return this.#open
      .prepare<[], IssuedCertificate>(`SELECT ${COLUMNS} FROM certificate ORDER BY issued_ms, rowid`)
      .all();
  }

  /** Whatever has none noted was issued by this authority. */
  noteIssuer(serial: string): void {
    this.#open
      .prepare("UPDATE certificate SET issuer = ? WHERE issuer IS NULL AND kind <> 'authority'")
      .run(serial);
  }

  /** Names of devices that may be let in by a certificate of another authority: with two it is not known which they use. */
  devicesNotOf(issuer: string, nowMs: number): readonly string[] {
    const names = new Set(this.list().flatMap(({ kind, name }) => (kind === 'device' ? [name] : [])));
    return [...names].filter((name) => {
      const good = this.goodOf(name, nowMs);
      return good.some((issued) => issued.issuer !== issuer);
    });
  }

  /** Takes the next generation of bundles for a device: 1 more than any before, whether that came to a file or not. */
  takeGeneration(name: string, { nowMs, by }: { nowMs: number; by: string }): number {
    return (
      this.#open
        .prepare<object, number>(
          `INSERT INTO bundle (name, generation, made_ms, made_by)
           SELECT @name, 1 + coalesce(max(generation), 0), @nowMs, @by FROM bundle WHERE name = @name
           RETURNING generation`,
        )
        .pluck()
        .get({ name, nowMs: Math.floor(nowMs), by }) ?? 1
    );
  }

  /** What belongs on a list now, and the number of that list. */
  nextList(nowMs: number): { readonly number: number; readonly revocations: readonly Revocation[] } {
    return this.#open
      .transaction(() => {
        const number = this.#open
          .prepare<[], number>('UPDATE published SET number = number + 1 RETURNING number')
          .pluck()
          .get();
        return {
          number: number ?? 1,
          revocations: this.list().flatMap((issued) => revocationOf(issued, nowMs)),
        };
      })
      .immediate();
  }

  #revoke(serial: string, atMs: number, reason: RevocationReason): void {
    this.#open
      .prepare('UPDATE certificate SET revoked_ms = ?, reason = ? WHERE serial = ?')
      .run(Math.floor(atMs), reason, serial);
  }

  get #open(): Database {
    if (this.#sql === null) throw new WatchpostError('WP4402', { detail: `${this.#file} is not open` });
    return this.#sql;
  }
}

function bringUp(sql: Database): void {
  const version = Number(sql.pragma('user_version', { simple: true }));
  if (version > 3) throw new RangeError(`written by a newer version (${version})`);
  if (version < 1) sql.exec(SCHEMA);
  if (version < 2) sql.exec(BUNDLES);
  if (version < 3) sql.exec(ISSUERS);
}

/** What has ended needs no place on a list (RFC 5280 §3.3); a day later, for clocks that differ. */
function revocationOf({ serial, toMs, revokedMs, reason }: IssuedCertificate, nowMs: number): Revocation[] {
  if (revokedMs === null || toMs + DAY_MS < nowMs) return [];
  return [
    { serial, atMs: revokedMs, reason: reason !== null && reason in REVOCATION_REASONS ? reason : 'lost' },
  ];
}

const DAY_MS = 86_400_000;
