import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { IncidentDesk } from '#broker/incidents/incident-desk.ts';
import type { IncidentView } from '#broker/incidents/incident-view.ts';
import { WatchpostError } from '#contract/errors.ts';
import { INCIDENT_ACTIONS, IncidentActionBody, type IncidentDetail } from '#contract/http.ts';
import { INCIDENT_STATES } from '#contract/messages.ts';
import type { Authentication } from './authentication.ts';
import { PageQuery, pageOf } from './paging.ts';

export interface IncidentParts {
  readonly authentication: Authentication;
  readonly desk: IncidentDesk;
  readonly view: IncidentView;
}

/** `state=open,acknowledged` or `state=open&state=acknowledged`; without it, all. */
const States = z
  .union([z.string(), z.array(z.string())])
  .default('')
  .transform((given) => [given].flat().flatMap((part) => part.split(',').filter((state) => state !== '')))
  .pipe(z.array(z.enum(INCIDENT_STATES)));
const IncidentsQuery = PageQuery.extend({ state: States });
const IncidentParams = z.object({ id: z.string().max(64) });
const ActionParams = IncidentParams.extend({ action: z.enum(INCIDENT_ACTIONS) });

export function incidentRoutes(scope: FastifyInstance, { authentication, desk, view }: IncidentParts): void {
  scope.get('/incidents', async (request) => {
    authentication.person(request, 'read');
    const { state, after, limit } = IncidentsQuery.parse(request.query);
    const states = state.length === 0 ? INCIDENT_STATES : state;
    return pageOf(view.list({ states, before: after, limit: limit + 1 }), limit, ({ item }) => item);
  });
  scope.get('/incidents/:id', async (request) => {
    authentication.person(request, 'read');
    return detailOf(view, IncidentParams.parse(request.params).id);
  });
  scope.post('/incidents/:id/:action', async (request) => {
    const { id, action } = parseAction(request.params);
    const person = authentication.person(request, action === 'review' ? 'review' : 'act');
    const body = IncidentActionBody.parse(request.body ?? {});
    await desk.act(id, action, body, person.name);
    return detailOf(view, id);
  });
}

/** An action that does not exist is an address that does not exist. */
function parseAction(params: unknown): z.infer<typeof ActionParams> {
  const parsed = ActionParams.safeParse(params);
  if (parsed.success) return parsed.data;
  throw new WatchpostError('WP3401', { detail: `actions: ${INCIDENT_ACTIONS.join(', ')}` });
}

function detailOf(view: IncidentView, id: string): IncidentDetail {
  const detail = view.detail(id);
  if (detail === null) throw new WatchpostError('WP3202', { detail: id });
  return detail;
}
