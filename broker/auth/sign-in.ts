import * as z from 'zod';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import type { Clock } from '#contract/clock.ts';
import { addressKey } from './address-key.ts';
import type { ApiTokens } from './api-tokens.ts';
import type { Attempt, LoginLimit } from './login-limit.ts';
import type { Audit, People } from './people.ts';
import { findAdminToken, noteHere, wasHere } from './person-rows.ts';
import { RefusalRecord } from './refusal-record.ts';
import type { Access, Person } from './roles.ts';
import { hashSecret } from './secrets.ts';
import type { Entrant } from './sessions.ts';

/** What somebody shows to be let in. */
export const Credentials = z.union([
  z.strictObject({ token: z.string().min(1).max(200) }),
  z.strictObject({ name: z.string().min(1).max(60), password: z.string().min(1).max(200) }),
]);
export type Credentials = z.infer<typeof Credentials>;

export type TokenVerdict = (Entrant & { readonly kind: 'valid' }) | { readonly kind: 'expired' | 'unknown' };
export type Verdict =
  | (Entrant & { readonly kind: 'in' })
  | { readonly kind: 'wrong' | 'expired' }
  /** Not even looked at: there were too many wrong attempts. */
  | { readonly kind: 'limited'; readonly waitS: number };

export interface SignInParts {
  readonly db: GroupCommit;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly people: People;
  readonly tokens: ApiTokens;
  readonly limit: LoginLimit;
  /** Counts what became of attempts. */
  readonly onAttempt?: (outcome: Verdict['kind']) => void;
}

/** Where somebody signs in, and for what: what the audit says of it. */
export interface SignInPlace {
  readonly address: string;
  readonly over: 'http' | 'mqtt';
}

/** The one place where people are let in, by whatever door: limits, equal time, and a row of the audit. */
export class SignIn {
  readonly #parts: SignInParts;
  readonly #refusals: RefusalRecord;

  constructor(parts: SignInParts) {
    this.#parts = parts;
    this.#refusals = new RefusalRecord(parts.clock);
  }

  /** Rejects with WP3363 when too many passwords are being looked at. */
  async enter(credentials: Credentials, place: SignInPlace): Promise<Verdict> {
    const verdict = await this.#judge(credentials, place);
    this.#parts.onAttempt?.(verdict.kind);
    await this.#record(verdict, credentials, place);
    return verdict;
  }

  /** What let somebody in, for as long as it does. */
  accessOf({ person, tokenId, stamp }: Entrant): Access {
    const { people, tokens } = this.#parts;
    const isCurrent = () =>
      people.stampOf(person.name) === stamp &&
      (tokenId === null || tokens.findById(tokenId).kind === 'valid');
    return { person, isCurrent };
  }

  /** A token as a program shows it with every request: no attempt, for nobody guesses 256 bits. */
  byToken(secret: string): TokenVerdict {
    const { db, people, tokens } = this.#parts;
    const hash = hashSecret(secret);
    const configured = people.byConfiguredToken(hash);
    if (configured !== null) return { kind: 'valid', ...this.#entrant(configured, null) };
    const admin = findAdminToken(db.sql, hash);
    if (admin !== undefined) {
      return { kind: 'valid', ...this.#entrant({ name: admin.person, role: admin.role }, null) };
    }
    const found = tokens.find(secret);
    return found.kind === 'valid' ? { kind: 'valid', ...this.#entrant(found.person, found.id) } : found;
  }

  /** Somebody of this name as they stand now; null when nobody does. */
  entrant(name: string): Entrant | null {
    const person = this.#parts.people.find(name);
    return person && this.#entrant(person, null);
  }

  #entrant(person: Person, tokenId: string | null): Entrant {
    return { person, tokenId, stamp: this.#parts.people.stampOf(person.name) ?? '' };
  }

  async #judge(credentials: Credentials, { address }: SignInPlace): Promise<Verdict> {
    const { limit } = this.#parts;
    const attempt = this.#attemptOf(credentials, address);
    const waitS = limit.take(attempt);
    if (waitS > 0) return { kind: 'limited', waitS };
    try {
      const verdict = await this.#recognise(credentials);
      if (verdict.kind === 'in') limit.giveBack(attempt);
      return verdict;
    } catch (error) {
      limit.giveBack(attempt);
      throw error;
    }
  }

  async #recognise(credentials: Credentials): Promise<Verdict> {
    if ('token' in credentials) {
      const found = this.byToken(credentials.token);
      if (found.kind === 'valid') return { ...found, kind: 'in' };
      return { kind: found.kind === 'expired' ? 'expired' : 'wrong' };
    }
    const person = await this.#parts.people.byPassword(credentials.name, credentials.password);
    return person === null ? { kind: 'wrong' } : { kind: 'in', ...this.#entrant(person, null) };
  }

  #attemptOf(credentials: Credentials, address: string): Attempt {
    if ('token' in credentials) return { address, name: null, place: 'strange' };
    const { name } = credentials;
    const known = wasHere(this.#parts.db.sql, name, addressKey(address));
    return { address, name, place: known ? 'known' : 'strange' };
  }

  async #record(verdict: Verdict, credentials: Credentials, { address, over }: SignInPlace): Promise<void> {
    const { db, clock, audit } = this.#parts;
    const by = 'token' in credentials ? 'token' : 'password';
    if (verdict.kind === 'in') {
      const { person, tokenId } = verdict;
      const detail = { over, by, ...(tokenId === null ? {} : { token: tokenId }) };
      await db.commit((sql) => {
        if (by === 'password') {
          noteHere(sql, person.name, { address: addressKey(address), nowMs: clock.wallMs() });
        }
        audit.append(sql, { who: person.name, action: 'session.opened', subject: address, detail });
      });
      return;
    }
    const suppressed = this.#refusals.take(addressKey(address), verdict.kind);
    if (suppressed === null) return;
    const detail = {
      ...{ over, by },
      ...(verdict.kind === 'wrong' ? {} : { reason: verdict.kind }),
      ...this.#namedIn(credentials),
      ...(suppressed === 0 ? {} : { notRecorded: suppressed }),
    };
    await db.commit((sql) =>
      audit.append(sql, { who: 'somebody', action: 'session.refused', subject: address, detail }),
    );
  }

  /** Only a name that somebody has: in a hurry people type a password where the name belongs. */
  #namedIn(credentials: Credentials): { readonly name?: string } {
    if ('token' in credentials || this.#parts.people.find(credentials.name) === null) return {};
    return { name: credentials.name };
  }
}
