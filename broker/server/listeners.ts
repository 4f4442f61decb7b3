import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { Arrival } from './arrival.ts';
import { SOCKET_HIGH_WATER_BYTES } from './connection-guard.ts';
import { TlsPort, type TlsRefusal, type TlsStatus } from './tls/tls-port.ts';

export interface ListenAddress {
  readonly host: string;
  /** 0 takes one that is free. */
  readonly port: number;
}

export interface TlsAddress extends ListenAddress {
  /** The folder of the broker's own key and certificate, the authority that signs devices, and its revocations. */
  readonly tlsDir: string;
}

export interface ListenersParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly onArrival: (arrival: Arrival) => void;
  /** A connection that was not let in, or was ended because its certificate is not good any more. */
  readonly onTlsRefused: (refusal: TlsRefusal) => void;
  /** Other keys, certificates or revocations are in use than before. */
  readonly onTlsReloaded: (status: TlsStatus) => void;
  /** A TCP connection, before a byte of it was read; false when it is refused and destroyed. */
  readonly onOpened: (socket: Socket, address: string) => boolean;
  /** Milliseconds from TCP connect to the end of the handshake. */
  readonly handshakeTimeoutMs: number;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
const SOCKET = { highWaterMark: SOCKET_HIGH_WATER_BYTES, noDelay: true } as const;

/** The ports on which MQTT is spoken: plain on loopback, TLS with client certificates elsewhere. */
export class Listeners {
  readonly #parts: ListenersParts;
  #servers: Server[] = [];
  #tlsPorts: TlsPort[] = [];

  constructor(parts: ListenersParts) {
    this.#parts = parts;
  }

  /** Opens one; answers the port. Throws WP3105, WP3106, or WP5009 or WP3315 for TLS files. */
  async open(address: ListenAddress | TlsAddress): Promise<number> {
    const server = 'tlsDir' in address ? this.#tls(address) : this.#plain(address);
    this.#servers.push(server);
    return listenOn(server, address);
  }

  /** Reads keys, certificates and revocations again. */
  reloadTls(): void {
    for (const port of this.#tlsPorts) port.reload();
  }

  /** Whether every port that was opened still takes connections. */
  get areListening(): boolean {
    return this.#servers.every(({ listening }) => listening);
  }

  /** Null where nothing listens with TLS. */
  get tlsStatus(): TlsStatus | null {
    return this.#tlsPorts[0]?.status ?? null;
  }

  /** Resolves when the last connection has ended, too. Idempotent. */
  async close(): Promise<void> {
    const servers = this.#servers;
    this.#servers = [];
    for (const port of this.#tlsPorts.splice(0)) port.close();
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  #plain({ host }: ListenAddress): Server {
    if (!LOOPBACK.has(host)) throw new WatchpostError('WP3106', { detail: host });
    return this.#admitting((socket) => this.#arrived(socket, { kind: 'plain' }));
  }

  #tls({ tlsDir }: TlsAddress): Server {
    const {
      clock,
      log,
      onArrival,
      onTlsRefused: onRefused,
      onTlsReloaded: onReloaded,
      handshakeTimeoutMs,
    } = this.#parts;
    const parts = { clock, log, onArrival, onRefused, onReloaded, handshakeTimeoutMs };
    const port = new TlsPort({ ...parts, dir: tlsDir, socket: SOCKET });
    const secure = port.start();
    this.#tlsPorts.push(port);
    // Sockets on which a handshake never begins count like all others, so that they are taken in front of TLS.
    return this.#admitting((socket) => secure.emit('connection', socket));
  }

  #admitting(use: (socket: Socket) => void): Server {
    return createServer(SOCKET, (socket) => {
      if (this.#parts.onOpened(socket, socket.remoteAddress ?? '')) use(socket);
    });
  }

  #arrived(stream: Socket, credentials: Arrival['credentials']): void {
    this.#parts.onArrival({ stream, address: stream.remoteAddress ?? '', credentials });
  }
}

async function listenOn(server: Server, { host, port }: ListenAddress): Promise<number> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new WatchpostError('WP3105', { detail: `${host}:${port}: ${String(cause)}`, cause });
  }
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : port;
}
