import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { LoginLimit } from '#broker/auth/login-limit.ts';
import { Credentials, type People } from '#broker/auth/people.ts';
import type { Person } from '#broker/auth/roles.ts';
import { SESSION_MS, type Sessions } from '#broker/auth/sessions.ts';
import type { AuditLog } from '#broker/persistence/audit-log.ts';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import { WatchpostError } from '#contract/errors.ts';
import { refuseOtherSites, SESSION_COOKIE } from './authentication.ts';

export interface SessionParts {
  readonly db: GroupCommit;
  readonly audit: AuditLog;
  readonly people: People;
  readonly sessions: Sessions;
  readonly limit: LoginLimit;
}

/** `POST session` signs in, `DELETE session` out; the only routes for which nobody need be signed in. */
export function sessionRoutes(scope: FastifyInstance, parts: SessionParts): void {
  scope.post('/session', async (request, reply) => {
    refuseOtherSites(request);
    const person = await signIn(parts, request, reply);
    const id = await parts.sessions.open(person);
    reply.setCookie(SESSION_COOKIE, id, {
      ...cookieOf(request),
      maxAge: SESSION_MS / 1000,
    });
    return { name: person.name, role: person.role };
  });
  scope.delete('/session', async (request, reply) => {
    refuseOtherSites(request);
    const id = request.cookies[SESSION_COOKIE];
    if (id !== undefined) await parts.sessions.close(id);
    return reply.clearCookie(SESSION_COOKIE, cookieOf(request)).code(204).send();
  });
}

async function signIn(
  { db, audit, people, limit }: SessionParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Person> {
  const waitS = limit.waitS(request.ip);
  if (waitS > 0) {
    reply.header('retry-after', waitS);
    throw new WatchpostError('WP3352');
  }
  const person = await people.recognise(Credentials.parse(request.body));
  if (person === null) limit.failed(request.ip);
  await db.commit((sql) => {
    audit.append(sql, {
      who: person?.name ?? 'somebody',
      action: person === null ? 'session.refused' : 'session.opened',
      subject: request.ip,
    });
  });
  if (person === null) throw new WatchpostError('WP3351');
  return person;
}

/** Behind a proxy that ends TLS the cookie is for TLS only. */
function cookieOf(request: FastifyRequest) {
  const secure = request.protocol === 'https' || request.headers['x-forwarded-proto'] === 'https';
  return { path: '/', httpOnly: true, sameSite: 'strict' as const, secure };
}
