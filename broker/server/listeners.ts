import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { WatchpostError } from '#contract/errors.ts';
import type { Arrival } from './arrival.ts';
import { SOCKET_HIGH_WATER_BYTES } from './connection-guard.ts';

export interface ListenAddress {
  readonly host: string;
  /** 0 takes one that is free. */
  readonly port: number;
}

/** PEM texts: the broker's own key and certificate, and the authority that signs devices. */
export interface TlsAddress extends ListenAddress {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

export interface ListenersParts {
  readonly onArrival: (arrival: Arrival) => void;
  /** A handshake that came to nothing. */
  readonly onTlsFailed: (error: Error) => void;
  /** A connection that was turned away because there are too many. */
  readonly onFull: () => void;
  readonly maxConnections: number;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
const SOCKET = { highWaterMark: SOCKET_HIGH_WATER_BYTES, noDelay: true } as const;

/** The ports on which MQTT is spoken: plain on loopback, TLS with client certificates elsewhere. */
export class Listeners {
  readonly #parts: ListenersParts;
  #servers: Server[] = [];

  constructor(parts: ListenersParts) {
    this.#parts = parts;
  }

  /** Opens one; answers the port. Throws WP3105 or WP3106. */
  async open(address: ListenAddress | TlsAddress): Promise<number> {
    const server = 'key' in address ? this.#tls(address) : this.#plain(address);
    server.maxConnections = this.#parts.maxConnections;
    server.on('drop', this.#parts.onFull);
    this.#servers.push(server);
    return listenOn(server, address);
  }

  /** Resolves when the last connection has ended, too. Idempotent. */
  async close(): Promise<void> {
    const servers = this.#servers;
    this.#servers = [];
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  #plain({ host }: ListenAddress): Server {
    if (!LOOPBACK.has(host)) throw new WatchpostError('WP3106', { detail: host });
    return createServer(SOCKET, (socket) => this.#arrived(socket, { kind: 'plain' }));
  }

  #tls({ key, cert, ca }: TlsAddress): Server {
    const tls = {
      key,
      cert,
      ca,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
    } as const;
    const server = createTlsServer({ ...SOCKET, ...tls }, (socket: TLSSocket) =>
      this.#arrived(socket, { kind: 'tls', socket }),
    );
    server.on('tlsClientError', this.#parts.onTlsFailed);
    return server;
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
