import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { ApiTokens, ListedToken } from '#broker/auth/api-tokens.ts';
import { mayDo, PERMISSIONS } from '#broker/auth/roles.ts';
import type { NewTokenItem, TokenItem } from '#contract/http.ts';
import type { Authentication } from './authentication.ts';
import { PageQuery, pageOf } from './paging.ts';

export interface TokenRouteParts {
  readonly authentication: Authentication;
  readonly tokens: ApiTokens;
}

const TokenBody = z.strictObject({
  /** What it is for, in words. */
  label: z.string().min(1).max(100),
  scopes: z
    .array(z.enum(PERMISSIONS))
    .min(1)
    .max(PERMISSIONS.length)
    .refine((scopes) => new Set(scopes).size === scopes.length, { error: 'each scope once' }),
  expiresInDays: z.number().positive().max(3650).optional(),
  /** Somebody else's, by those who may name people. */
  person: z.string().min(1).max(60).optional(),
});
const Params = z.object({ id: z.string().max(64) });

/** API tokens: one's own, and everybody's for those who name people. */
export function tokenRoutes(scope: FastifyInstance, { authentication, tokens }: TokenRouteParts): void {
  scope.get('/tokens', async (request) => {
    const person = authentication.anybody(request);
    const { after, limit } = PageQuery.parse(request.query);
    const whose = mayDo(person, 'people') ? null : person.name;
    return pageOf(tokens.list({ person: whose, before: after, limit: limit + 1 }), limit, itemOf);
  });
  scope.post('/tokens', async (request, reply) => {
    const by = authentication.anybody(request);
    const { label, scopes, expiresInDays, person } = TokenBody.parse(request.body);
    const { token, secret } = await tokens.create({ person, label, scopes, days: expiresInDays }, by);
    const item: NewTokenItem = { ...itemOf(token), token: secret };
    return reply.code(201).send(item);
  });
  scope.delete('/tokens/:id', async (request, reply) => {
    const by = authentication.anybody(request);
    await tokens.revoke(Params.parse(request.params).id, by);
    return reply.code(204).send();
  });
}

const itemOf = ({ row: _row, scopes, ...token }: ListedToken): TokenItem => ({
  ...token,
  scopes: [...scopes],
});
