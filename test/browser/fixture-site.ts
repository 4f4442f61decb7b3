import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastifyCookie from '@fastify/cookie';
import fastifyStatic from '@fastify/static';
import fastify, { type FastifyInstance } from 'fastify';
import {
  API_ROOT,
  type DeviceItem,
  type IncidentAction,
  IncidentActionBody,
  type IncidentDetail,
} from '#contract/http.ts';
import { INCIDENT_STATES, type IncidentState } from '#contract/messages.ts';

const STATE_AFTER = {
  acknowledge: 'acknowledged',
  assign: 'assigned',
  arrive: 'on-scene',
  resolve: 'resolved',
  review: 'reviewed',
} as const satisfies Record<IncidentAction, IncidentState>;

const SECURITY = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  'x-content-type-options': 'nosniff',
};

/**
 * A site in the shapes of contract/http.ts, for what a real one cannot be brought to show at will: a colleague who
 * is faster, a stream that falls silent, a picture that comes late. The walk through an alarm runs against the
 * real broker (console.test.ts).
 */
export class FixtureSite {
  readonly token = randomUUID();
  readonly incidents = new Map<string, IncidentDetail>();
  readonly devices = new Map<string, DeviceItem>();
  readonly pictures = new Map<string, Buffer>();
  /** Paths of the requests so far. */
  readonly requests: string[] = [];
  readonly #app: FastifyInstance = fastify();
  readonly #streams = new Set<ServerResponse>();
  #streamState: 'up' | 'down' = 'up';

  /** Serves the page's bundle from `consoleDir`; resolves to the address of the page. */
  async start(consoleDir: string, port = 0): Promise<string> {
    await this.#app.register(fastifyCookie);
    await this.#app.register(fastifyStatic, { root: consoleDir });
    this.#app.addHook('onSend', async (_request, reply) => void reply.headers(SECURITY));
    this.#routes();
    await this.#app.listen({ host: '127.0.0.1', port });
    const address = this.#app.server.address();
    return `http://127.0.0.1:${portOf(address)}`;
  }

  async close(): Promise<void> {
    this.cutStreams();
    this.#app.server.closeAllConnections();
    await this.#app.close();
  }

  /** Sends the newest state of an incident to all pages. */
  put(incident: IncidentDetail): void {
    this.incidents.set(incident.id, incident);
    const { alarms, steps, ...item } = incident;
    this.#send('incident', item);
  }

  putDevice(device: DeviceItem): void {
    this.devices.set(device.id, device);
    this.#send('device', device);
  }

  /** Ends every stream; while `down`, new ones are refused. */
  cutStreams(state: 'up' | 'down' = 'up'): void {
    this.#streamState = state;
    for (const stream of this.#streams) stream.destroy();
    this.#streams.clear();
  }

  restoreStreams(): void {
    this.#streamState = 'up';
  }

  #send(event: string, data: object): void {
    for (const stream of this.#streams) stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #routes(): void {
    const app = this.#app;
    app.addHook('onRequest', async (request, reply) => {
      this.requests.push(`${request.method} ${request.url}`);
      const open = !request.url.startsWith(API_ROOT) || request.url === `${API_ROOT}/session`;
      if (!open && request.cookies.session !== this.token) return problem(reply, 401, 'WP3300');
    });
    app.post<{ Body: { token: string } }>(`${API_ROOT}/session`, async ({ body }, reply) => {
      if (body.token !== this.token) return problem(reply, 401, 'WP3300');
      return reply
        .setCookie('session', this.token, { httpOnly: true, sameSite: 'strict', path: '/' })
        .send({});
    });
    app.get(`${API_ROOT}/devices`, () => ({ items: [...this.devices.values()], next: null }));
    app.get<{ Querystring: { state?: string } }>(`${API_ROOT}/incidents`, ({ query }) => ({
      items: [...this.incidents.values()].filter(({ state }) =>
        (query.state ?? state).split(',').includes(state),
      ),
      next: null,
    }));
    app.get<{ Params: { id: string } }>(`${API_ROOT}/incidents/:id`, ({ params }, reply) => {
      return this.incidents.get(params.id) ?? problem(reply, 404, 'WP3400');
    });
    app.post<{ Params: { id: string; action: IncidentAction } }>(
      `${API_ROOT}/incidents/:id/:action`,
      ({ params, body }, reply) => this.#act(params.id, params.action, IncidentActionBody.parse(body), reply),
    );
    app.get<{ Params: { id: string } }>(`${API_ROOT}/evidence/:id`, ({ params }, reply) => {
      const picture = this.pictures.get(params.id);
      return picture === undefined ? problem(reply, 404, 'WP3400') : reply.type('image/png').send(picture);
    });
    app.get(`${API_ROOT}/stream`, (_request, reply) => {
      if (this.#streamState === 'down') return problem(reply, 503, 'WP3400');
      reply.hijack();
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      reply.raw.write(': here\n\n');
      this.#streams.add(reply.raw);
    });
  }

  #act(id: string, action: IncidentAction, body: IncidentActionBody, reply: Reply): IncidentDetail | Reply {
    const incident = this.incidents.get(id);
    if (incident === undefined) return problem(reply, 404, 'WP3400');
    const state = STATE_AFTER[action];
    const isBackward = INCIDENT_STATES.indexOf(state) < INCIDENT_STATES.indexOf(incident.state);
    if (isBackward) return problem(reply, 409, 'WP3201');
    this.put(stepped(incident, state, body));
    return this.incidents.get(id) ?? problem(reply, 404, 'WP3400');
  }
}

/** The incident after one step. */
export function stepped(
  incident: IncidentDetail,
  state: IncidentState,
  { note, assignee, cause }: IncidentActionBody,
): IncidentDetail {
  const at = new Date().toISOString();
  return {
    ...incident,
    state,
    rev: incident.rev + 1,
    assignee: assignee ?? incident.assignee,
    acknowledgedAt: incident.acknowledgedAt ?? at,
    resolvedAt: state === 'resolved' ? at : incident.resolvedAt,
    nextEscalationAt: null,
    steps: [
      ...incident.steps,
      { state, at, who: 'colleague', note: note ?? null, assignee: assignee ?? null, cause: cause ?? null },
    ],
  };
}

interface Reply {
  code(status: number): Reply;
  type(type: string): Reply;
  send(body: object): Reply;
}

function problem<R extends Reply>(reply: R, status: number, code: string): R {
  reply.code(status).type('application/problem+json');
  reply.send({ type: `urn:watchpost:${code}`, title: 'refused by the fixture', status, code });
  return reply;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new TypeError('the fixture has no port');
  return address.port;
}
