import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Registry } from 'prom-client';
import { WatchpostError } from '#contract/errors.ts';

export interface OpenParts {
  /** False while starting and stopping, or while the database takes nothing. */
  readonly isReady: () => boolean;
  readonly metrics: Registry;
}

/** Answered without signing in. */
export function openRoutes(app: FastifyInstance, { isReady, metrics }: OpenParts): void {
  app.get('/healthz', async () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    const ready = isReady();
    return reply.code(ready ? 200 : 503).send({ ready });
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
