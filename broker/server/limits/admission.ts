import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Cancel, Clock } from '#contract/clock.ts';
import type { ErrorCode } from '#contract/errors.ts';
import { AddressBook } from './address-book.ts';
import type { ConnectionLimits } from './connection-limits.ts';

export interface AdmissionParts {
  readonly clock: Clock;
  readonly limits: ConnectionLimits;
  /** Somebody was turned away at once (no stream), or is about to be given up. */
  readonly onRefused: (code: ErrorCode, stream: Duplex | null, address: string) => void;
}

/** One connection from its first byte on, whatever lies between TCP and MQTT. */
interface Ticket {
  readonly stream: Duplex;
  readonly address: string;
  readonly endpoint: string | null;
  /** While CONNECT is not finished. */
  cancelDeadline: Cancel | null;
}

/**
 * How many connections there may be, in all and from one address, how fast they may come, and how long each may
 * take from TCP connect to CONNACK: sockets that never begin a TLS handshake count like those that never send
 * CONNECT. When too many are unfinished the oldest gives way: whoever means it is done within a round trip or two.
 */
export class Admission {
  readonly #parts: AdmissionParts;
  readonly #addresses: AddressBook;
  readonly #byStream = new Map<Duplex, Ticket>();
  /** A TLS socket is another object than the TCP socket below it, with the same two ends. */
  readonly #byEndpoint = new Map<string, Ticket>();
  /** Unfinished ones, oldest first. */
  readonly #halfOpen = new Set<Ticket>();

  constructor(parts: AdmissionParts) {
    const { clock, limits } = parts;
    this.#parts = parts;
    this.#addresses = new AddressBook(clock, {
      open: limits.perAddress,
      connects: { perSecond: limits.connectsPerSecond, burst: limits.connectBurst },
    });
  }

  /** Connections now, unfinished ones among them, and addresses remembered. */
  get counts(): { readonly open: number; readonly halfOpen: number; readonly addresses: number } {
    return { open: this.#byStream.size, halfOpen: this.#halfOpen.size, addresses: this.#addresses.size };
  }

  /** Lets a connection in or destroys it. One that is in already (its TCP socket was) is let in for nothing. */
  open(stream: Duplex, address: string): boolean {
    if (this.#ticketOf(stream) !== undefined) return true;
    const code = this.#refusal(address);
    if (code !== null) {
      this.#parts.onRefused(code, null, address);
      stream.destroy();
      return false;
    }
    this.#enter(stream, address);
    return true;
  }

  /** CONNACK has gone out. */
  connected(stream: Duplex): void {
    const ticket = this.#ticketOf(stream);
    if (ticket !== undefined) this.#finish(ticket);
  }

  /** Destroys whatever is open. Idempotent. */
  close(): void {
    for (const ticket of [...this.#byStream.values()]) {
      this.#finish(ticket);
      ticket.stream.destroy();
    }
  }

  #refusal(address: string): ErrorCode | null {
    if (this.#byStream.size >= this.#parts.limits.inAll) return 'WP3120';
    const verdict = this.#addresses.open(address);
    if (verdict === 'too-many') return 'WP3121';
    return verdict === 'too-fast' ? 'WP3122' : null;
  }

  #enter(stream: Duplex, address: string): void {
    const { clock, limits } = this.#parts;
    const [oldest] = this.#halfOpen;
    if (oldest !== undefined && this.#halfOpen.size >= limits.halfOpen) this.#giveUp(oldest, 'WP3123');
    const ticket: Ticket = { stream, address, endpoint: endpointOf(stream), cancelDeadline: null };
    ticket.cancelDeadline = clock.after(limits.connectTimeoutS * 1000, () => this.#giveUp(ticket, 'WP3124'));
    this.#halfOpen.add(ticket);
    this.#byStream.set(stream, ticket);
    if (ticket.endpoint !== null) this.#byEndpoint.set(ticket.endpoint, ticket);
    stream.once('close', () => this.#leave(ticket));
    // Whoever speaks TLS or MQTT on it listens, too; a socket on which nobody does must not end the process.
    stream.on('error', () => stream.destroy());
  }

  #leave(ticket: Ticket): void {
    const { stream, endpoint, address } = ticket;
    this.#finish(ticket);
    this.#byStream.delete(stream);
    if (endpoint !== null && this.#byEndpoint.get(endpoint) === ticket) this.#byEndpoint.delete(endpoint);
    this.#addresses.close(address);
  }

  #finish(ticket: Ticket): void {
    ticket.cancelDeadline?.();
    ticket.cancelDeadline = null;
    this.#halfOpen.delete(ticket);
  }

  #giveUp(ticket: Ticket, code: ErrorCode): void {
    this.#finish(ticket);
    this.#parts.onRefused(code, ticket.stream, ticket.address);
    ticket.stream.destroy();
  }

  #ticketOf(stream: Duplex): Ticket | undefined {
    const known = this.#byStream.get(stream);
    if (known !== undefined) return known;
    const endpoint = endpointOf(stream);
    return endpoint === null ? undefined : this.#byEndpoint.get(endpoint);
  }
}

/** Both ends of a TCP connection; null for a stream that has none of its own (WebSocket) or is gone. */
function endpointOf(stream: Duplex): string | null {
  if (!(stream instanceof Socket) || stream.remotePort === undefined) return null;
  const { remoteAddress, remotePort, localAddress, localPort } = stream;
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
