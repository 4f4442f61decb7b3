import type { GroupCommit } from '#broker/persistence/ports.ts';
import type { Clock } from '#contract/clock.ts';
import type { Person, Role } from './roles.ts';
import { hashSecret, newSecret } from './secrets.ts';

/** A shift and a bit: nobody stays signed in on a console for days. */
export const SESSION_MS = 12 * 3_600_000;

/** Sessions of browsers: an opaque id in a cookie, of which the database holds the hash. */
export class Sessions {
  readonly #db: GroupCommit;
  readonly #clock: Clock;

  constructor(db: GroupCommit, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Answers the id that goes into the cookie. */
  async open({ name, role }: Person): Promise<string> {
    const id = newSecret('wps_');
    const nowMs = this.#clock.wallMs();
    await this.#db.commit((sql) => {
      sql.prepare('DELETE FROM session WHERE expires_ms <= ?').run(nowMs);
      sql
        .prepare('INSERT INTO session (hash, person, role, created_ms, expires_ms) VALUES (?, ?, ?, ?, ?)')
        .run(hashSecret(id), name, role, Math.floor(nowMs), Math.floor(nowMs + SESSION_MS));
    });
    return id;
  }

  find(id: string): Person | null {
    const row = this.#db.sql
      .prepare<[string, number], { person: string; role: Role }>(
        'SELECT person, role FROM session WHERE hash = ? AND expires_ms > ?',
      )
      .get(hashSecret(id), this.#clock.wallMs());
    return row === undefined ? null : { name: row.person, role: row.role };
  }

  async close(id: string): Promise<void> {
    await this.#db.commit((sql) => sql.prepare('DELETE FROM session WHERE hash = ?').run(hashSecret(id)));
  }
}
