import type { GroupCommit } from '#broker/persistence/ports.ts';
import type { Clock } from '#contract/clock.ts';
import { type AccessSettings, DEFAULT_ACCESS } from './access-settings.ts';
import type { ApiTokens } from './api-tokens.ts';
import type { LastUse } from './last-use.ts';
import type { People } from './people.ts';
import type { Person, Role } from './roles.ts';
import { hashSecret, newSecret } from './secrets.ts';

export interface SessionsParts {
  readonly db: GroupCommit;
  readonly clock: Clock;
  readonly people: People;
  readonly tokens: ApiTokens;
  readonly lastUse: LastUse;
  readonly settings?: AccessSettings;
  /** After a commit: what let somebody in may not hold any more. */
  readonly onChanged?: () => void;
}

/** Somebody who has just shown who they are, and by which API token if by one. */
export interface Entrant {
  readonly person: Person;
  readonly tokenId: string | null;
  /** What it rested on when it was looked at (`People.stampOf`): what has changed since opens nothing. */
  readonly stamp: string;
}

interface SessionRow {
  readonly hash: string;
  readonly person: string;
  readonly role: Role;
  readonly stamp: string;
  readonly token_id: string | null;
  readonly used_ms: number;
  readonly expires_ms: number;
}

/** A session as its owner may know it. */
export interface OpenSession {
  readonly person: Person;
  readonly expiresAt: string;
}

/**
 * Sessions of browsers: an opaque id in a cookie, of which the database holds the hash. One ends with its time, when
 * nobody uses it, when its person's role, password or standing changes, and with the token that opened it.
 */
export class Sessions {
  readonly #parts: SessionsParts;
  readonly #settings: AccessSettings;

  constructor(parts: SessionsParts) {
    this.#parts = parts;
    this.#settings = parts.settings ?? DEFAULT_ACCESS;
  }

  get lifetimeS(): number {
    return Math.floor(this.#settings.sessionHours * 3600);
  }

  /** Answers the id that goes into the cookie. `replaced` is the one that the browser had before. */
  async open({ person, tokenId, stamp }: Entrant, replaced: string | null = null): Promise<string> {
    const { db, clock } = this.#parts;
    const id = newSecret('wps_');
    const nowMs = Math.floor(clock.wallMs());
    const row = {
      ...{ hash: hashSecret(id), person: person.name, role: person.role, token_id: tokenId },
      ...{ stamp, created_ms: nowMs, used_ms: nowMs },
      expires_ms: nowMs + this.lifetimeS * 1000,
    };
    await db.commit((sql) => {
      sql.prepare('DELETE FROM session WHERE expires_ms <= ?').run(nowMs);
      if (replaced !== null) sql.prepare('DELETE FROM session WHERE hash = ?').run(hashSecret(replaced));
      sql
        .prepare(
          `INSERT INTO session (hash, person, role, stamp, token_id, created_ms, used_ms, expires_ms)
           VALUES (@hash, @person, @role, @stamp, @token_id, @created_ms, @used_ms, @expires_ms)`,
        )
        .run(row);
    });
    if (replaced !== null) this.#parts.onChanged?.();
    return id;
  }

  /** Whose session it is while it lasts; looking is no use of it. */
  find(id: string): OpenSession | null {
    const { db, clock, lastUse } = this.#parts;
    const hash = hashSecret(id);
    const row = db.sql
      .prepare<[string, number], SessionRow>('SELECT * FROM session WHERE hash = ? AND expires_ms > ?')
      .get(hash, clock.wallMs());
    if (row === undefined) return null;
    const usedMs = lastUse.of('session', hash) ?? row.used_ms;
    if (clock.wallMs() - usedMs > this.#settings.sessionIdleMinutes * 60_000) return null;
    const person = this.#personOf(row);
    return person && { person, expiresAt: new Date(row.expires_ms).toISOString() };
  }

  /** Somebody is there. */
  used(id: string): void {
    this.#parts.lastUse.used('session', hashSecret(id));
  }

  async close(id: string): Promise<void> {
    const { db, onChanged } = this.#parts;
    await db.commit((sql) => sql.prepare('DELETE FROM session WHERE hash = ?').run(hashSecret(id)));
    onChanged?.();
  }

  #personOf({ person, role, stamp, token_id: tokenId }: SessionRow): Person | null {
    const { people, tokens } = this.#parts;
    if (stamp === '' || people.stampOf(person) !== stamp) return null;
    if (tokenId === null) return { name: person, role };
    const token = tokens.findById(tokenId);
    return token.kind === 'valid' ? token.person : null;
  }
}
