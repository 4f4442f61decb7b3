import websocket from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createWebSocketStream, type WebSocket } from 'ws';
import type { AccessSettings } from '#broker/auth/access-settings.ts';
import type { Access, Person } from '#broker/auth/roles.ts';
import { type SignIn, Credentials as SignInCredentials } from '#broker/auth/sign-in.ts';
import type { Arrival, Credentials } from '#broker/server/arrival.ts';
import { SOCKET_HIGH_WATER_BYTES } from '#broker/server/connection-guard.ts';
import type { Cancel, Clock } from '#contract/clock.ts';
import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import { type Authentication, hostOf } from './authentication.ts';

/** Where packets go: the MQTT side of the site. */
export interface MqttSide {
  accept(arrival: Arrival): void;
  /** Counts and logs a connection that was refused or ended here. */
  refused(code: ErrorCode, fields: object): void;
}

export interface MqttSocketsParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly authentication: Authentication;
  readonly signIn: SignIn;
  readonly settings: AccessSettings;
  readonly mqtt: MqttSide;
  /** The largest MQTT packet; a frame may hold several. */
  readonly packetBytes: number;
}

interface OpenSocket {
  readonly socket: WebSocket;
  readonly request: FastifyRequest;
  /** What let it in; null until a CONNECT has shown a name and a password. */
  access: Access | null;
}

const SUBPROTOCOL = 'mqtt';
/** A frame may hold as much as this many of the largest packets. */
const PACKETS_A_FRAME = 4;
/** The largest frame of somebody who has not signed in yet: room for CONNECT, not for filling memory. */
const FIRST_FRAME_BYTES = 64 * 1024;
/** Packets that wait together go into frames of about this size. */
const FRAME_BYTES = 64 * 1024;
const LOOK_EVERY_MS = 15_000;
/** RFC 6455, 7.4.1. */
const CLOSE = { goingAway: 1001, notBinary: 1003, policy: 1008 } as const;

/**
 * MQTT over WebSocket [MQTT-6.0.0-1 to -4] for people: at `/mqtt`, on the port of the API. Who comes with a session's
 * cookie or a token is let in as that person; who comes with neither has to sign in with CONNECT.
 */
export class MqttSockets {
  readonly #parts: MqttSocketsParts;
  readonly #open = new Set<OpenSocket>();
  readonly #shown = new WeakMap<FastifyRequest, Access>();
  #cancelLook: Cancel | null = null;

  constructor(parts: MqttSocketsParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#cancelLook ??= this.#parts.clock.every(LOOK_EVERY_MS, () => this.#look());
  }

  /** Ends all. Idempotent. */
  close(): void {
    this.#cancelLook?.();
    this.#cancelLook = null;
    for (const { socket } of this.#open) end(socket, CLOSE.goingAway, 'the site is stopping');
    this.#open.clear();
  }

  routes(app: FastifyInstance): void {
    app.register(websocket, {
      options: {
        // Exceeding it ends the connection with 1009 before the frame is collected.
        maxPayload: this.#frameBytes,
        handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
        perMessageDeflate: false,
      },
      errorHandler: (error, socket, request) => {
        const isLarge = 'code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
        const fields = { address: request.ip, error: error.message };
        this.#parts.mqtt.refused(isLarge ? 'WP3101' : 'WP3102', fields);
        socket.terminate();
      },
      preClose: (done) => {
        this.close();
        app.websocketServer.close(() => done());
      },
    });
    app.register(async (scope) => {
      scope.addHook('onRequest', async (request, reply) => {
        if (!request.ws) reply.header('upgrade', 'websocket');
        this.#judge(request);
      });
      scope.get('/mqtt', { websocket: true }, (socket, request) => this.#opened(socket, request));
    });
  }

  /** Cuts off whoever is out. */
  recheck(): void {
    for (const open of this.#open) {
      if (open.access === null || open.access.isCurrent()) continue;
      this.#open.delete(open);
      this.#parts.mqtt.refused('WP3365', { person: open.access.person.name, address: open.request.ip });
      end(open.socket, CLOSE.policy, 'WP3365');
    }
  }

  /** Before the upgrade, so that what is wrong is said in HTTP. Throws WP3350, WP3351, WP3354, WP3355, WP3412 or WP3414. */
  #judge(request: FastifyRequest): void {
    if (!request.ws) throw new WatchpostError('WP3414');
    const { authentication, settings } = this.#parts;
    refuseForeignPage(request, settings.origins);
    const offered = request.headers['sec-websocket-protocol'] ?? '';
    if (!offered.split(',').some((each) => each.trim() === SUBPROTOCOL)) {
      throw new WatchpostError('WP3412', { detail: offered.slice(0, 100) });
    }
    const shown = authentication.shown(request);
    if (shown !== null) this.#shown.set(request, shown);
  }

  #opened(socket: WebSocket, request: FastifyRequest): void {
    const open: OpenSocket = { socket, request, access: this.#shown.get(request) ?? null };
    this.#open.add(open);
    if (open.access === null) limitFrames(socket, Math.min(FIRST_FRAME_BYTES, this.#frameBytes));
    socket.on('close', () => this.#open.delete(open));
    socket.on('message', (_data, isBinary) => {
      if (!isBinary) this.#refuseText(open);
    });
    const stream = createWebSocketStream(socket, {
      writableHighWaterMark: SOCKET_HIGH_WATER_BYTES,
      writev: (chunks, done) => sendTogether(socket, chunks, done),
    });
    this.#parts.mqtt.accept({ stream, address: request.ip, credentials: this.#credentialsOf(open) });
  }

  #credentialsOf(open: OpenSocket): Credentials {
    if (open.access !== null) return { kind: 'person', person: open.access.person };
    return { kind: 'person', person: null, signIn: (name, secret) => this.#signIn(open, name, secret) };
  }

  get #frameBytes(): number {
    return this.#parts.packetBytes * PACKETS_A_FRAME;
  }

  /** A token stands in the place of the password, for tools that have no other field for it. */
  async #signIn(open: OpenSocket, name: string, secret: string): Promise<Person | WatchpostError> {
    const { signIn } = this.#parts;
    const found = signIn.byToken(secret);
    if (found.kind === 'valid' && found.person.name !== name) return new WatchpostError('WP3351');
    const shown = found.kind === 'unknown' ? { name, password: secret } : { token: secret };
    // CONNECT has room for more than anybody's name, and names are remembered by the limit.
    const { data: credentials } = SignInCredentials.safeParse(shown);
    if (credentials === undefined) return new WatchpostError('WP3351');
    const verdict = await signIn.enter(credentials, { address: open.request.ip, over: 'mqtt' });
    if (verdict.kind === 'limited') return new WatchpostError('WP3352', { detail: `${verdict.waitS} s` });
    if (verdict.kind !== 'in') {
      return new WatchpostError(verdict.kind === 'expired' ? 'WP3355' : 'WP3351');
    }
    const access = signIn.accessOf(verdict);
    if (!access.isCurrent()) return new WatchpostError('WP3351');
    open.access = access;
    limitFrames(open.socket, this.#frameBytes);
    return verdict.person;
  }

  /** [MQTT-6.0.0-1]: a frame that is not binary ends the connection. */
  #refuseText({ socket, request }: OpenSocket): void {
    this.#parts.mqtt.refused('WP3413', { address: request.ip });
    end(socket, CLOSE.notBinary, 'WP3413');
  }

  /** A connection that lasts is somebody who is there. */
  #look(): void {
    this.recheck();
    for (const { request } of this.#open) this.#parts.authentication.used(request);
  }
}

/**
 * A browser opens WebSockets to any host from any page and says from which; SameSite=Strict keeps the cookie off them
 * where it is understood, this where it is not. Throws WP3354.
 */
function refuseForeignPage({ headers: { origin, host } }: FastifyRequest, allowed: readonly string[]): void {
  if (origin === undefined || hostOf(origin) === host || allowed.includes(origin)) return;
  throw new WatchpostError('WP3354', { detail: origin.slice(0, 100) });
}

/** The close frame goes out with the write that is tried at once; nobody who lies dead is waited for. */
function end(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason);
  socket.terminate();
}

/** ws takes one limit for all its connections; each has a receiver that keeps its own. */
function limitFrames(socket: WebSocket, bytes: number): void {
  const receiver: unknown = Reflect.get(socket, '_receiver');
  if (receiver instanceof Object) Reflect.set(receiver, '_maxPayload', bytes);
}

interface Waiting {
  readonly chunk: Buffer;
}

/** mqtt-packet writes a packet in several pieces: without this each would be a frame of its own. */
function sendTogether(
  socket: WebSocket,
  waiting: readonly Waiting[],
  done: (error?: Error | null) => void,
): void {
  const frames = framesOf(waiting);
  const last = frames.pop();
  for (const frame of frames) socket.send(frame);
  if (last === undefined) done();
  else socket.send(last, done);
}

function framesOf(waiting: readonly Waiting[]): Buffer[] {
  const frames: Buffer[] = [];
  let gathered: Buffer[] = [];
  let bytes = 0;
  for (const { chunk } of waiting) {
    gathered.push(chunk);
    bytes += chunk.length;
    if (bytes < FRAME_BYTES) continue;
    frames.push(Buffer.concat(gathered));
    gathered = [];
    bytes = 0;
  }
  if (bytes > 0) frames.push(Buffer.concat(gathered));
  return frames;
}
