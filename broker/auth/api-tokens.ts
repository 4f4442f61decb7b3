import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { uuidv7 } from '#contract/uuid.ts';
import { type AccessSettings, DEFAULT_ACCESS } from './access-settings.ts';
import type { LastUse } from './last-use.ts';
import type { Audit, People } from './people.ts';
import { mayDo, mayGrant, PERMISSIONS, type Permission, type Person, type Role } from './roles.ts';
import { hashSecret, newSecret } from './secrets.ts';

export interface ApiTokensParts {
  readonly db: GroupCommit;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly people: People;
  readonly lastUse: LastUse;
  readonly settings?: AccessSettings;
  /** After a commit: what let somebody in may not hold any more. */
  readonly onChanged?: () => void;
}

export interface NewToken {
  /** Whose it is; without, the own. */
  readonly person?: string | undefined;
  readonly label: string;
  readonly scopes: readonly Permission[];
  readonly days?: number | undefined;
}

/** A token as lists show it: never the secret. */
export interface ListedToken {
  readonly row: number;
  readonly id: string;
  readonly person: string;
  readonly label: string;
  readonly scopes: readonly Permission[];
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string;
  readonly lastUsedAt: string | null;
  readonly expired: boolean;
}

export type FoundToken =
  | { readonly kind: 'valid'; readonly person: Person; readonly id: string }
  | { readonly kind: 'expired' | 'unknown' };

interface TokenRow {
  readonly row: number;
  readonly id: string;
  readonly hash: string;
  readonly person: string;
  readonly role: Role;
  readonly label: string;
  readonly scopes: string;
  readonly created_at: string;
  readonly created_by: string;
  readonly expires_ms: number;
  readonly used_ms: number | null;
}

const DAY_MS = 86_400_000;
/** An expired token is told apart from an unknown one so long. */
const EXPIRED_KEPT_MS = 30 * DAY_MS;
const Scopes = z.array(z.enum(PERMISSIONS));

/** Tokens for programs: for some of what a person may, and for some time. */
export class ApiTokens {
  readonly #parts: ApiTokensParts;
  readonly #settings: AccessSettings;

  constructor(parts: ApiTokensParts) {
    this.#parts = parts;
    this.#settings = parts.settings ?? DEFAULT_ACCESS;
  }

  /** `secret` is shown this once. Rejects with WP3353, WP3358 (no such person), WP3360 (too many) or WP3364 (too long). */
  async create(
    { person = '', label, scopes, days = this.#settings.tokenDays }: NewToken,
    by: Person,
  ): Promise<{ token: ListedToken; secret: string }> {
    const { db, clock, audit } = this.#parts;
    const owner = this.#ownerFor(person === '' ? by.name : person, scopes, by);
    if (days > this.#settings.tokenMaxDays) {
      throw new WatchpostError('WP3364', { detail: `at most ${this.#settings.tokenMaxDays} days` });
    }
    const secret = newSecret('wpt_');
    const nowMs = Math.floor(clock.wallMs());
    const values = {
      ...{ id: uuidv7(clock), hash: hashSecret(secret), person: owner.name, role: owner.role, label },
      ...{ scopes: JSON.stringify(scopes), created_at: new Date(nowMs).toISOString(), created_by: by.name },
      expires_ms: nowMs + Math.floor(days * DAY_MS),
    };
    const row = await db.commit((sql) => {
      sql.prepare('DELETE FROM api_token WHERE expires_ms < ?').run(nowMs - EXPIRED_KEPT_MS);
      this.#refuseTooMany(sql, owner.name);
      const inserted = insert(sql, values);
      const detail = { id: values.id, label, scopes, days };
      audit.append(sql, { who: by.name, action: 'token.created', subject: owner.name, detail });
      return inserted;
    });
    return { token: this.#listed({ ...values, row, used_ms: null }), secret };
  }

  /** Newest first; of one person, or of all. */
  list({ person, before, limit }: { person: string | null; before: number; limit: number }): ListedToken[] {
    return this.#parts.db.sql
      .prepare<{ person: string | null; before: number; limit: number }, TokenRow>(
        `SELECT * FROM api_token WHERE row < @before AND (@person IS NULL OR person = @person)
         ORDER BY row DESC LIMIT @limit`,
      )
      .all({ person, before, limit })
      .map((row) => this.#listed(row));
  }

  /** Ends it at once. Rejects with WP3361 when there is none that `by` may end. */
  async revoke(id: string, by: Person): Promise<void> {
    const { db, audit, onChanged } = this.#parts;
    await db.commit((sql) => {
      const row = sql.prepare<[string], TokenRow>('SELECT * FROM api_token WHERE id = ?').get(id);
      // A token that leaked must not take the others of its person with it.
      const mine = row?.person === by.name && by.scopes === undefined;
      if (row === undefined || !(mine || (mayDo(by, 'people') && mayGrant(by, row.role)))) {
        throw new WatchpostError('WP3361', { detail: id });
      }
      sql.prepare('DELETE FROM session WHERE token_id = ?').run(id);
      sql.prepare('DELETE FROM api_token WHERE id = ?').run(id);
      const detail = { id, label: row.label };
      audit.append(sql, { who: by.name, action: 'token.revoked', subject: row.person, detail });
    });
    onChanged?.();
  }

  find(secret: string): FoundToken {
    const row = this.#parts.db.sql
      .prepare<[string], TokenRow>('SELECT * FROM api_token WHERE hash = ?')
      .get(hashSecret(secret));
    return row === undefined ? { kind: 'unknown' } : this.#judge(row);
  }

  /** Of a session that was opened with it. */
  findById(id: string): FoundToken {
    const row = this.#parts.db.sql
      .prepare<[string], TokenRow>('SELECT * FROM api_token WHERE id = ?')
      .get(id);
    return row === undefined ? { kind: 'unknown' } : this.#judge(row);
  }

  #judge(row: TokenRow): FoundToken {
    if (row.expires_ms <= this.#parts.clock.wallMs()) return { kind: 'expired' };
    const owner = this.#parts.people.find(row.person);
    // The configuration may say otherwise of this person since.
    if (owner === null || owner.role !== row.role) return { kind: 'unknown' };
    this.#parts.lastUse.used('api_token', row.hash);
    return { kind: 'valid', id: row.id, person: { ...owner, scopes: scopesOf(row) } };
  }

  /** One cannot make more of what one has: a token makes no tokens, and nobody gives what they have not. */
  #ownerFor(name: string, scopes: readonly Permission[], by: Person): Person {
    if (by.scopes !== undefined) throw new WatchpostError('WP3353', { detail: 'tokens by a token' });
    const owner = this.#parts.people.find(name);
    const foreign = name !== by.name;
    if (foreign && !mayDo(by, 'people'))
      throw new WatchpostError('WP3353', { detail: `people as ${by.role}` });
    if (owner === null) throw new WatchpostError('WP3358', { detail: name });
    if (foreign && !mayGrant(by, owner.role)) {
      throw new WatchpostError('WP3353', { detail: `${owner.role} by ${by.role}` });
    }
    const beyond = scopes.filter((scope) => !mayDo(owner, scope));
    if (beyond.length > 0) {
      throw new WatchpostError('WP3353', { detail: `${beyond.join(', ')} as ${owner.role}` });
    }
    return owner;
  }

  #refuseTooMany(sql: Database, person: string): void {
    const text = 'SELECT count(*) FROM api_token WHERE person = ?';
    const count = sql.prepare<[string], number>(text).pluck().get(person) ?? 0;
    if (count >= this.#settings.tokensPerPerson) throw new WatchpostError('WP3360', { detail: person });
  }

  #listed(row: TokenRow): ListedToken {
    const { clock, lastUse } = this.#parts;
    const usedMs = lastUse.of('api_token', row.hash) ?? row.used_ms;
    return {
      ...{ row: row.row, id: row.id, person: row.person, label: row.label, scopes: scopesOf(row) },
      ...{ createdAt: row.created_at, createdBy: row.created_by },
      expiresAt: new Date(row.expires_ms).toISOString(),
      lastUsedAt: usedMs === null ? null : new Date(usedMs).toISOString(),
      expired: row.expires_ms <= clock.wallMs(),
    };
  }
}

const scopesOf = ({ scopes }: TokenRow): Permission[] => Scopes.parse(JSON.parse(scopes));

function insert(sql: Database, values: Omit<TokenRow, 'row' | 'used_ms'>): number {
  const { lastInsertRowid } = sql
    .prepare(
      `INSERT INTO api_token (id, hash, person, role, label, scopes, created_at, created_by, expires_ms)
       VALUES (@id, @hash, @person, @role, @label, @scopes, @created_at, @created_by, @expires_ms)`,
    )
    .run(values);
  return Number(lastInsertRowid);
}
