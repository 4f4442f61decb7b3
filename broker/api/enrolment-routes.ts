import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { Enrolments } from '#broker/persistence/ledger/enrolments.ts';
import { WatchpostError } from '#contract/errors.ts';
import { Enrolment, type EnrolmentItem, type Page } from '#contract/http.ts';
import type { Authentication } from './authentication.ts';
import { addressIn, idIn } from './device-address.ts';

export interface EnrolmentParts {
  readonly authentication: Authentication;
  readonly enrolments: Enrolments;
}

const Query = z.strictObject({
  after: z.string().max(65).default(''),
  limit: z.coerce.number().int().min(1).max(1000).default(1000),
});

/** The devices that were given an identity: read by everybody, changed by those who look after the site. */
export function enrolmentRoutes(
  scope: FastifyInstance,
  { authentication, enrolments }: EnrolmentParts,
): void {
  scope.get('/enrolments', async (request): Promise<Page<EnrolmentItem>> => {
    authentication.person(request, 'read');
    const { after, limit } = Query.parse(request.query);
    const rest = enrolments
      .list()
      .filter(({ id }) => id > after)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const items = rest.slice(0, limit);
    return { items, next: rest.length > limit ? (items.at(-1)?.id ?? null) : null };
  });
  scope.put('/enrolments/:id', async (request) => {
    const { name } = authentication.person(request, 'provision');
    return enrolments.put(addressIn(request.params), Enrolment.parse(request.body), name);
  });
  scope.delete('/enrolments/:id', async (request, reply) => {
    const { name } = authentication.person(request, 'provision');
    const outcome = await enrolments.remove(addressIn(request.params), name);
    if (outcome === 'unknown') throw new WatchpostError('WP3404', { detail: idIn(request.params) });
    return reply.code(204).send();
  });
}
