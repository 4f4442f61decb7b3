import * as z from 'zod';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import { type Person, ROLES, type Role } from './roles.ts';
import { checkPassword, hashPassword, hashSecret, SCRYPT_PATTERN } from './secrets.ts';

/** Who the broker itself is in steps and audit, and the owner of `admin.token`. */
const RESERVED: ReadonlySet<string> = new Set(['site', 'admin', 'somebody']);

/** Somebody named in the site configuration: by password, by token, or both. */
export const ConfiguredPerson = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(60)
      .refine((name) => !RESERVED.has(name), { error: 'this name is the broker’s own; use another' }),
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

/** What somebody shows to be let in. */
export const Credentials = z.union([
  z.strictObject({ token: z.string().min(1).max(200) }),
  z.strictObject({ name: z.string().min(1).max(60), password: z.string().min(1).max(200) }),
]);
export type Credentials = z.infer<typeof Credentials>;

/** Knows who people are, from the site configuration and the tokens in the database. */
export class People {
  readonly #db: GroupCommit;
  readonly #configured: readonly ConfiguredPerson[];

  constructor(db: GroupCommit, configured: readonly ConfiguredPerson[]) {
    this.#db = db;
    this.#configured = configured;
  }

  async recognise(credentials: Credentials): Promise<Person | null> {
    if ('token' in credentials) return this.byToken(credentials.token);
    const person = this.#configured.find(({ name }) => name === credentials.name);
    // A name that nobody has takes as long as a wrong password, so that names cannot be found out.
    const right = await checkPassword(credentials.password, person?.password ?? (await decoy()));
    return right && person !== undefined ? { name: person.name, role: person.role } : null;
  }

  byToken(token: string): Person | null {
    const hash = hashSecret(token);
    const configured = this.#configured.find(({ tokenSha256 }) => tokenSha256 === hash);
    if (configured !== undefined) return { name: configured.name, role: configured.role };
    const row = this.#db.sql
      .prepare<[string], { person: string; role: Role }>(
        'SELECT person, role FROM access_token WHERE hash = ?',
      )
      .get(hash);
    return row === undefined ? null : { name: row.person, role: row.role };
  }

  /** Whether a session of this person still holds: it ends with the person's place in the configuration. */
  isCurrent({ name, role }: Person): boolean {
    if (this.#configured.some((person) => person.name === name && person.role === role)) return true;
    return (
      this.#db.sql.prepare('SELECT 1 FROM access_token WHERE person = ? AND role = ?').get(name, role) !==
      undefined
    );
  }
}

let decoyHash: Promise<string> | null = null;

function decoy(): Promise<string> {
  decoyHash ??= hashPassword('nobody has this password');
  return decoyHash;
}
