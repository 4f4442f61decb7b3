import { X509Certificate } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { connect as connectTcp, isIP } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type SecureContextOptions } from 'node:tls';
import type { Transport } from '#agent/ports/link.ts';
import { WatchpostError } from '#contract/errors.ts';
import { distrust } from './broker-trust.ts';

/** What proves who the device is, and whom it trusts: PEM files of the identity folder. */
export interface Identity {
  readonly key: Buffer;
  readonly cert: Buffer;
  readonly ca: Buffer;
}

const DEFAULT_PORTS: Record<string, number> = { 'mqtt:': 1883, 'mqtts:': 8883 };

/** Reads key.pem, cert.pem and ca.pem. Throws WP2205. */
export function readIdentity(dir: string): Identity {
  try {
    // Where the folder is a link that leads elsewhere after a renewal, all three are of one side of it.
    const at = realpathSync(dir);
    return {
      key: readFileSync(join(at, 'key.pem')),
      cert: readFileSync(join(at, 'cert.pem')),
      ca: readFileSync(join(at, 'ca.pem')),
    };
  } catch (error) {
    throw new WatchpostError('WP2205', { detail: dir, cause: error });
  }
}

/**
 * A time that is past, whatever the machine's clock says: when the device's own certificate began, which the site's
 * clock knew. 0 where it cannot be read; the connection says why.
 */
export function certifiedSinceMs(identity: () => Identity | null): number {
  try {
    const own = identity();
    return own === null ? 0 : Date.parse(new X509Certificate(own.cert).validFrom);
  } catch (error) {
    if (error instanceof Error) return 0;
    throw error;
  }
}

/** Plain TCP for mqtt://, TLS with the device's certificate for mqtts://. */
export class TcpTransport implements Transport {
  readonly #identity: () => Identity | null;
  readonly #checkAtMs: () => number | null;

  /**
   * `identity` is asked for each connection: one that cannot be read (it throws) fails that connection alone, and a
   * renewed one is used with the next. `checkAtMs`: when certificates are to be valid, or null where the machine's
   * own clock can tell.
   */
  constructor(identity: () => Identity | null = () => null, checkAtMs: () => number | null = () => null) {
    this.#identity = identity;
    this.#checkAtMs = checkAtMs;
  }

  open(url: string): Duplex {
    const { protocol, host, port } = parseBrokerUrl(url);
    if (protocol === 'mqtt:') return connectTcp({ host, port, noDelay: true });
    const identity = this.#identity();
    if (identity === null) {
      throw new WatchpostError('WP2206', { detail: `${url} without an identity folder` });
    }
    return openTls({ url, host, port, identity, atMs: this.#checkAtMs() });
  }
}

interface TlsAddress {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly identity: Identity;
  readonly atMs: number | null;
}

function openTls({ url, host, port, identity, atMs }: TlsAddress): Duplex {
  const secure: SecureContextOptions = { ...identity, minVersion: 'TLSv1.2' };
  // RFC 6066 §3: an address is no server name; the certificate is held against it all the same.
  const name = isIP(host) === 0 ? { servername: host } : {};
  const socket = connectTls({ host, port, ...name, rejectUnauthorized: atMs === null, ...secure });
  socket.setNoDelay(true);
  if (atMs === null) return socket;
  // The first listener: nothing that the other end says is heard before this.
  socket.once('secureConnect', () => {
    const why = distrust(socket, { host, ca: identity.ca, atMs });
    if (why !== null) socket.destroy(new WatchpostError('WP2201', { detail: `${url}: ${why}` }));
  });
  return socket;
}

/** Throws WP2206 for anything but mqtt://host[:port] and mqtts://host[:port]. */
export function parseBrokerUrl(url: string): { protocol: string; host: string; port: number } {
  const parsed = URL.parse(url);
  const standard = parsed === null ? undefined : DEFAULT_PORTS[parsed.protocol];
  if (parsed === null || standard === undefined || parsed.hostname === '') {
    throw new WatchpostError('WP2206', { detail: url });
  }
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  return { protocol: parsed.protocol, host, port: parsed.port === '' ? standard : Number(parsed.port) };
}
