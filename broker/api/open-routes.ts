import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Registry } from 'prom-client';
import { ERRORS, WatchpostError } from '#contract/errors.ts';
import type { Unready } from './readiness.ts';

export interface OpenParts {
  readonly readiness: { reasons(): readonly Unready[] };
  readonly metrics: Registry;
}

/** Answered without signing in. */
export function openRoutes(app: FastifyInstance, { readiness, metrics }: OpenParts): void {
  app.get('/healthz', async () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    const reasons = readiness.reasons().map(({ code, detail }) => ({
      ...{ code, message: ERRORS[code].message },
      ...(detail === undefined ? {} : { detail }),
    }));
    const ready = reasons.length === 0;
    return reply.code(ready ? 200 : 503).send({ ready, reasons });
  });
  app.get('/metrics', async (request, reply) => {
    if (!isFromThisMachine(request)) throw new WatchpostError('WP3408');
    return reply.header('content-type', metrics.contentType).send(await metrics.metrics());
  });
}

/** A proxy on this machine is not the one who asks. */
function isFromThisMachine({ ip, headers }: FastifyRequest): boolean {
  const proxied = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
  return !proxied && /^(::ffff:)?127\.|^::1$/.test(ip);
}
