import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Access, mayDo, type Permission, type Person } from '#broker/auth/roles.ts';
import type { Sessions } from '#broker/auth/sessions.ts';
import type { SignIn } from '#broker/auth/sign-in.ts';
import { WatchpostError } from '#contract/errors.ts';

export const SESSION_COOKIE = 'watchpost_session';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Finds out who asks: a bearer token for programs, the session's cookie for browsers. */
export class Authentication {
  readonly #signIn: SignIn;
  readonly #sessions: Sessions;
  readonly #guarded = new WeakSet<FastifyRequest>();

  constructor(signIn: SignIn, sessions: Sessions) {
    this.#signIn = signIn;
    this.#sessions = sessions;
  }

  /** Every route of `scope` is for people who are signed in; throws WP3350, WP3351, WP3354 or WP3355 before the body is read. */
  guard(scope: FastifyInstance): void {
    scope.addHook('onRequest', async (request: FastifyRequest, _reply: FastifyReply) => {
      this.#identify(request);
      this.#guarded.add(request);
      this.used(request);
    });
  }

  /** Who asks, if they may. Throws WP3353. */
  person(request: FastifyRequest, permission: Permission): Person {
    const person = this.anybody(request);
    if (mayDo(person, permission)) return person;
    const by = person.scopes === undefined ? person.role : `${person.role} with a token`;
    throw new WatchpostError('WP3353', { detail: `${permission} as ${by}` });
  }

  /**
   * Who asks, for what everybody may who is signed in. Looked at again: between the head of a request and its body
   * there may be many seconds, in which somebody was disabled.
   */
  anybody(request: FastifyRequest): Person {
    if (!this.#guarded.has(request)) throw new WatchpostError('WP3350');
    return this.#identify(request);
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

  /** Keeps the session that the request came with from ending for want of use. */
  used(request: FastifyRequest): void {
    const cookie = request.cookies[SESSION_COOKIE];
    if (request.headers.authorization === undefined && cookie !== undefined) this.#sessions.used(cookie);
  }

  /**
   * What a request shows that has no guard; null when it shows nothing. Throws WP3350, WP3351 or WP3355 when it is
   * not right.
   */
  shown(request: FastifyRequest): Access | null {
    const { authorization } = request.headers;
    if (authorization === undefined && request.cookies[SESSION_COOKIE] === undefined) return null;
    return { person: this.#identify(request), isCurrent: () => this.isCurrent(request) };
  }

  #identify(request: FastifyRequest): Person {
    const { authorization } = request.headers;
    if (authorization !== undefined) return this.#byToken(authorization);
    const cookie = request.cookies[SESSION_COOKIE];
    if (cookie === undefined) throw new WatchpostError('WP3350');
    refuseOtherSites(request);
    const session = this.#sessions.find(cookie);
    if (session === null) throw new WatchpostError('WP3350');
    return session.person;
  }

  #byToken(authorization: string): Person {
    const [, token] = /^Bearer +([\w~+/.-]{1,200}=*)$/i.exec(authorization) ?? [];
    const found = token === undefined ? null : this.#signIn.byToken(token);
    if (found?.kind === 'valid') return found.person;
    throw new WatchpostError(found?.kind === 'expired' ? 'WP3355' : 'WP3351');
  }
}

/**
 * A browser says where a changing request comes from; SameSite=Strict already keeps the cookie off foreign pages,
 * this also refuses another port or name of the same machine. Throws WP3354.
 */
export function refuseOtherSites(request: FastifyRequest): void {
  if (READING.has(request.method)) return;
  const { origin, host, 'sec-fetch-site': site } = request.headers;
  if (origin === undefined) {
    // A browser that keeps the origin back still says whether it was its own page that asked.
    if (site === undefined || site === 'same-origin' || site === 'none') return;
    throw new WatchpostError('WP3354', { detail: String(site).slice(0, 100) });
  }
  if (hostOf(origin) !== host) throw new WatchpostError('WP3354', { detail: origin.slice(0, 100) });
}

export const hostOf = (origin: string): string => (URL.canParse(origin) ? new URL(origin).host : origin);
