import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Cancel, Clock } from '#contract/clock.ts';
import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { KioskSettings } from '../ports/guidance.ts';
import type { KioskSource } from '../ports/kiosk.ts';
import type { PartHealth } from '../ports/makers.ts';
import { keepAddress, lastAddress } from './address-file.ts';
import { readChoice } from './body.ts';
import { Gate } from './gate.ts';
import { PageFiles } from './page-files.ts';
import { StateStreams } from './state-streams.ts';

export interface KioskParts {
  readonly settings: KioskSettings;
  /** The device's own folder. */
  readonly dataDir: string;
  /** The page's bundle. */
  readonly pageDir: string;
  readonly source: KioskSource;
  readonly onHealth: (health: PartHealth) => void;
  readonly clock: Clock;
  readonly log: Log;
}

const RETRY_AFTER_MS = 10_000;
/** A screen needs six; beyond, connections are closed unanswered. */
const MOST_CONNECTIONS = 24;

/** Everything from here, nothing from elsewhere; no frame around it, no type guessed, no address told. */
const SECURITY = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), usb=(), serial=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

const STATUS: Partial<Record<ErrorCode, number>> = {
  WP2702: 503,
  WP2703: 421,
  WP2704: 403,
  WP2705: 401,
  WP2706: 404,
  WP2707: 400,
  WP2708: 409,
  WP2709: 429,
};

/**
 * Serves the kiosk page on loopback alone, to whoever has the token in the device's folder (docs/guidance.md). A port
 * that is taken is told as the health of `kiosk` and tried again; nothing else of the device hears of it.
 */
export class KioskServer {
  readonly #parts: KioskParts;
  readonly #files: PageFiles;
  readonly #streams: StateStreams;
  #server: Server | null = null;
  #cancelRetry: Cancel = () => undefined;
  #isClosed = false;

  constructor(parts: KioskParts) {
    this.#parts = parts;
    const { emergencyNumber } = parts.source.view();
    this.#files = new PageFiles({ dir: parts.pageDir, emergencyNumber });
    this.#streams = new StateStreams(parts);
  }

  /** Resolves when it was tried once. */
  async start(): Promise<void> {
    this.#streams.start();
    await this.#open();
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry();
    this.#streams.close();
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  async #open(): Promise<void> {
    const { settings, dataDir, clock, log, onHealth } = this.#parts;
    try {
      await this.#files.start();
      const last = await lastAddress(dataDir);
      const server = await this.#listen(settings.port === 0 ? [last.port ?? 0, 0] : [settings.port]);
      const port = portOf(server);
      const gate = new Gate({ token: last.token, port, clock });
      server.on('request', (request, response) => void this.#serve(request, response, gate));
      this.#server = server;
      if (this.#isClosed) return this.close();
      await keepAddress(dataDir, port, last.token).catch((cause: unknown) => {
        throw new WatchpostError('WP2700', { detail: 'kiosk.url cannot be written', cause });
      });
      log.info({ port }, 'kiosk.open');
      onHealth({ state: 'ok' });
    } catch (cause) {
      this.#fails(cause);
    }
  }

  #fails(cause: unknown): void {
    if (this.#isClosed) return;
    const { clock, log, onHealth } = this.#parts;
    const error = cause instanceof WatchpostError ? cause : new WatchpostError('WP2700', { cause });
    log.error({ code: error.code, err: error, hint: error.hint }, 'kiosk.not-open');
    onHealth({ state: 'failed', code: error.code, ...(error.detail && { detail: error.detail }) });
    // Open at an address that nobody can read, on a full disk: as good as not open.
    this.#server?.close();
    this.#server?.closeAllConnections();
    this.#server = null;
    this.#cancelRetry = clock.after(RETRY_AFTER_MS, () => void this.#open());
  }

  /** On the first of the ports that can be had. Rejects with WP2700. */
  async #listen(ports: readonly number[]): Promise<Server> {
    let refused: unknown = null;
    for (const port of ports) {
      const server = createServer({ maxHeaderSize: 8192, requestTimeout: 10_000, headersTimeout: 5_000 });
      server.maxConnections = MOST_CONNECTIONS;
      server.keepAliveTimeout = 5_000;
      try {
        await listening(server, port);
        // A connection that cannot be taken, with no file left to open: that one is lost and nothing else.
        server.on('error', (cause) => this.#parts.log.warn({ err: cause }, 'kiosk.connection-refused'));
        return server;
      } catch (cause) {
        refused = cause;
      }
    }
    throw new WatchpostError('WP2700', { detail: `port ${ports.join(', ')}`, cause: refused });
  }

  async #serve(request: IncomingMessage, response: ServerResponse, gate: Gate): Promise<void> {
    try {
      await this.#route(request, response, gate);
    } catch (cause) {
      this.#refuse(response, cause);
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse, gate: Gate): Promise<void> {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const what = `${request.method} ${path}`;
    if (what === 'GET /state') {
      gate.admitKnown(request);
      const headers = { ...SECURITY, 'cache-control': 'no-store', 'watchpost-page': this.#files.script };
      this.#streams.add(response, headers);
      return;
    }
    if (what === 'POST /choice') {
      gate.admitKnown(request);
      await this.#choose(request, response);
      return;
    }
    gate.admit(request);
    if (request.method !== 'GET') throw new WatchpostError('WP2706', { detail: what.slice(0, 80) });
    const { body, type, keep } = await this.#files.find(path);
    const cache = keep === 'never' ? 'no-store' : 'public, max-age=31536000, immutable';
    response.writeHead(200, { ...SECURITY, 'content-type': type, 'cache-control': cache }).end(body);
  }

  async #choose(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const outcome = this.#parts.source.choose(await readChoice(request));
    if (outcome === 'unknown') throw new WatchpostError('WP2707', { detail: 'not offered here' });
    if (outcome === 'untimely') throw new WatchpostError('WP2708');
    response.writeHead(204, SECURITY).end();
  }

  /** The connection goes with a refusal: a body that was not read would be taken for the next request. */
  #refuse(response: ServerResponse, cause: unknown): void {
    const { log } = this.#parts;
    if (!(cause instanceof WatchpostError)) log.warn({ err: cause }, 'kiosk.request-failed');
    if (response.headersSent || response.destroyed) return;
    const error = cause instanceof WatchpostError ? cause : new WatchpostError('WP2707', { cause });
    const { code, message: title, hint: detail } = error;
    const status = STATUS[code] ?? 500;
    const headers = { ...SECURITY, 'content-type': 'application/problem+json', connection: 'close' };
    response
      .writeHead(status, headers)
      .end(JSON.stringify({ type: `urn:watchpost:${code}`, title, detail, status, code }));
  }
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return address === null || typeof address === 'string' ? 0 : address.port;
}
