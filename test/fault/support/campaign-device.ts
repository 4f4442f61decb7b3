import type { Packet } from 'mqtt-packet';
import { Receipt } from '#contract/messages.ts';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';
import { downFilter } from '#contract/topics.ts';
import { eventOf } from '#scripts/bench/broker-event.ts';
import { CampaignConnection, type Listener } from './campaign-connection.ts';

const WINDOW = 10;

/**
 * A device as far as the site can see: clean sessions, and a journal that offers again, in order, whatever was not
 * receipted. PUBACK alone deletes nothing.
 */
export class CampaignDevice implements Listener {
  /** Ids in the order of their numbers. */
  readonly ids: string[] = [];
  /** Highest number that a receipt has covered; none may go back. */
  receipted = 0;
  receiptsBack = 0;
  readonly #address: DeviceAddress;
  readonly #onConfirmed: () => void;
  readonly #payloads: { readonly topic: string; readonly payload: string }[] = [];
  #sent = 0;
  #inFlight = 0;
  #wake: () => void = () => undefined;

  constructor(address: DeviceAddress, onConfirmed: () => void) {
    this.#address = address;
    this.#onConfirmed = onConfirmed;
  }

  async work(port: number, more: number): Promise<void> {
    for (let n = 0; n < more; n += 1) this.#journal();
    this.#sent = this.receipted;
    this.#inFlight = 0;
    await CampaignConnection.open(port, { clientId: clientIdOf(this.#address), clean: true }, this);
  }

  /** Resolves when everything is receipted. */
  async finished(): Promise<void> {
    while (this.receipted < this.ids.length) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  onConnected(connection: CampaignConnection): void {
    const subscriptions = [{ topic: downFilter(this.#address), qos: 1 as const }];
    connection.send({ cmd: 'subscribe', messageId: 1, subscriptions });
    this.#fill(connection);
  }

  onPacket(packet: Packet, connection: CampaignConnection): void {
    if (packet.cmd === 'puback') this.#confirm();
    if (packet.cmd === 'publish') {
      if (packet.topic.endsWith('/down/receipt'))
        this.#note(Receipt.parse(JSON.parse(packet.payload.toString())));
      if (packet.qos === 1) connection.send({ cmd: 'puback', messageId: packet.messageId ?? 0 });
    }
    this.#fill(connection);
    this.#wake();
  }

  #confirm(): void {
    this.#inFlight -= 1;
    this.#onConfirmed();
  }

  #note({ lane, upTo }: Receipt): void {
    if (lane !== 'event') return;
    if (upTo < this.receipted) this.receiptsBack += 1;
    this.receipted = Math.max(this.receipted, upTo);
  }

  #fill(connection: CampaignConnection): void {
    for (; this.#inFlight < WINDOW && this.#sent < this.#payloads.length; this.#inFlight += 1) {
      const message = this.#payloads[this.#sent];
      this.#sent += 1;
      if (message === undefined) return;
      const fixed = { cmd: 'publish', qos: 1, dup: false, retain: false } as const;
      connection.send({ ...fixed, ...message, messageId: this.#sent });
    }
  }

  #journal(): void {
    const message = eventOf(this.#address, this.ids.length + 1, 0);
    this.#payloads.push(message);
    this.ids.push(JSON.parse(message.payload).id);
  }
}
