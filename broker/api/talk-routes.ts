import type { FastifyInstance } from 'fastify';
import { TALK_MAX_BYTES } from '#contract/talk.ts';
import type { Authentication } from './authentication.ts';
import { addressIn } from './device-address.ts';
import type { TalkDesk } from './talk-desk.ts';

export interface TalkRouteParts {
  readonly authentication: Authentication;
  readonly talk: TalkDesk;
}

/** For headers and for what recorders write beside the samples. */
const SLACK_BYTES = 16 * 1024;

/** A spoken message for a device, as a WAV file. */
export function talkRoutes(scope: FastifyInstance, { authentication, talk }: TalkRouteParts): void {
  scope.addContentTypeParser(
    'audio/wav',
    { parseAs: 'buffer' },
    async (_request: unknown, body: unknown) => body,
  );
  scope.post('/devices/:id/talk', { bodyLimit: TALK_MAX_BYTES + SLACK_BYTES }, async (request, reply) => {
    const person = authentication.person(request, 'command');
    const item = await talk.speak(addressIn(request.params), request.body, person.name);
    return reply.code(item.reply === null ? 202 : 200).send(item);
  });
}
