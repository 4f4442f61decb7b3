import type { IPublishPacket, Packet } from 'mqtt-packet';
import { CampaignConnection, type Listener } from './campaign-connection.ts';

export interface PublisherOptions {
  readonly name: string;
  readonly qos: 1 | 2;
  /** Where message `number` goes. */
  readonly topicOf: (number: number) => string;
  readonly payloadOf?: (number: number) => string;
  readonly retain?: boolean;
  /** Told of each PUBACK or PUBREC, with which the broker has taken a message over. */
  readonly onTaken: () => void;
}

interface InFlight {
  readonly number: number;
  /** PUBREC has come: what follows is PUBREL, never PUBLISH again [MQTT-4.3.3-1]. */
  released: boolean;
}

const WINDOW = 10;

/**
 * A publisher that keeps its own books over the broker's deaths, as MQTT 3.1.1 §4.4 asks: what was not acknowledged
 * is sent again with DUP in the order it was sent first, and what was released is released again.
 */
export class Publisher implements Listener {
  /** Numbers of what the broker has taken over, in that order. */
  readonly taken: number[] = [];
  /** Times the broker had forgotten a session that it must have kept. */
  sessionsLost = 0;
  readonly #options: PublisherOptions;
  readonly #inFlight = new Map<number, InFlight>();
  #connection: CampaignConnection | null = null;
  #isKnown = false;
  #next = 0;
  #until = 0;
  #messageId = 0;
  #wake: () => void = () => undefined;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get qos(): 1 | 2 {
    return this.#options.qos;
  }

  /** How many messages were made, taken over or not. */
  get made(): number {
    return this.#next;
  }

  payloadOf(number: number): string {
    return this.#options.payloadOf?.(number) ?? `${this.name} ${number}`;
  }

  topicOf(number: number): string {
    return this.#options.topicOf(number);
  }

  /** Connects, sends again what is open and then `more` new ones, for as long as the broker lives. */
  async work(port: number, more: number): Promise<void> {
    this.#until = this.#next + more;
    this.#connection = await CampaignConnection.open(port, { clientId: this.name, clean: false }, this);
  }

  /** Resolves when nothing is open any more. */
  async finished(): Promise<void> {
    while (this.#inFlight.size > 0 || this.#next < this.#until) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    await this.#connection?.leave();
  }

  onConnected(connection: CampaignConnection, sessionPresent: boolean): void {
    if (this.#isKnown && !sessionPresent) this.sessionsLost += 1;
    this.#isKnown = true;
    connection.send(...[...this.#inFlight].map(([messageId, each]) => this.#again(messageId, each)));
    this.#fill(connection);
  }

  onPacket(packet: Packet, connection: CampaignConnection): void {
    const { messageId = 0 } = packet;
    const each = this.#inFlight.get(messageId);
    if (packet.cmd === 'puback' && each !== undefined) this.#take(messageId, each);
    if (packet.cmd === 'pubrec') {
      if (each?.released === false) this.#release(each);
      connection.send({ cmd: 'pubrel', messageId });
    }
    if (packet.cmd === 'pubcomp') this.#inFlight.delete(messageId);
    this.#fill(connection);
    this.#wake();
  }

  #take(messageId: number, { number }: InFlight): void {
    this.#inFlight.delete(messageId);
    this.taken.push(number);
    this.#options.onTaken();
  }

  #release(each: InFlight): void {
    each.released = true;
    this.taken.push(each.number);
    this.#options.onTaken();
  }

  #fill(connection: CampaignConnection): void {
    const packets: Packet[] = [];
    for (; this.#inFlight.size < WINDOW && this.#next < this.#until; this.#next += 1) {
      this.#messageId = (this.#messageId % 65_535) + 1;
      this.#inFlight.set(this.#messageId, { number: this.#next, released: false });
      packets.push(this.#publish(this.#messageId, this.#next, false));
    }
    connection.send(...packets);
  }

  #again(messageId: number, { number, released }: InFlight): Packet {
    return released ? { cmd: 'pubrel', messageId } : this.#publish(messageId, number, true);
  }

  #publish(messageId: number, number: number, dup: boolean): IPublishPacket {
    const { qos, retain = false } = this.#options;
    const [topic, payload] = [this.topicOf(number), this.payloadOf(number)];
    return { cmd: 'publish', topic, payload, qos, messageId, dup, retain };
  }
}
