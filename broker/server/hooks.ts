import type { Aedes, Client, PublishPacket } from 'aedes';
import { SESSION_MARK } from '#broker/persistence/sessions/mqtt-persistence.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { ConnectionGuard } from './connection-guard.ts';
import { isRefusal, type LeftWills } from './delivery/left-wills.ts';
import type { SessionDelivery } from './delivery/session-delivery.ts';
import type { IngestGate, Publisher } from './ingest/gate.ts';
import type { Refusals } from './limits/refusals.ts';
import type { TopicLimits } from './limits/topic-limits.ts';
import type { ServerMetrics } from './metrics.ts';

export interface HooksParts {
  readonly guard: ConnectionGuard;
  readonly gate: IngestGate;
  readonly delivery: SessionDelivery;
  readonly wills: LeftWills;
  readonly topicLimits: TopicLimits;
  readonly refusals: Refusals;
  readonly metrics: ServerMetrics;
  readonly log: Log;
  /** Who it is was found good; CONNACK comes next. */
  readonly onLetIn: (client: Client) => void;
}

/**
 * What aedes asks on the way of a packet: first the limits, then guard and gate. aedes calls a hook from within its
 * parser, where an exception would end the process: here it ends the one connection that brought it about.
 */
export class Hooks {
  readonly #parts: HooksParts;

  constructor(parts: HooksParts) {
    this.#parts = parts;
  }

  preConnect: Aedes['preConnect'] = (client, packet, done) => {
    this.shield(client, () => {
      const { guard, delivery, topicLimits, refusals } = this.#parts;
      delivery.connecting(client, packet.keepalive ?? 0);
      const code = packet.will === undefined ? null : topicLimits.refusePublish(packet.will.topic);
      if (code === null) return guard.preConnect(client, packet, done);
      refusals.ends(client.conn, code, { client: packet.clientId });
      client.conn.destroy();
      done(new WatchpostError(code), false);
    });
  };

  authenticate: Aedes['authenticate'] = (client, username, password, done) => {
    this.shield(client, () => {
      const { guard, delivery, refusals, onLetIn } = this.#parts;
      guard.authenticate(client, username, password, (error, isLetIn) => {
        this.shield(client, () => {
          const full = isLetIn === true ? delivery.refuseSession(client) : null;
          if (full !== null) {
            refusals.ends(client.conn, full.code, { client: client.id });
            return done(Object.assign(full, { returnCode: 3 }), false);
          }
          if (isLetIn === true) onLetIn(client);
          done(error, isLetIn);
        });
      });
    });
  };

  authorizeSubscribe: Aedes['authorizeSubscribe'] = (client, subscription, done) => {
    this.shield(client, () => {
      const { guard, delivery, topicLimits, refusals } = this.#parts;
      if (subscription.topic === SESSION_MARK) return done(null, null);
      guard.authorizeSubscribe(client, subscription, (error, granted) => {
        const code = granted ? topicLimits.subscribe(client, granted.topic) : null;
        if (granted && code === null) delivery.subscribed(client, granted);
        else delivery.refused(client, subscription.topic);
        if (code === null) return done(error, granted);
        refusals.note(code, { client: client.id, filter: subscription.topic.slice(0, 200) });
        done(null, null);
      });
    });
  };

  authorizeForward: Aedes['authorizeForward'] = (client, packet) => {
    try {
      const forwarded = this.#parts.delivery.forward(client, packet);
      const toSend = forwarded && this.#parts.guard.authorizeForward(client, forwarded);
      if (toSend) this.#parts.metrics.messages.inc({ direction: 'out', qos: toSend.qos });
      return toSend;
    } catch (cause) {
      this.#failed(client, cause);
      return null;
    }
  };

  /** `client` is null for the will of a connection that is gone, and closed for one that is going. */
  authorizePublish = (
    client: Client | null,
    packet: PublishPacket,
    done: (error?: Error | null) => void,
  ): void => {
    if (client === null) {
      this.shield(null, () => this.#parts.gate.pass(this.#absent(packet), packet, done));
      return;
    }
    this.shield(client, () => {
      const { gate, guard, topicLimits, refusals, metrics } = this.#parts;
      if (!client.closed) metrics.messages.inc({ direction: 'in', qos: packet.qos });
      const code = topicLimits.refusePublish(packet.topic);
      if (code !== null) {
        refusals.ends(client.conn, code, { client: client.id, topic: packet.topic.slice(0, 200) });
        return done(new WatchpostError(code));
      }
      const publisher = { id: client.id, identity: guard.identity(client) };
      if (client.closed) this.#passWill({ ...publisher, client: null }, packet, done);
      else gate.pass({ ...publisher, client }, packet, done);
    });
  };

  /** Whose last will this is, when aedes comes across one of a connection that is long gone. */
  #absent(packet: PublishPacket): Publisher {
    const id = 'clientId' in packet && typeof packet.clientId === 'string' ? packet.clientId : '';
    return { id, identity: this.#parts.guard.absent(id), client: null };
  }

  /** aedes would drop a will that cannot be stored now. */
  #passWill(publisher: Publisher, packet: PublishPacket, done: (error?: Error | null) => void): void {
    const will = { ...packet };
    this.#parts.gate.pass(publisher, packet, (error) => {
      if (error && !isRefusal(error)) this.#parts.wills.again(publisher.id, will);
      done(error);
    });
  }

  /** For what is done because of one client: when it throws, that client's connection ends and no other. */
  shield(client: Client | null, work: () => void): void {
    try {
      work();
    } catch (cause) {
      this.#failed(client, cause);
    }
  }

  #failed(client: Client | null, cause: unknown): void {
    const { refusals, log } = this.#parts;
    const error = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    log.error({ code: 'WP3104', client: client?.id, error }, 'mqtt.hook-failed');
    if (client === null) return;
    refusals.ends(client.conn, 'WP3104', { client: client.id });
    client.conn.destroy();
  }
}
