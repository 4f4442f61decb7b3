import { EventEmitter } from 'node:events';
import type { Client, Subscription } from 'aedes';
import mqttPacket, { type ISubscribePacket, type Packet } from 'mqtt-packet';

/** SUBACK's code for a subscription that failed (§3.9.3). */
const FAILED = 0x80;

interface Owed {
  readonly messageId: number;
  readonly asked: readonly { readonly topic: string; readonly qos: number }[];
}

/**
 * SUBACK has a code for each filter of its SUBSCRIBE [MQTT-3.8.4-5]. aedes drops a filter that comes a second time in
 * the same packet before it counts its codes. Such a packet it is therefore given without its packet id, which it
 * leaves unanswered, and the answer is written here.
 */
export class RepeatedFilters {
  readonly #owed = new WeakMap<object, Owed>();

  /** Before the first byte of this client is read. */
  watch(client: Client): void {
    const parser: unknown = Reflect.get(client, '_parser');
    if (!(parser instanceof EventEmitter)) return;
    parser.prependListener('packet', (packet: Packet) => {
      if (packet.cmd === 'subscribe') this.#look(packet);
    });
  }

  /** aedes has subscribed; retained messages have not gone out yet. */
  subscribed(client: Client, granted: readonly Subscription[]): void {
    const [first] = granted;
    const owed = first && this.#owed.get(first);
    if (owed === undefined || client.conn.destroyed) return;
    const failed = new Set(granted.filter(({ qos }) => Number(qos) === FAILED).map(({ topic }) => topic));
    const codes = owed.asked.map(({ topic, qos }) => (failed.has(topic) ? FAILED : qos));
    client.conn.write(mqttPacket.generate({ cmd: 'suback', messageId: owed.messageId, granted: codes }));
  }

  #look(packet: ISubscribePacket): void {
    const { subscriptions, messageId } = packet;
    const last = new Map(subscriptions.map((each) => [each.topic, each]));
    if (last.size === subscriptions.length || messageId === undefined) return;
    const [first] = last.values();
    if (first === undefined) return;
    this.#owed.set(first, { messageId, asked: subscriptions.map(({ topic, qos }) => ({ topic, qos })) });
    delete packet.messageId;
  }
}
