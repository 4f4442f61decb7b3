import type { Test } from 'tap';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';
import { eventOf } from '#scripts/bench/broker-event.ts';
import { RawMqtt } from '#test/support/raw-mqtt.ts';

const WINDOW = 10;

/** A device that says a number of things with a window of ten, each confirmed. */
export class LoadDevice {
  /** How many things so far. */
  said = 0;
  readonly #client: RawMqtt;
  readonly #address: DeviceAddress;

  static async connect(t: Test, port: number, address: DeviceAddress): Promise<LoadDevice> {
    return new LoadDevice(await RawMqtt.connect(t, port, { clientId: clientIdOf(address) }), address);
  }

  constructor(client: RawMqtt, address: DeviceAddress) {
    this.#client = client;
    this.#address = address;
  }

  /** Numbers go on from call to call. */
  async say(messages: number, padBytes: number): Promise<void> {
    const until = this.said + messages;
    for (let confirmed = this.said; confirmed < until; confirmed += 1) {
      while (this.said < until && this.said - confirmed < WINDOW) {
        this.said += 1;
        this.#send(this.said, padBytes);
      }
      await this.#client.next('puback');
    }
  }

  drop(): Promise<void> {
    return this.#client.drop();
  }

  #send(seq: number, padBytes: number): void {
    const fixed = { cmd: 'publish', qos: 1, retain: false, dup: false } as const;
    this.#client.send({ ...fixed, ...eventOf(this.#address, seq, padBytes), messageId: seq });
  }
}
