import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { BundleShelf } from '#broker/rollout/bundle-shelf.ts';
import type { Rollouts } from '#broker/rollout/rollouts.ts';
import { WatchpostError } from '#contract/errors.ts';
import { UPLOAD_PIECE_BYTES } from '#contract/fleet.ts';
import type { Authentication } from './authentication.ts';
import { addressIn } from './device-address.ts';

export interface BundleRouteParts {
  readonly authentication: Authentication;
  readonly shelf: BundleShelf;
  readonly rollouts: Rollouts;
}

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const BundleParams = z.object({ sha256: Sha256 });
const UploadQuery = z.strictObject({
  sha256: Sha256,
  bytes: z.coerce.number().int().min(1),
  from: z.coerce.number().int().min(0),
});
const SendBody = z.strictObject({ sha256: Sha256 });

/** Bundles at the site: brought in pieces, listed, removed, and given to one device. */
export function bundleRoutes(scope: FastifyInstance, parts: BundleRouteParts): void {
  const { authentication, shelf, rollouts } = parts;
  scope.addContentTypeParser(
    'application/octet-stream',
    { parseAs: 'buffer' },
    async (_request: unknown, body: unknown) => body,
  );
  scope.get('/bundles', async (request) => {
    authentication.person(request, 'read');
    return { items: shelf.list(), next: null };
  });
  scope.post('/bundles', { bodyLimit: UPLOAD_PIECE_BYTES }, async (request, reply) => {
    const { name } = authentication.person(request, 'provision');
    const content = request.body;
    if (!Buffer.isBuffer(content))
      throw new WatchpostError('WP3400', { detail: 'no application/octet-stream' });
    const item = await shelf.upload({ ...UploadQuery.parse(request.query), content }, name);
    return reply.code(item.bundle === null ? 202 : 201).send(item);
  });
  scope.delete('/bundles/:sha256', async (request, reply) => {
    const { name } = authentication.person(request, 'provision');
    await shelf.remove(BundleParams.parse(request.params).sha256, name);
    return reply.code(204).send();
  });
  scope.post('/devices/:id/bundle', async (request, reply) => {
    const { name } = authentication.person(request, 'provision');
    const { sha256 } = SendBody.parse(request.body);
    return reply.code(201).send(await rollouts.sendTo(addressIn(request.params), sha256, name));
  });
}
