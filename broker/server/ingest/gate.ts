import { createHash } from 'node:crypto';
import type { Client, PublishPacket } from 'aedes';
import type { Database } from 'better-sqlite3';
import type { Identity } from '#broker/auth/identity.ts';
import type { TopicAccess } from '#broker/auth/topic-access.ts';
import type { MqttPersistence } from '#broker/persistence/sessions/mqtt-persistence.ts';
import type { SiteDatabase } from '#broker/persistence/store/database.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { DeviceAddress } from '#contract/names.ts';
import { parseTopic } from '#contract/topics.ts';
import type { Forward, Ingest, IngestWork, Message } from './ingest.ts';
import type { Intake } from './intake.ts';
import { PlainBatch, type PlainMessage } from './plain-batch.ts';

export interface GateParts {
  readonly store: SiteDatabase;
  readonly persistence: MqttPersistence;
  readonly ingest: Ingest;
  readonly intake: Intake;
  readonly topics: TopicAccess;
  readonly log: Log;
  /** Somebody was heard. */
  readonly onHeard: (address: DeviceAddress) => void;
}

/** Messages remembered as having failed once; the one that failed first is forgotten first. */
const STUMBLED_MAX = 1000;

type Done = (error?: Error | null) => void;

/** Who publishes: a connection, or the last will of one that is gone. */
export interface Publisher {
  readonly id: string;
  readonly identity: Identity;
  /** Null for a will: nobody is confirmed, and it is no sign of life. */
  readonly client: Client | null;
  /** Of a will: its connection ended long ago, and is not ending now. */
  readonly isLeft?: true;
}

/**
 * The ingest gate, in `authorizePublish`: aedes answers PUBACK only after this has called back, and this calls
 * back only after COMMIT. One transaction holds the ledger row, what the listener makes of it, and the rows of
 * every session that will get the message; when aedes comes to enqueue the same packet, it is there already.
 * What it bounds is how much it takes into transactions at once: the rest waits in the order it came, unread by
 * SQLite, while aedes reads nothing more from those publishers.
 */
export class IngestGate {
  readonly #parts: GateParts;
  readonly #stumbled = new Set<string>();
  readonly #plain = new PlainBatch((messages) => this.#storedAll(messages));

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  /** Calls `done` exactly once: with an error when the connection must end without a confirmation. */
  pass(publisher: Publisher, packet: PublishPacket, done: Done): void {
    // It told of the way from the publisher to here, and is not handed on [MQTT-3.3.1-3].
    packet.dup = false;
    const message = { client: publisher.id, topic: packet.topic, payload: bytesOf(packet.payload) };
    const code = this.#parts.topics.refusePublish(publisher.identity, packet);
    if (code !== null) this.#refuse(message, new WatchpostError(code, { detail: packet.topic }), done);
    else this.#accept(publisher, packet, message, done);
  }

  #accept(publisher: Publisher, packet: PublishPacket, message: Message, done: Done): void {
    const { identity, client } = publisher;
    if (client !== null && identity.kind === 'device') this.#parts.onHeard(identity.address);
    const address = addressOf(identity, packet.topic);
    if (address === null && packet.qos === 0 && !packet.retain) done(null);
    else if (address === null) this.#commit(publisher, packet, null, done);
    else {
      const again = (error: Error) => this.#stumble(publisher, packet, { address, message, error }, done);
      this.#commit(publisher, packet, this.#workFor(address, message), (error) =>
        error && isOfTheMessage(error) ? again(error) : done(error),
      );
    }
  }

  #workFor(address: DeviceAddress, message: Message): IngestWork {
    return this.#parts.ingest.workFor(address, parseTopic(message.topic), message);
  }

  /**
   * The message fits and yet could not be taken in: a fault of ours. It costs the connection, so that it comes again;
   * when it fails again it is poison, for it must not keep back for ever what its device has to say after it.
   */
  #stumble(
    publisher: Publisher,
    packet: PublishPacket,
    { address, message, error }: { address: DeviceAddress; message: Message; error: Error },
    done: Done,
  ): void {
    const { topic, payload } = message;
    const digest = createHash('sha256').update(`${publisher.id}\n${topic}\n`).update(payload).digest('hex');
    if (this.#stumbled.delete(digest)) {
      const work = this.#parts.ingest.givenUp(address, parseTopic(topic), message, error);
      this.#commit(publisher, packet, work, done);
      return;
    }
    const [oldest] = this.#stumbled;
    if (this.#stumbled.size >= STUMBLED_MAX && oldest !== undefined) this.#stumbled.delete(oldest);
    this.#stumbled.add(digest);
    done(error);
  }

  #commit(publisher: Publisher, packet: PublishPacket, work: IngestWork | null, done: Done): void {
    this.#parts.intake.enter(packet.payload.length, (leave) => {
      const settle = (error: Error | null) => {
        try {
          done(error);
        } catch (cause) {
          this.#failed(publisher, cause);
        } finally {
          leave();
        }
      };
      // QoS 2 at once: the same packet id may stand in the same chunk again [MQTT-4.3.3-2].
      if (work === null && packet.qos !== 2) this.#plain.add({ publisher, packet, settle });
      else {
        // What came before it may be for the same topic.
        if (work === null) this.#plain.flush();
        this.#stored(publisher, packet, work ?? asItCame(packet)).then(
          () => settle(null),
          (error) => settle(asError(error)),
        );
      }
    });
  }

  /** Messages that are only passed on. */
  async #storedAll(messages: readonly PlainMessage[]): Promise<void> {
    const { store, persistence, log } = this.#parts;
    try {
      await store.commit((sql) => {
        persistence.prepareAll(() => {
          for (const { publisher, packet } of messages) {
            const payload = unshared(bytesOf(packet.payload));
            this.#prepare(sql, publisher, Object.assign(packet, { payload }));
          }
        });
      });
    } catch (error) {
      const [{ publisher, packet } = {}] = messages;
      const first = { client: publisher?.id, topic: packet?.topic };
      log.error({ ...first, messages: messages.length, error: String(error) }, 'gate.not-stored');
      throw error;
    }
  }

  async #stored(publisher: Publisher, packet: PublishPacket, work: IngestWork): Promise<void> {
    const { store, persistence, log } = this.#parts;
    try {
      await store.commit((sql) => {
        if (this.#isRepeat(publisher, packet)) return persistence.markRepeat(packet);
        const forward: Forward = work(sql);
        if (forward === 'nothing') discard(packet);
        const payload = unshared(forward === 'nothing' ? NOTHING : forward.payload);
        this.#prepare(sql, publisher, Object.assign(packet, { payload }));
      });
    } catch (error) {
      log.error({ client: publisher.id, topic: packet.topic, error: String(error) }, 'gate.not-stored');
      throw error;
    }
  }

  /** An impostor's connection ends as soon as what it said is filed; when that cannot be, all the more. */
  #refuse(message: Message, error: WatchpostError, done: Done): void {
    const { ingest, log } = this.#parts;
    log.warn({ client: message.client, topic: message.topic, code: error.code }, 'gate.refused');
    ingest
      .refuse(message, { code: error.code, detail: error.detail ?? '' })
      .catch((cause) => log.error({ client: message.client, error: String(cause) }, 'gate.not-filed'))
      .then(() => done(error))
      .catch((cause) => log.error({ client: message.client, error: String(cause) }, 'gate.failed'));
  }

  #prepare(sql: Database, publisher: Publisher, packet: PublishPacket & { payload: Buffer }): void {
    const { persistence } = this.#parts;
    const { id, client, isLeft } = publisher;
    persistence.prepare(sql, this.#awaitsRelease(publisher) ? id : null, packet);
    // A crash from now on does not bring it again.
    if (client === null) persistence.willIsPassed(sql, id, isLeft === true ? 'left' : 'ending');
  }

  /** Whether PUBREL may still come for what this publisher says: not from a session that is over. */
  #awaitsRelease({ id, client }: Publisher): boolean {
    if (client === null) return false;
    return !client.closed || (!client.clean && this.#parts.persistence.sessions.isKept(id));
  }

  /**
   * QoS 2 sent again before PUBREL: aedes answers PUBREC and publishes nothing. Asked within the transaction, for the
   * first of them may have waited at the door until now.
   */
  #isRepeat({ id, client }: Publisher, { qos, messageId }: PublishPacket): boolean {
    if (qos !== 2 || messageId === undefined || client === null) return false;
    return this.#parts.persistence.isIncoming(id, messageId);
  }

  #failed({ id, client }: Publisher, cause: unknown): void {
    const error = new WatchpostError('WP3104', { cause });
    this.#parts.log.error({ client: id, code: error.code, error: String(cause) }, 'gate.failed');
    client?.conn.destroy(error);
  }
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new WatchpostError('WP3104', { cause: error });

/** Not of the disk or of SQLite's locks, which hit any message: this one would fail again. */
const isOfTheMessage = (error: Error): boolean =>
  !(error instanceof WatchpostError) || error.code === 'WP3008' || error.code === 'WP3104';

/** Whose message this is: the device's own, or, where anybody may speak, that of the device the topic names. */
function addressOf(identity: Identity, topic: string): DeviceAddress | null {
  if (identity.kind === 'device') return identity.address;
  const parsed = parseTopic(topic);
  return parsed?.direction === 'up' ? { site: parsed.site, device: parsed.device } : null;
}

const NOTHING = Buffer.alloc(0);

const asItCame = (packet: PublishPacket): IngestWork => {
  const payload = bytesOf(packet.payload);
  return () => ({ payload });
};

/** aedes can confirm a message only by publishing it: what nobody shall get goes where nobody may subscribe. */
function discard(packet: PublishPacket): void {
  packet.topic = '$SYS/watchpost/discarded';
  packet.retain = false;
}

/** Of its own, also when it is empty: by it the persistence knows what is done. */
const unshared = (payload: Buffer): Buffer => (payload.length === 0 ? Buffer.alloc(0) : payload);

const bytesOf = (payload: string | Buffer): Buffer =>
  typeof payload === 'string' ? Buffer.from(payload) : payload;
