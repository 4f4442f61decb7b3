import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { FleetView } from '#broker/rollout/fleet-view.ts';
import type { Rollouts } from '#broker/rollout/rollouts.ts';
import { RolloutBody } from '#contract/fleet.ts';
import type { Authentication } from './authentication.ts';

export interface RolloutRouteParts {
  readonly authentication: Authentication;
  readonly rollouts: Rollouts;
  readonly fleet: FleetView;
}

const RolloutParams = z.object({ id: z.coerce.number().int().min(1) });
const ResumeBody = z.strictObject({ failed: z.enum(['left', 'retried']).default('left') });

/** Most device ids of one roll-out, 68 bytes each with quotes and comma. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Bundles for many devices, in stages; and what every device runs. */
export function rolloutRoutes(scope: FastifyInstance, parts: RolloutRouteParts): void {
  const { authentication, rollouts, fleet } = parts;
  const idIn = (params: unknown) => RolloutParams.parse(params).id;
  scope.get('/fleet', async (request) => {
    authentication.person(request, 'read');
    return { items: fleet.list(), next: null };
  });
  scope.get('/rollouts', async (request) => {
    authentication.person(request, 'read');
    return { items: rollouts.list(), next: null };
  });
  scope.get('/rollouts/:id', async (request) => {
    authentication.person(request, 'read');
    return rollouts.get(idIn(request.params));
  });
  scope.post('/rollouts', { bodyLimit: MAX_BODY_BYTES }, async (request, reply) => {
    const { name } = authentication.person(request, 'provision');
    return reply.code(201).send(await rollouts.begin(RolloutBody.parse(request.body), name));
  });
  scope.post('/rollouts/:id/pause', async (request) => {
    const { name } = authentication.person(request, 'provision');
    return rollouts.pause(idIn(request.params), name);
  });
  scope.post('/rollouts/:id/resume', async (request) => {
    const { name } = authentication.person(request, 'provision');
    const { failed } = ResumeBody.parse(request.body ?? {});
    return rollouts.resume(idIn(request.params), name, failed);
  });
  scope.post('/rollouts/:id/abort', async (request) => {
    const { name } = authentication.person(request, 'provision');
    return rollouts.abort(idIn(request.params), name);
  });
}
