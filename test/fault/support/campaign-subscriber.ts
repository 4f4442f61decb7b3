import type { IPublishPacket, Packet } from 'mqtt-packet';
import { CampaignConnection, type Listener } from './campaign-connection.ts';

export interface SubscriberOptions {
  readonly name: string;
  readonly qos: 1 | 2;
  readonly filter: string;
}

/** A subscriber with a session, and the books of a correct receiver of QoS 2 (MQTT 3.1.1 §4.3.3, method A). */
export class Subscriber implements Listener {
  /** Payloads in the order of their delivery; with QoS 2 without what was only sent again. */
  readonly got: string[] = [];
  sessionsLost = 0;
  readonly #options: SubscriberOptions;
  /** Packet ids of QoS 2 that were delivered and not released yet. */
  readonly #unreleased = new Set<number>();
  #connection: CampaignConnection | null = null;
  #isKnown = false;
  #isSubscribed = false;
  #wake: () => void = () => undefined;

  constructor(options: SubscriberOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get qos(): 1 | 2 {
    return this.#options.qos;
  }

  async connect(port: number): Promise<void> {
    this.#connection = await CampaignConnection.open(port, { clientId: this.name, clean: false }, this);
  }

  /** Resolves when SUBACK has come, or with false when the connection ends before. */
  async subscribed(): Promise<boolean> {
    const connection = this.#connection;
    while (!this.#isSubscribed) {
      if (connection === null || !connection.isOpen) return false;
      await Promise.race([this.#news(), connection.closed]);
    }
    return true;
  }

  /** Resolves when a message that fits has come; with false when the connection ends before. */
  async has(fits: (payload: string) => boolean): Promise<boolean> {
    const connection = this.#connection;
    for (let seen = 0; ; ) {
      for (; seen < this.got.length; seen += 1) if (fits(this.got[seen] ?? '')) return true;
      if (connection === null || !connection.isOpen) return false;
      await Promise.race([this.#news(), connection.closed]);
    }
  }

  async leave(): Promise<void> {
    await this.#connection?.leave();
  }

  onConnected(connection: CampaignConnection, sessionPresent: boolean): void {
    if (this.#isKnown && this.#isSubscribed && !sessionPresent) this.sessionsLost += 1;
    this.#isKnown = true;
    if (!sessionPresent) this.#unreleased.clear();
    const { filter, qos } = this.#options;
    if (!this.#isSubscribed) {
      connection.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: filter, qos }] });
    }
  }

  onPacket(packet: Packet, connection: CampaignConnection): void {
    if (packet.cmd === 'suback') this.#isSubscribed = true;
    if (packet.cmd === 'publish') this.#deliver(packet, connection);
    if (packet.cmd === 'pubrel') {
      const { messageId = 0 } = packet;
      this.#unreleased.delete(messageId);
      connection.send({ cmd: 'pubcomp', messageId });
    }
    this.#wake();
  }

  #deliver({ qos, messageId = 0, payload }: IPublishPacket, connection: CampaignConnection): void {
    if (qos !== 2 || !this.#unreleased.has(messageId)) this.got.push(payload.toString());
    if (qos === 1) connection.send({ cmd: 'puback', messageId });
    if (qos === 2) {
      this.#unreleased.add(messageId);
      connection.send({ cmd: 'pubrec', messageId });
    }
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
