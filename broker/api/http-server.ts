import { mkdirSync } from 'node:fs';
import cookie from '@fastify/cookie';
import staticFiles from '@fastify/static';
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import * as z from 'zod';
import type { AccessSettings } from '#broker/auth/access-settings.ts';
import { mayDo } from '#broker/auth/roles.ts';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { API_ROOT } from '#contract/http.ts';
import type { Log } from '#contract/log.ts';
import { type BundleRouteParts, bundleRoutes } from './bundle-routes.ts';
import { type CareParts, careRoutes } from './care-routes.ts';
import { type CommissionParts, commissionRoutes } from './commission-routes.ts';
import { ConnectionCap } from './connection-cap.ts';
import { type DeviceParts, deviceRoutes } from './device-routes.ts';
import { type EnrolmentParts, enrolmentRoutes } from './enrolment-routes.ts';
import type { Feed } from './feed.ts';
import { type IncidentParts, incidentRoutes } from './incident-routes.ts';
import { MqttSockets, type MqttSocketsParts } from './mqtt-sockets.ts';
import { type OpenParts, openRoutes } from './open-routes.ts';
import { type PeopleRouteParts, peopleRoutes } from './people-routes.ts';
import { sendProblem } from './problem.ts';
import { type RecordParts, recordRoutes } from './record-routes.ts';
import { type RolloutRouteParts, rolloutRoutes } from './rollout-routes.ts';
import { type SessionParts, sessionRoutes, whoAmIRoute } from './session-routes.ts';
import { type SiteMapRouteParts, siteMapRoutes } from './site-map-routes.ts';
import { type TalkRouteParts, talkRoutes } from './talk-routes.ts';
import { type TokenRouteParts, tokenRoutes } from './token-routes.ts';

export interface HttpServerOptions
  extends OpenParts,
    SessionParts,
    Omit<IncidentParts, 'view'>,
    DeviceParts,
    EnrolmentParts,
    PeopleRouteParts,
    TokenRouteParts,
    MqttSocketsParts,
    RecordParts,
    TalkRouteParts,
    SiteMapRouteParts,
    BundleRouteParts,
    RolloutRouteParts,
    CommissionParts,
    CareParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly feed: Feed;
  readonly settings: AccessSettings;
  /** The bundled console; may still be empty. */
  readonly consoleDir: string;
}

const StreamParams = z.object({ id: z.string().max(80) });
const MAX_BODY_BYTES = 64 * 1024;
/** How long a request may take to arrive. */
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 1_000;

const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(self), microphone=(self)',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** The HTTP API and the console's files. */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #sockets: MqttSockets;
  #app: FastifyInstance | null = null;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#sockets = new MqttSockets(options);
  }

  /** Resolves with the address listened on. Rejects with WP5001 or WP5004. */
  async start({ host, port }: { host: string; port: number }): Promise<string> {
    const app = buildApp(this.#options, this.#sockets);
    this.#app = app;
    this.#options.feed.start();
    this.#sockets.start();
    try {
      return await app.listen({ host, port });
    } catch (cause) {
      await this.close();
      throw explainListen(cause, `HTTP on ${host}:${port}`, '--http HOST:PORT');
    }
  }

  get isListening(): boolean {
    return this.#app?.server.listening === true;
  }

  /** What let somebody in may not hold any more: whoever is out is cut off at once. */
  recheck(): void {
    this.#options.feed.recheck();
    this.#sockets.recheck();
  }

  /** Ends streams, lets requests under way finish. Idempotent. */
  async close(): Promise<void> {
    const app = this.#app;
    this.#app = null;
    this.#options.feed.close();
    this.#sockets.close();
    await app?.close();
  }
}

/** Why a port could not be had, and what to do about it. */
export function explainListen(cause: unknown, what: string, option: string): unknown {
  if (!(cause instanceof Error) || !('code' in cause)) return cause;
  if (cause.code === 'EADDRINUSE') {
    const hint = `Stop the program that listens there (ss -ltnp shows it), or choose another with ${option}.`;
    return new WatchpostError('WP5001', { detail: what, hint, cause });
  }
  if (cause.code === 'EACCES' || cause.code === 'EADDRNOTAVAIL' || cause.code === 'ENOTFOUND') {
    return new WatchpostError('WP5004', { detail: `${what}: ${String(cause.code)}`, cause });
  }
  return cause;
}

function buildApp(options: HttpServerOptions, sockets: MqttSockets): FastifyInstance {
  const { trustedProxies, connectionsPerAddress } = options.settings;
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    routerOptions: { maxParamLength: 200 },
    // What is not even an address never comes to the hooks and handlers below.
    frameworkErrors: (error, _request, reply) =>
      sendProblem(reply.headers(SECURITY_HEADERS), error, options.log),
  });
  app.server.maxConnections = MAX_CONNECTIONS;
  const cap = new ConnectionCap({
    ...{ perAddress: connectionsPerAddress, trustedProxies },
    onRefused: (address) => options.mqtt.refused('WP3121', { address, over: 'http' }),
  });
  app.server.on('connection', cap.opened);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, parseJson);
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, error, options.log));
  app.setNotFoundHandler((request, reply) => sendProblem(reply, notFound(request), options.log));
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(SECURITY_HEADERS);
  });
  app.register(cookie);
  sockets.routes(app);
  openRoutes(app, options);
  app.register(async (scope) => sessionRoutes(scope, options), { prefix: API_ROOT });
  app.register(async (scope) => guardedRoutes(scope, options), { prefix: API_ROOT });
  serveConsole(app, options.consoleDir);
  return app;
}

function guardedRoutes(scope: FastifyInstance, options: HttpServerOptions): void {
  options.authentication.guard(scope);
  scope.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  incidentRoutes(scope, options);
  deviceRoutes(scope, options);
  enrolmentRoutes(scope, options);
  talkRoutes(scope, options);
  commissionRoutes(scope, options);
  bundleRoutes(scope, options);
  rolloutRoutes(scope, options);
  recordRoutes(scope, options);
  careRoutes(scope, options);
  siteMapRoutes(scope, options);
  whoAmIRoute(scope, options);
  peopleRoutes(scope, options);
  tokenRoutes(scope, options);
  streamRoutes(scope, options);
}

function streamRoutes(scope: FastifyInstance, { authentication, feed }: HttpServerOptions): void {
  // A HEAD would be a stream that nobody reads, and count as a console.
  scope.get('/stream', { exposeHeadRoute: false }, (request, reply) => {
    const person = authentication.person(request, 'read');
    const lastEventId = request.headers['last-event-id'];
    feed.open({
      person: person.name,
      response: reply.raw,
      headers: SECURITY_HEADERS,
      lastEventId: typeof lastEventId === 'string' ? lastEventId : null,
      counts: mayDo(person, 'act') ? 'as-console' : 'not',
      isCurrent: () => authentication.isCurrent(request),
    });
    reply.hijack();
  });
  scope.post('/stream/:id/alive', async (request, reply) => {
    const person = authentication.person(request, 'read');
    feed.answered(StreamParams.parse(request.params).id, person.name);
    return reply.code(204).send();
  });
}

function serveConsole(app: FastifyInstance, consoleDir: string): void {
  mkdirSync(consoleDir, { recursive: true });
  app.register(staticFiles, { root: consoleDir, cacheControl: true, maxAge: 0, etag: true });
}

/** An empty body is no body: actions need none. */
async function parseJson(_request: FastifyRequest, body: string | Buffer): Promise<unknown> {
  const text = body.toString();
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WatchpostError('WP3400', { detail: 'the body is not JSON', cause });
  }
}

function notFound({ method, url }: FastifyRequest): WatchpostError {
  const [path] = url.split('?');
  if (path === '/') {
    return new WatchpostError('WP3401', {
      detail: 'the console has not been built',
      hint: 'Run scripts/watchpost once, or node scripts/commands/build-console.ts; the API works without it.',
    });
  }
  return new WatchpostError('WP3401', { detail: `${method} ${path ?? url}` });
}
