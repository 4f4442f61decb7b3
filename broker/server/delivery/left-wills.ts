import type { PublishPacket } from 'aedes';
import type { StoredPacket } from '#broker/persistence/sessions/mqtt-packet.ts';
import type { MqttPersistence } from '#broker/persistence/sessions/mqtt-persistence.ts';
import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { ConnectionGuard } from '../connection-guard.ts';
import type { IngestGate } from '../ingest/gate.ts';

export interface LeftWillsParts {
  readonly persistence: MqttPersistence;
  readonly guard: ConnectionGuard;
  readonly gate: IngestGate;
  readonly clock: Clock;
  readonly log: Log;
  /** To subscribers, behind the gate. */
  readonly publish: (packet: PublishPacket, done: (error?: Error | null) => void) => void;
}

const AGAIN_MS = 5000;

/**
 * Last wills that nobody has published: those of connections that ended with a broker that crashed, after 1.5
 * keep-alives without their owner; and those that could not be stored when they were due, again and again. An owner
 * who connects takes its will over: aedes replaces it before CONNACK [MQTT-3.1.2-10].
 */
export class LeftWills {
  readonly #parts: LeftWillsParts;
  readonly #waiting = new Map<string, Cancel>();

  constructor(parts: LeftWillsParts) {
    this.#parts = parts;
  }

  /** aedes would wait for its clean-up, minutes later, and not for the owner. */
  start(): void {
    const { persistence, clock } = this.#parts;
    const { willKeepaliveS } = persistence.sessions.limits;
    for (const { client, keepaliveS, packet } of persistence.leftWills()) {
      const delayMs = (keepaliveS || willKeepaliveS) * 1500;
      this.#waiting.set(
        client,
        clock.after(delayMs, () => this.#publish(client, packet)),
      );
    }
  }

  /** They stay in the database. Idempotent. */
  close(): void {
    for (const cancel of this.#waiting.values()) cancel();
    this.#waiting.clear();
  }

  /** Whether the will of this client is still to be published. */
  keeps(client: string): boolean {
    return this.#waiting.has(client);
  }

  /** The owner is here: what it leaves is what it says now. */
  ownerIsBack(client: string): void {
    this.#waiting.get(client)?.();
    this.#waiting.delete(client);
  }

  /** It was due and could not be stored. */
  again(client: string, packet: StoredPacket): void {
    this.#waiting.get(client)?.();
    this.#waiting.set(
      client,
      this.#parts.clock.after(AGAIN_MS, () => this.#publish(client, packet)),
    );
  }

  #publish(id: string, stored: StoredPacket): void {
    const { gate, guard, persistence, log, publish } = this.#parts;
    const packet = willOf(stored);
    const done = (error?: Error | null): void => {
      if (!this.#waiting.has(id)) return;
      if (error && !isRefusal(error)) {
        log.warn({ client: id, error: String(error) }, 'will.not-stored');
        this.again(id, stored);
        return;
      }
      this.#waiting.delete(id);
      if (error) log.warn({ client: id, error: String(error) }, 'will.refused');
      else
        publish(packet, (failed) => {
          if (failed) log.error({ client: id, error: String(failed) }, 'will.not-forwarded');
        });
      // One that went through the store is gone with it already.
      persistence
        .delWill({ id })
        .catch((cause) => log.error({ client: id, error: String(cause) }, 'will.kept'));
    };
    gate.pass({ id, identity: guard.absent(id), client: null, isLeft: true }, packet, done);
  }
}

/** It will not be taken later either. */
export const isRefusal = (error: Error): boolean =>
  error instanceof WatchpostError && !error.retryable && error.code.startsWith('WP10');

function willOf(will: StoredPacket): PublishPacket {
  return {
    cmd: 'publish',
    topic: will.topic ?? '',
    payload: will.payload ?? '',
    qos: will.qos === 2 ? 2 : will.qos === 1 ? 1 : 0,
    retain: will.retain ?? false,
    dup: false,
  };
}
