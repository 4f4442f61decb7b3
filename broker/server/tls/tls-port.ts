import { constants, type X509Certificate } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls';
import type { Cancel, Clock } from '#contract/clock.ts';
import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { Arrival } from '../arrival.ts';
import { type ClientCertificate, commonNameOf, distrust, judgeClient } from './client-certificate.ts';
import { NONE_REVOKED } from './revocation-list.ts';
import { readTlsFiles, stampOfTlsFiles, type TlsFiles } from './tls-files.ts';
import { codeOfHandshake } from './tls-handshake.ts';

/** A connection that was not let in, or was ended because its certificate is not good any more. */
export interface TlsRefusal {
  readonly code: ErrorCode;
  readonly detail: string;
  /** IP address of the other side. */
  readonly address: string;
  /** The CN, where an authority of the site vouches for it: nobody else could have said it. */
  readonly vouchedName: string | null;
}

export interface TlsPortParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Holds `server.key`, `server.crt`, `ca.crt` and, where certificates were taken back, `ca.crl`. */
  readonly dir: string;
  readonly socket: Pick<TlsOptions, 'highWaterMark' | 'noDelay'>;
  readonly handshakeTimeoutMs: number;
  readonly onArrival: (arrival: Arrival) => void;
  readonly onRefused: (refusal: TlsRefusal) => void;
  /** Other files are in use than before. */
  readonly onReloaded: (status: TlsStatus) => void;
}

/** What metrics and `/readyz` say of it. */
export interface TlsStatus {
  readonly expiresMs: number;
  readonly revoked: number;
  /** Why the files that are in the folder now are not used. */
  readonly notLoaded: ErrorCode | null;
  readonly isClockBehind: boolean;
}

/** How often the files are looked at: a revocation is in effect within this. */
const LOOK_EVERY_MS = 10_000;
const DAY_MS = 86_400_000;
/** The end of a certificate is announced this long before. */
const WARN_BEFORE_MS = 30 * DAY_MS;
/** No clock of a site that runs this version stands before it. */
const BUILT_AT_MS = Date.UTC(2026, 10, 1);

/** Forward secrecy and authenticated encryption only (RFC 9325 §4.2). */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/** Codes of certificates that an authority of the site did issue: who shows one has, or had, its key. */
const VOUCHED: readonly ErrorCode[] = ['WP3304', 'WP3305', 'WP3306', 'WP3308'];

/**
 * The TLS listener. Every certificate is judged here before a byte of MQTT is read, so that each refusal has a code
 * of its own: OpenSSL, left to refuse by itself, ends the handshake without a word. Key, certificates and the list of
 * revoked ones are looked at again every ten seconds; connections that are open are judged by the new ones at once.
 */
export class TlsPort {
  readonly #parts: TlsPortParts;
  readonly #open = new Set<TLSSocket>();
  #server: Server | null = null;
  #files: TlsFiles | null = null;
  #stamp = '';
  #notLoaded: ErrorCode | null = null;
  #cancel: Cancel | null = null;
  #saidAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: TlsPortParts) {
    this.#parts = parts;
  }

  /** Reads the files and makes the server, not listening yet. Throws WP5009 or WP3315. */
  start(): Server {
    const { dir, clock, socket, handshakeTimeoutMs } = this.#parts;
    const stamp = stampOfTlsFiles(dir);
    const files = readTlsFiles(dir);
    if (files.revoked === NONE_REVOKED && existsSync(markOf(dir))) {
      throw new WatchpostError('WP3315', { detail: `ca.crl is gone since the last run (${markOf(dir)})` });
    }
    const options: TlsOptions = {
      ...{ ...socket, ...secureOptions(files), handshakeTimeout: handshakeTimeoutMs },
      requestCert: true,
      // Judged in #secured instead; nothing unauthorized goes further than that.
      rejectUnauthorized: false,
      ALPNProtocols: ['mqtt'],
    };
    const server = createServer(options, (secured) => this.#secured(secured));
    server.on('tlsClientError', (error, refused) => this.#failed(error, refused));
    this.#server = server;
    this.#use(files, stamp);
    this.#cancel = clock.every(LOOK_EVERY_MS, () => this.#look());
    return server;
  }

  /** Ends the watch; the server is closed by whoever listens with it. Idempotent. */
  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#server = null;
    this.#open.clear();
  }

  get status(): TlsStatus | null {
    const files = this.#files;
    if (files === null) return null;
    return {
      expiresMs: Date.parse(files.own.validTo),
      revoked: files.revoked.size,
      notLoaded: this.#notLoaded,
      isClockBehind: this.#parts.clock.wallMs() < floorOf(files),
    };
  }

  /** Reads the files again, also when they look the same (SIGHUP). Broken ones change nothing but the status. */
  reload(): void {
    const { dir, log } = this.#parts;
    const stamp = stampOfTlsFiles(dir);
    try {
      const files = readTlsFiles(dir);
      if (files.revoked === NONE_REVOKED && (this.#files?.revoked ?? NONE_REVOKED) !== NONE_REVOKED) {
        throw new WatchpostError('WP3315', { detail: 'ca.crl was removed; put an empty list in its place' });
      }
      this.#server?.setSecureContext(secureOptions(files));
      this.#use(files, stamp);
      log.info({ expires: files.own.validTo, revoked: files.revoked.size }, 'tls.reloaded');
      this.#judgeOpen();
      if (this.status !== null) this.#parts.onReloaded(this.status);
    } catch (error) {
      this.#stamp = stamp;
      this.#notLoaded = error instanceof WatchpostError ? error.code : 'WP5009';
      log.error({ code: 'WP3313', cause: this.#notLoaded, error: String(error) }, 'tls.not-reloaded');
    }
  }

  #use(files: TlsFiles, stamp: string): void {
    this.#files = files;
    this.#stamp = stamp;
    this.#notLoaded = null;
    if (files.revoked !== NONE_REVOKED) this.#remember();
    this.#saidAtMs = Number.NEGATIVE_INFINITY;
    this.#sayWhatEnds();
  }

  /** That there is a list: were it lost while the site is stopped, whoever is on it would come in again. */
  #remember(): void {
    const mark = markOf(this.#parts.dir);
    try {
      if (!existsSync(mark)) writeFileSync(mark, '', { mode: 0o600 });
    } catch (error) {
      this.#parts.log.warn({ mark, error: String(error) }, 'tls.list-not-remembered');
    }
  }

  #look(): void {
    if (stampOfTlsFiles(this.#parts.dir) !== this.#stamp) this.reload();
    if (this.#parts.clock.monoMs() - this.#saidAtMs >= DAY_MS) this.#sayWhatEnds();
  }

  /** Once a day, and whenever files were read. */
  #sayWhatEnds(): void {
    const { clock, log } = this.#parts;
    const files = this.#files;
    if (files === null) return;
    this.#saidAtMs = clock.monoMs();
    const nowMs = clock.wallMs();
    const endsMs = Date.parse(files.own.validTo);
    const expires = files.own.validTo;
    if (endsMs < nowMs) log.error({ code: 'WP3317', expires }, 'tls.certificate-ended');
    else if (endsMs - nowMs < WARN_BEFORE_MS)
      log.warn({ code: 'WP3316', expires }, 'tls.certificate-ends-soon');
    const { nextUpdateMs } = files.revoked;
    if (nextUpdateMs !== null && nextUpdateMs < nowMs) {
      log.warn({ code: 'WP3318', nextUpdate: new Date(nextUpdateMs).toISOString() }, 'tls.revocations-old');
    }
    if (nowMs < floorOf(files)) {
      log.warn({ code: 'WP3319', clock: new Date(nowMs).toISOString() }, 'tls.clock-behind');
    }
  }

  #secured(socket: TLSSocket): void {
    // Whoever is refused may already have gone.
    socket.on('error', () => socket.destroy());
    const leaf = socket.getPeerX509Certificate();
    const verdict = this.#judge(socket, leaf);
    if (verdict instanceof WatchpostError) {
      socket.destroy();
      this.#refused(verdict, socket.remoteAddress ?? '', leaf);
      return;
    }
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    this.#noteEnd(verdict);
    const { name, fingerprint } = verdict;
    const credentials = { kind: 'tls', name, fingerprint } as const;
    this.#parts.onArrival({ stream: socket, address: socket.remoteAddress ?? '', credentials });
  }

  #judge(socket: TLSSocket, leaf: X509Certificate | undefined): ClientCertificate | WatchpostError {
    const files = this.#files;
    if (files === null) return new WatchpostError('WP3010');
    const { authorizationError } = socket;
    const handshake = {
      authorized: socket.authorized,
      authorizationError: String(authorizationError ?? ''),
      isResumed: socket.isSessionReused(),
    };
    const nowMs = this.#parts.clock.wallMs();
    return judgeClient(leaf, handshake, { ...files, nowMs, floorMs: floorOf(files) });
  }

  /** By the authorities and revocations of now. A certificate that has ended meanwhile lasts as long as its connection. */
  #judgeOpen(): void {
    const files = this.#files;
    if (files === null) return;
    for (const socket of [...this.#open]) {
      const leaf = socket.getPeerX509Certificate();
      const code = leaf === undefined ? null : distrust(leaf, files);
      if (leaf === undefined || code === null) continue;
      socket.destroy();
      const detail = `connected since before: ${leaf.subject}`;
      this.#refused(new WatchpostError(code, { detail }), socket.remoteAddress ?? '', leaf);
    }
  }

  #noteEnd({ name, validToMs }: ClientCertificate): void {
    const { clock, log } = this.#parts;
    const expires = new Date(validToMs).toISOString();
    if (validToMs - clock.wallMs() < WARN_BEFORE_MS) {
      log.warn({ code: 'WP3316', client: name, expires }, 'mqtt.certificate-ends-soon');
    }
  }

  #failed(error: Error, socket: TLSSocket): void {
    const refusal = new WatchpostError(codeOfHandshake(error), { detail: error.message });
    this.#refused(refusal, socket.remoteAddress ?? '', undefined);
  }

  #refused({ code, detail = '' }: WatchpostError, address: string, leaf: X509Certificate | undefined): void {
    const vouchedName = leaf !== undefined && VOUCHED.includes(code) ? commonNameOf(leaf) : null;
    this.#parts.onRefused({ code, detail, address, vouchedName });
  }
}

/** The site's clock is not set if it stands before this version was made, or before its own certificate was. */
/** Beside the folder of the TLS files, so that a new folder does not take it away. */
const markOf = (dir: string): string => join(dir, '..', 'revocations.known');

const floorOf = ({ own }: TlsFiles): number => Math.max(BUILT_AT_MS, Date.parse(own.validFrom));

/** What goes with a set of files. Sessions are never resumed: what an earlier handshake found proves nothing now. */
function secureOptions({ key, cert, ca }: TlsFiles): TlsOptions {
  return {
    ...{ key, cert, ca, ciphers: CIPHERS },
    minVersion: 'TLSv1.2',
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  };
}
