import type { Duplex } from 'node:stream';
import mqttClient from 'mqtt/lib/client';
import type { Transport } from '#agent/ports/link.ts';
import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';

const { default: MqttClient } = mqttClient;
type Client = InstanceType<typeof MqttClient>;

export type Done = (error: Error | null) => void;

export interface Will {
  readonly topic: string;
  readonly payload: string;
}

export interface ConnectionOptions {
  readonly transport: Transport;
  readonly url: string;
  readonly clientId: string;
  readonly keepaliveS: number;
  readonly will: Will;
  readonly clock: Clock;
  readonly onConnected: () => void;
  readonly onMessage: (topic: string, payload: Buffer) => void;
  /** Called once, when the connection is lost or could not be made; not after `end`. */
  readonly onLost: (error: Error) => void;
}

interface Unconfirmed {
  readonly atMs: number;
  readonly done: Done;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** DESIGN, Delivery: no PUBACK in 5 s means reconnect. */
const PUBACK_TIMEOUT_MS = 5_000;
/** MQTT 3.1.1 §3.9.3: the SUBACK's return code of a failure. */
const SUBSCRIPTION_FAILED = 128;

/** One MQTT 3.1.1 connection, from CONNECT to its end. It never reconnects by itself. */
export class Connection {
  readonly #options: ConnectionOptions;
  /** In the order of sending. */
  readonly #unconfirmed = new Set<Unconfirmed>();
  #client: Client | null = null;
  #stream: Duplex | null = null;
  #isOver = false;
  #stopConnecting: Cancel | null = null;
  #stopWatching: Cancel | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  open(): void {
    const { clock } = this.#options;
    try {
      this.#client = this.#connect();
    } catch (error) {
      this.#lose(error instanceof Error ? error : new WatchpostError('WP2200', { cause: error }));
      return;
    }
    this.#stopConnecting = clock.after(CONNECT_TIMEOUT_MS, () =>
      this.#lose(new WatchpostError('WP2207', { detail: this.#options.url })),
    );
  }

  /** QoS 1. `done` is called once, at PUBACK or with the error when the connection ends first. */
  publish(topic: string, payload: string | Buffer, retain: 'retained' | 'plain', done: Done): void {
    if (this.#client === null || this.#isOver) {
      done(new WatchpostError('WP2200', { detail: topic }));
      return;
    }
    const entry: Unconfirmed = { atMs: this.#options.clock.monoMs(), done };
    this.#unconfirmed.add(entry);
    this.#stopWatching ??= this.#watch(PUBACK_TIMEOUT_MS);
    this.#client.publish(topic, payload, { qos: 1, retain: retain === 'retained' }, (error) => {
      if (error) this.#lose(error);
      else if (this.#unconfirmed.delete(entry)) done(null);
    });
    // mqtt.js holds the bytes back until the next tick: behind whatever lamp and voice do with an alarm first.
    this.#stream?.uncork();
  }

  /** QoS 1; loses the connection with WP2203 when the broker refuses, with WP2207 when it does not answer. */
  subscribe(filter: string, done: () => void): void {
    this.#stopConnecting = this.#options.clock.after(CONNECT_TIMEOUT_MS, () =>
      this.#lose(new WatchpostError('WP2207', { detail: `no answer to SUBSCRIBE ${filter}` })),
    );
    this.#client?.subscribe(filter, { qos: 1 }, (error, granted) => {
      this.#stopConnecting?.();
      if (this.#isOver) return;
      const isRefused = granted?.some(({ qos }) => Number(qos) === SUBSCRIPTION_FAILED) ?? true;
      if (error || isRefused) this.#lose(new WatchpostError('WP2203', { detail: filter, cause: error }));
      else done();
    });
  }

  /** Ends with a DISCONNECT, so that the broker does not publish the will. `onEnded` may never be called. */
  endPolitely(onEnded: () => void): void {
    this.#client?.end(false, () => onEnded());
  }

  /** Ends at once. Idempotent. */
  end(): void {
    this.#finish(new WatchpostError('WP2200', { detail: 'ended by the device' }));
  }

  #connect(): Client {
    const { transport, url, clientId, keepaliveS, will, clock } = this.#options;
    const open = () => {
      this.#stream = transport.open(url);
      return this.#stream;
    };
    const client = new MqttClient(open, {
      clientId,
      keepalive: keepaliveS,
      protocolVersion: 4,
      clean: true,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      // Else it keeps a Buffer of each 16-bit number: 65 536 of them, a tenth of the whole device's memory.
      writeCache: false,
      // Ours, on the injected clock, is shorter.
      connectTimeout: CONNECT_TIMEOUT_MS * 2,
      timerVariant: clockTimers(clock),
      will: { ...will, payload: Buffer.from(will.payload), qos: 1, retain: true },
    });
    client.on('connect', () => {
      this.#stopConnecting?.();
      if (!this.#isOver) this.#options.onConnected();
    });
    client.on('message', (topic, payload) => {
      if (!this.#isOver) this.#options.onMessage(topic, payload);
    });
    client.on('error', (error) => this.#lose(explain(error, url)));
    client.on('close', () => this.#lose(new WatchpostError('WP2200', { detail: url })));
    return client;
  }

  /** One timer for all: it looks at the oldest. */
  #watch(delayMs: number): Cancel {
    return this.#options.clock.after(delayMs, () => {
      this.#stopWatching = null;
      const [oldest] = this.#unconfirmed;
      if (oldest === undefined) return;
      const leftMs = oldest.atMs + PUBACK_TIMEOUT_MS - this.#options.clock.monoMs();
      if (leftMs > 0) this.#stopWatching = this.#watch(leftMs);
      else this.#lose(new WatchpostError('WP2202', { detail: this.#options.url }));
    });
  }

  #lose(error: Error): void {
    if (this.#finish(error)) this.#options.onLost(error);
  }

  /** True the first time. */
  #finish(error: Error): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#stopConnecting?.();
    this.#stopWatching?.();
    const unconfirmed = [...this.#unconfirmed];
    this.#unconfirmed.clear();
    this.#client?.end(true);
    for (const { done } of unconfirmed) done(error);
    return true;
  }
}

/** mqtt.js's keepalive on our clock. */
function clockTimers(clock: Clock) {
  const timers = new Map<number, Cancel>();
  let lastId = 0;
  return {
    set: (callback: () => void, periodMs: number): number => {
      lastId += 1;
      timers.set(lastId, clock.every(periodMs, callback));
      return lastId;
    },
    clear: (id: unknown): void => {
      if (typeof id !== 'number') return;
      timers.get(id)?.();
      timers.delete(id);
    },
  };
}

/** A CONNACK with a return code is a refusal (MQTT 3.1.1 §3.2.2.3); the rest is the network's. */
function explain(error: Error, url: string): WatchpostError {
  if (error instanceof WatchpostError) return error;
  const isRefusal = 'code' in error && typeof error.code === 'number';
  return new WatchpostError(isRefusal ? 'WP2201' : 'WP2200', {
    detail: `${url}: ${error.message}`,
    cause: error,
  });
}
