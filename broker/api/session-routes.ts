import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { permissionsOf } from '#broker/auth/roles.ts';
import type { Sessions } from '#broker/auth/sessions.ts';
import { Credentials, type SignIn } from '#broker/auth/sign-in.ts';
import type { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { SessionItem } from '#contract/http.ts';
import { type Authentication, refuseOtherSites, SESSION_COOKIE } from './authentication.ts';

export interface SessionParts {
  readonly db: GroupCommit;
  readonly audit: AuditLog;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
}

/** `POST session` signs in, `DELETE session` out; the only routes for which nobody need be signed in. */
export function sessionRoutes(scope: FastifyInstance, { db, audit, sessions, signIn }: SessionParts): void {
  scope.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));
  scope.post('/session', async (request, reply) => {
    refuseOtherSites(request);
    const credentials = Credentials.parse(request.body);
    const verdict = await signIn.enter(credentials, { address: request.ip, over: 'http' });
    if (verdict.kind === 'limited') {
      reply.header('retry-after', verdict.waitS);
      throw new WatchpostError('WP3352');
    }
    if (verdict.kind !== 'in') throw new WatchpostError(verdict.kind === 'expired' ? 'WP3355' : 'WP3351');
    // The session that the browser had ends: an id that somebody may have planted is worth nothing (fixation).
    setSession(request, reply, {
      id: await sessions.open(verdict, request.cookies[SESSION_COOKIE] ?? null),
      maxAge: sessions.lifetimeS,
    });
    const { name, role } = verdict.person;
    return { name, role, permissions: permissionsOf(verdict.person) };
  });
  scope.delete('/session', async (request, reply) => {
    refuseOtherSites(request);
    const id = request.cookies[SESSION_COOKIE];
    const person = id === undefined ? undefined : sessions.find(id)?.person;
    if (id !== undefined) await sessions.close(id);
    if (person !== undefined) {
      await audit.record(db, { who: person.name, action: 'session.closed', subject: request.ip });
    }
    return reply.clearCookie(SESSION_COOKIE, cookieOf(request)).code(204).send();
  });
}

/** Who somebody is to the site, for those who are signed in. */
export function whoAmIRoute(
  scope: FastifyInstance,
  { authentication, sessions }: { authentication: Authentication; sessions: Sessions },
): void {
  scope.get('/session', async (request): Promise<SessionItem> => {
    const person = authentication.anybody(request);
    const { authorization } = request.headers;
    const cookie = authorization === undefined ? request.cookies[SESSION_COOKIE] : undefined;
    const expiresAt = cookie === undefined ? null : (sessions.find(cookie)?.expiresAt ?? null);
    return { name: person.name, role: person.role, permissions: [...permissionsOf(person)], expiresAt };
  });
}

/** HttpOnly, SameSite=Strict, and for TLS only where the browser came by TLS. */
export function setSession(
  request: FastifyRequest,
  reply: FastifyReply,
  { id, maxAge }: { id: string; maxAge: number },
): void {
  reply.setCookie(SESSION_COOKIE, id, { ...cookieOf(request), maxAge });
}

/** Behind a proxy that ends TLS the cookie is for TLS only. */
function cookieOf(request: FastifyRequest) {
  const secure = request.protocol === 'https' || request.headers['x-forwarded-proto'] === 'https';
  return { path: '/', httpOnly: true, sameSite: 'strict' as const, secure };
}
