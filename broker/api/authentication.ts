import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { People } from '#broker/auth/people.ts';
import { may, type Permission, type Person } from '#broker/auth/roles.ts';
import type { Sessions } from '#broker/auth/sessions.ts';
import { WatchpostError } from '#contract/errors.ts';

export const SESSION_COOKIE = 'watchpost_session';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Finds out who asks: a bearer token for programs, the session's cookie for browsers. */
export class Authentication {
  readonly #people: People;
  readonly #sessions: Sessions;
  readonly #persons = new WeakMap<FastifyRequest, Person>();

  constructor(people: People, sessions: Sessions) {
    this.#people = people;
    this.#sessions = sessions;
  }

  /** Every route of `scope` is for people who are signed in; throws WP3350, WP3351 or WP3354 before the body is read. */
  guard(scope: FastifyInstance): void {
    scope.addHook('onRequest', async (request: FastifyRequest, _reply: FastifyReply) => {
      this.#persons.set(request, this.#identify(request));
    });
  }

  /** Who asks, if the role allows it. Throws WP3353. */
  person(request: FastifyRequest, permission: Permission): Person {
    const person = this.#persons.get(request);
    if (person === undefined) throw new WatchpostError('WP3350');
    if (may(person.role, permission)) return person;
    throw new WatchpostError('WP3353', { detail: `${permission} as ${person.role}` });
  }

  /** Whether what let this request in still would; not, when that cannot be found out. */
  isCurrent(request: FastifyRequest): boolean {
    try {
      this.#identify(request);
      return true;
    } catch {
      return false;
    }
  }

  #identify(request: FastifyRequest): Person {
    const { authorization } = request.headers;
    if (authorization !== undefined) return this.#byToken(authorization);
    const cookie = request.cookies[SESSION_COOKIE];
    if (cookie === undefined) throw new WatchpostError('WP3350');
    refuseOtherSites(request);
    const person = this.#sessions.find(cookie);
    if (person === null || !this.#people.isCurrent(person)) throw new WatchpostError('WP3350');
    return person;
  }

  #byToken(authorization: string): Person {
    const [, token] = /^Bearer +([\w~+/.-]{1,200}=*)$/i.exec(authorization) ?? [];
    const person = token === undefined ? null : this.#people.byToken(token);
    if (person === null) throw new WatchpostError('WP3351');
    return person;
  }
}

/**
 * A browser says where a changing request comes from; SameSite=Strict already keeps the cookie off foreign pages,
 * this also refuses another port or name of the same machine. Throws WP3354.
 */
export function refuseOtherSites(request: FastifyRequest): void {
  if (READING.has(request.method)) return;
  const { origin, host } = request.headers;
  if (origin === undefined) return;
  const from = URL.canParse(origin) ? new URL(origin).host : origin;
  if (from !== host) throw new WatchpostError('WP3354', { detail: origin.slice(0, 100) });
}
