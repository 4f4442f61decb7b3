import type { Database } from 'better-sqlite3';
import { ROLES, type Role } from './roles.ts';

/** Somebody kept in the database. */
export interface PersonRow {
  readonly name: string;
  readonly role: Role;
  /** A scrypt hash, or null for somebody who comes by token alone. */
  readonly password: string | null;
  readonly disabled: number;
  readonly stamp: string;
  readonly created_at: string;
  readonly created_by: string;
  readonly changed_at: string;
}

export const readPerson = (sql: Database, name: string): PersonRow | undefined =>
  sql.prepare<[string], PersonRow>('SELECT * FROM person WHERE name = ?').get(name);

/** By name. */
export const listPeople = (sql: Database): PersonRow[] =>
  sql.prepare<[], PersonRow>('SELECT * FROM person ORDER BY name').all();

export function insertPerson(sql: Database, row: PersonRow): void {
  sql
    .prepare(
      `INSERT INTO person (name, role, password, disabled, stamp, created_at, created_by, changed_at)
       VALUES (@name, @role, @password, @disabled, @stamp, @created_at, @created_by, @changed_at)`,
    )
    .run(row);
}

export function updatePerson(sql: Database, row: PersonRow): void {
  sql
    .prepare(
      `UPDATE person SET role = @role, password = @password, disabled = @disabled, stamp = @stamp,
       changed_at = @changed_at WHERE name = @name`,
    )
    .run(row);
}

/** With everything that let this person in. */
export function deletePerson(sql: Database, name: string): void {
  for (const table of ['session', 'api_token', 'sign_in_place'] as const) {
    sql.prepare(`DELETE FROM ${table} WHERE person = ?`).run(name);
  }
  sql.prepare('DELETE FROM person WHERE name = ?').run(name);
}

/** What let somebody in until now does so no more. */
export function endAccess(sql: Database, name: string, what: 'sessions' | 'sessions-and-tokens'): void {
  sql.prepare('DELETE FROM session WHERE person = ?').run(name);
  if (what === 'sessions-and-tokens') sql.prepare('DELETE FROM api_token WHERE person = ?').run(name);
}

export interface AdminToken {
  readonly person: string;
  readonly role: Role;
  readonly hash: string;
}

/** The token of the site's own machine (`admin.token`). */
export const findAdminToken = (sql: Database, hash: string): AdminToken | undefined =>
  sql.prepare<[string], AdminToken>('SELECT person, role, hash FROM access_token WHERE hash = ?').get(hash);

export const adminTokenOf = (sql: Database, person: string): AdminToken | undefined =>
  sql
    .prepare<[string], AdminToken>('SELECT person, role, hash FROM access_token WHERE person = ?')
    .get(person);

export const isRole = (text: string): text is Role => ROLES.some((role) => role === text);

/** Whether somebody has signed in from here in the last 90 days. */
export function wasHere(sql: Database, person: string, address: string): boolean {
  return (
    sql.prepare('SELECT 1 FROM sign_in_place WHERE person = ? AND address = ?').get(person, address) !==
    undefined
  );
}

const PLACES_KEPT = 50;
const PLACE_MS = 90 * 86_400_000;

export function noteHere(
  sql: Database,
  person: string,
  { address, nowMs }: { address: string; nowMs: number },
): void {
  const last_ms = Math.floor(nowMs);
  sql
    .prepare(
      `INSERT INTO sign_in_place (person, address, last_ms) VALUES (@person, @address, @last_ms)
       ON CONFLICT DO UPDATE SET last_ms = excluded.last_ms`,
    )
    .run({ person, address, last_ms });
  sql
    .prepare(
      `DELETE FROM sign_in_place WHERE person = @person AND (last_ms < @before OR address NOT IN
       (SELECT address FROM sign_in_place WHERE person = @person ORDER BY last_ms DESC LIMIT @kept))`,
    )
    .run({ person, before: last_ms - PLACE_MS, kept: PLACES_KEPT });
}
