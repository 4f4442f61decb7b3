import { randomBytes } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import type { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { Name } from '#contract/names.ts';
import { type AccessSettings, DEFAULT_ACCESS } from './access-settings.ts';
import { judgePassword } from './password-rules.ts';
import {
  adminTokenOf,
  deletePerson,
  endAccess,
  insertPerson,
  listPeople,
  type PersonRow,
  readPerson,
  updatePerson,
} from './person-rows.ts';
import { mayDo, mayGrant, type Person, ROLES, type Role } from './roles.ts';
import { checkPassword, hashPassword, hashSecret, NOBODYS_HASH, SCRYPT_PATTERN } from './secrets.ts';

/** Who the broker itself is in steps and audit, and the owner of `admin.token`. */
const RESERVED: ReadonlySet<string> = new Set(['site', 'admin', 'somebody']);
const NOT_RESERVED = { error: 'this name is the broker’s own; use another' };

/** Somebody named in the site configuration: by password, by token, or both. */
export const ConfiguredPerson = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(60)
      .refine((name) => !RESERVED.has(name), NOT_RESERVED),
    role: z.enum(ROLES),
    /** `scrypt$N$r$p$salt$hash`. */
    password: z.string().regex(SCRYPT_PATTERN, 'use scrypt$N$r$p$salt$hash').optional(),
    /** SHA-256 of the token, in hex. */
    tokenSha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'use 64 hexadecimal digits')
      .optional(),
  })
  .refine(({ password, tokenSha256 }) => password !== undefined || tokenSha256 !== undefined, {
    error: 'give a password or a tokenSha256',
  });
export type ConfiguredPerson = z.infer<typeof ConfiguredPerson>;

/** A name that fits into a client id and a certificate: `user.{name}`. */
export const PersonName = Name.refine((name) => !RESERVED.has(name), NOT_RESERVED);

/** Somebody as a list shows them. */
export interface ListedPerson {
  readonly name: string;
  readonly role: Role;
  readonly source: 'configuration' | 'site';
  readonly disabled: boolean;
  readonly hasPassword: boolean;
  readonly createdAt: string | null;
  readonly createdBy: string | null;
}

export interface NewPerson {
  readonly name: string;
  readonly role: Role;
  readonly password: string | null;
}

export interface PersonChange {
  readonly role?: Role;
  readonly disabled?: boolean;
  readonly password?: string;
}

/** The part of the audit that people are written to. */
export type Audit = Pick<AuditLog, 'append'>;

export interface PeopleParts {
  readonly db: GroupCommit;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly configured: readonly ConfiguredPerson[];
  readonly settings?: AccessSettings;
  /** After a commit: what let somebody in may not hold any more. */
  readonly onChanged?: () => void;
}

/**
 * Knows who people are: those of the site configuration, and those whom an admin or a supervisor has named since.
 * What the configuration says of a name holds; an entry of the same name in the database is out of force meanwhile.
 */
export class People {
  readonly #parts: PeopleParts;
  readonly #settings: AccessSettings;
  readonly #configured: ReadonlyMap<string, ConfiguredPerson>;

  constructor(parts: PeopleParts) {
    this.#parts = parts;
    this.#settings = parts.settings ?? DEFAULT_ACCESS;
    this.#configured = new Map(parts.configured.map((person) => [person.name, person]));
  }

  /** Null for somebody who is not known, or disabled. */
  find(name: string): Person | null {
    const role = this.#standing(name)?.role;
    return role === undefined ? null : { name, role };
  }

  /** Whoever a token of the site configuration belongs to; `hash` is its SHA-256. */
  byConfiguredToken(hash: string): Person | null {
    for (const { name, role, tokenSha256 } of this.#configured.values()) {
      if (tokenSha256 === hash) return { name, role };
    }
    return null;
  }

  /**
   * What somebody's being let in rests on: another one after each change of role, password or standing; null for
   * somebody who is not known, or disabled.
   */
  stampOf(name: string): string | null {
    return this.#standing(name)?.stamp ?? null;
  }

  /**
   * Null when name and password do not belong together, after the same time whichever is wrong; also when the person
   * has changed while it was looked at, which takes as long as those take who wait in front of it.
   */
  async byPassword(name: string, password: string): Promise<Person | null> {
    const standing = this.#standing(name);
    const right = await checkPassword(password, standing?.password ?? NOBODYS_HASH);
    if (!right || standing === null || standing.password === null) return null;
    return this.stampOf(name) === standing.stamp ? { name, role: standing.role } : null;
  }

  /** By name, those of the configuration first. */
  list(): ListedPerson[] {
    const configured = [...this.#configured.values()].map(
      ({ name, role, password }): ListedPerson => ({
        ...{ name, role, source: 'configuration', disabled: false },
        ...{ hasPassword: password !== undefined, createdAt: null, createdBy: null },
      }),
    );
    const stored = listPeople(this.#parts.db.sql).filter(({ name }) => !this.#configured.has(name));
    return [...configured, ...stored.map(listed)];
  }

  /** Names in the database that the configuration overrules. */
  overruled(): string[] {
    return listPeople(this.#parts.db.sql)
      .map(({ name }) => name)
      .filter((name) => this.#configured.has(name));
  }

  /** Rejects with WP3353, WP3356 (in the configuration), WP3357 (taken) or WP3359 (password). */
  async add({ name, role, password }: NewPerson, by: Person): Promise<ListedPerson> {
    const { db, audit } = this.#parts;
    requireGrant(by, role);
    this.#refuseConfigured(name);
    const stamp = this.stampOf(by.name);
    const hash = await this.#hash(name, password);
    const at = this.#now();
    const row: PersonRow = {
      ...{ name, role, password: hash, disabled: 0, stamp: newStamp() },
      ...{ created_at: at, created_by: by.name, changed_at: at },
    };
    await db.commit((sql) => {
      this.#requireSame(by, stamp);
      if (readPerson(sql, name) !== undefined) throw new WatchpostError('WP3357', { detail: name });
      // Somebody of this name may have stood in the configuration once.
      endAccess(sql, name, 'sessions-and-tokens');
      insertPerson(sql, row);
      const detail = { role, password: hash !== null };
      audit.append(sql, { who: by.name, action: 'person.added', subject: name, detail });
    });
    return listed(row);
  }

  /**
   * Ends the person's sessions, and with another role or when disabled also the tokens. Rejects with WP3353, WP3356,
   * WP3358 (no such), WP3359 (password) or WP3362 (oneself).
   */
  async change(name: string, change: PersonChange, by: Person): Promise<ListedPerson> {
    this.#refuseConfigured(name);
    const isSelf = by.name === name;
    if (isSelf && (change.role !== undefined || change.disabled !== undefined)) {
      throw new WatchpostError('WP3362', { detail: name });
    }
    const stamp = this.stampOf(by.name);
    const password = change.password === undefined ? null : await this.#hash(name, change.password);
    return this.#commit((sql) => {
      this.#requireSame(by, stamp);
      const before = existing(sql, name);
      if (!isSelf) requireGrant(by, before.role);
      if (change.role !== undefined) requireGrant(by, change.role);
      return this.#change(sql, before, { ...change, hash: password ?? before.password }, by);
    });
  }

  /** With all that let the person in. Rejects with WP3353, WP3356, WP3358 or WP3362. */
  async remove(name: string, by: Person): Promise<void> {
    this.#refuseConfigured(name);
    if (by.name === name) throw new WatchpostError('WP3362', { detail: name });
    await this.#commit((sql) => {
      requireGrant(by, existing(sql, name).role);
      deletePerson(sql, name);
      this.#parts.audit.append(sql, { who: by.name, action: 'person.removed', subject: name });
    });
  }

  #change(
    sql: Database,
    before: PersonRow,
    { role, disabled, password, hash }: PersonChange & { readonly hash: string | null },
    by: Person,
  ): ListedPerson {
    const after: PersonRow = {
      ...before,
      ...{ role: role ?? before.role, disabled: Number(disabled ?? before.disabled === 1) },
      ...{ password: hash, stamp: newStamp(), changed_at: this.#now() },
    };
    updatePerson(sql, after);
    const standsElse = after.role !== before.role || after.disabled !== before.disabled;
    endAccess(sql, before.name, standsElse ? 'sessions-and-tokens' : 'sessions');
    const detail = {
      ...(after.role === before.role ? {} : { role: { from: before.role, to: after.role } }),
      ...(after.disabled === before.disabled ? {} : { disabled: after.disabled === 1 }),
      ...(password === undefined ? {} : { password: true }),
    };
    this.#parts.audit.append(sql, { who: by.name, action: 'person.changed', subject: before.name, detail });
    return listed(after);
  }

  async #commit<T>(work: (sql: Database) => T): Promise<T> {
    const answer = await this.#parts.db.commit(work);
    this.#parts.onChanged?.();
    return answer;
  }

  #standing(name: string): { role: Role; password: string | null; stamp: string } | null {
    const { sql } = this.#parts.db;
    const configured = this.#configured.get(name);
    if (configured !== undefined) {
      const stamp = hashSecret(JSON.stringify(configured)).slice(0, 24);
      return { role: configured.role, password: configured.password ?? null, stamp };
    }
    const admin = adminTokenOf(sql, name);
    if (admin !== undefined) return { role: admin.role, password: null, stamp: admin.hash.slice(0, 24) };
    const stored = readPerson(sql, name);
    return stored === undefined || stored.disabled === 1 ? null : stored;
  }

  /** Hashing takes its time, in which whoever asked may have been disabled. */
  #requireSame(by: Person, stamp: string | null): void {
    if (this.stampOf(by.name) !== stamp) {
      throw new WatchpostError('WP3353', { detail: `${by.name} is not who they were` });
    }
  }

  #refuseConfigured(name: string): void {
    if (RESERVED.has(name) || this.#configured.has(name))
      throw new WatchpostError('WP3356', { detail: name });
  }

  async #hash(name: string, password: string | null): Promise<string | null> {
    if (password === null) return null;
    judgePassword(name, password, this.#settings.passwordLength);
    return hashPassword(password);
  }

  #now(): string {
    return new Date(this.#parts.clock.wallMs()).toISOString();
  }
}

function requireGrant(by: Person, role: Role): void {
  if (mayDo(by, 'people') && mayGrant(by, role)) return;
  throw new WatchpostError('WP3353', { detail: `${role} by ${by.role}` });
}

function existing(sql: Database, name: string): PersonRow {
  const row = readPerson(sql, name);
  if (row === undefined) throw new WatchpostError('WP3358', { detail: name });
  return row;
}

const newStamp = (): string => randomBytes(12).toString('base64url');

const listed = ({ name, role, disabled, password, created_at, created_by }: PersonRow): ListedPerson => ({
  ...{ name, role, source: 'site', disabled: disabled === 1, hasPassword: password !== null },
  ...{ createdAt: created_at, createdBy: created_by },
});
