import type { Duplex } from 'node:stream';
import type { Client } from 'aedes';
import type { Cancel, Clock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';
import type { Arrival } from './arrival.ts';
import { Admission } from './limits/admission.ts';
import type { ConnectionLimits } from './limits/connection-limits.ts';
import type { FrameVerdict } from './limits/frame-limit.ts';
import { PacedReads, type SlowedBy } from './limits/paced-reads.ts';
import { checkPackets } from './limits/packet-check.ts';
import type { PacketFault } from './limits/packet-rules.ts';
import type { Refusals } from './limits/refusals.ts';
import type { ServerMetrics } from './metrics.ts';

export interface ConnectionsParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: ConnectionLimits;
  readonly metrics: ServerMetrics;
  readonly refusals: Refusals;
  /** Gives the stream to the MQTT engine; null when there is none any more. */
  readonly handle: (arrival: Arrival) => Client | null;
  /** Files the beginning of what could not be a packet. */
  readonly onUnreadable: (client: string, code: 'WP3101' | 'WP3102', head: Buffer) => void;
}

interface Connection {
  readonly client: Client;
  readonly reads: PacedReads;
  readonly transport: Transport;
}

const TRANSPORTS = { plain: 'tcp', tls: 'tls', person: 'websocket' } as const;
type Transport = (typeof TRANSPORTS)[keyof typeof TRANSPORTS];

const LOOK_EVERY_MS = 1000;
/** Of what could not be read, this much is filed. */
const HEAD_BYTES = 1024;

/** All connections, on whatever listener: let in, watched as they are read, ended. */
export class Connections {
  readonly #parts: ConnectionsParts;
  readonly #admission: Admission;
  readonly #connections = new Map<Duplex, Connection>();
  #cancelLook: Cancel | null = null;

  constructor(parts: ConnectionsParts) {
    const { clock, limits, refusals } = parts;
    this.#parts = parts;
    this.#admission = new Admission({
      ...{ clock, limits },
      onRefused: (code, stream, address) => {
        if (stream === null) refusals.note(code, { address });
        else refusals.ends(stream, code, { address });
      },
    });
  }

  start(): void {
    this.#cancelLook = this.#parts.clock.every(LOOK_EVERY_MS, () => this.#look());
  }

  /** Destroys every connection. Idempotent. */
  close(): void {
    this.#cancelLook?.();
    this.#cancelLook = null;
    this.#admission.close();
  }

  /** Connections now, unfinished ones among them, and addresses remembered. */
  get counts(): Admission['counts'] {
    return this.#admission.counts;
  }

  /** A TCP connection, before TLS or MQTT; false when it was refused (and destroyed). */
  opened(stream: Duplex, address: string): boolean {
    return this.#admission.open(stream, address);
  }

  /** Somebody is about to speak MQTT, on one of the listeners or over a WebSocket. */
  accept(arrival: Arrival): void {
    const { stream, address } = arrival;
    if (!this.#admission.open(stream, address)) return;
    stream.on('error', () => stream.destroy());
    const client = this.#parts.handle(arrival);
    if (client === null) stream.destroy();
    else this.#enter(stream, client, TRANSPORTS[arrival.credentials.kind]);
  }

  /** CONNACK with return code 0 has gone out. */
  connected({ conn }: Client): void {
    this.#admission.connected(conn);
    this.#connections.get(conn)?.reads.connected();
  }

  #enter(stream: Duplex, client: Client, transport: Transport): void {
    const { clock, limits, metrics } = this.#parts;
    const reads = new PacedReads(stream, {
      ...{ clock, limits },
      onRefused: (verdict, head) => this.#unreadable(client, verdict, head),
      onSlowed: (by) => this.#slowed(client, by),
    });
    this.#connections.set(stream, { client, reads, transport });
    metrics.connections.inc({ transport });
    stream.once('close', () => {
      this.#connections.delete(stream);
      metrics.connections.dec({ transport });
    });
    reads.start();
    checkPackets(stream, limits.filtersAtOnce, (fault) => this.#faulty(client, fault));
  }

  #slowed({ id }: Client, by: SlowedBy): void {
    this.#parts.metrics.slowed.inc({ by });
    this.#parts.log.info({ code: 'WP3131', client: id, by }, 'mqtt.slowed');
  }

  #unreadable({ id, conn }: Client, verdict: FrameVerdict, head: Buffer): void {
    const code = verdict === 'too-large' ? 'WP3101' : 'WP3102';
    this.#parts.refusals.ends(conn, code, { client: id });
    conn.destroy();
    this.#parts.onUnreadable(id ?? '', code, head.subarray(0, HEAD_BYTES));
  }

  /** Whoever breaks the protocol is cut off [MQTT-4.8.0-1]; its will is published. */
  #faulty({ id, conn }: Client, { code, detail, answer }: PacketFault): void {
    this.#parts.refusals.ends(conn, code, { client: id, detail });
    if (answer === null) conn.destroy();
    else conn.end(answer, () => conn.destroy());
  }

  /** A client whose packets we leave unread is not silent: its keep-alive counts from when they are read. */
  #look(): void {
    for (const { client, reads } of this.#connections.values()) {
      if (reads.isBehind) refreshKeepAlive(client);
    }
  }
}

/** aedes restarts this timer with each packet it handles, and offers no way to do so for those it was not given. */
function refreshKeepAlive(client: Client): void {
  const timer: unknown = Reflect.get(client, '_keepaliveTimer');
  if (timer instanceof Object && 'refresh' in timer && typeof timer.refresh === 'function') timer.refresh();
}
