import type { Test } from 'tap';
import { systemClock } from '#contract/clock.ts';
import { clientIdOf, type DeviceAddress, sourceOf } from '#contract/names.ts';
import { upTopic } from '#contract/topics.ts';
import { uuidv7 } from '#contract/uuid.ts';
import { RawMqtt } from '#test/support/raw-mqtt.ts';

const WINDOW = 10;

/** An event of a device that the site takes in, made larger by `padBytes`. */
export function eventOf(
  address: DeviceAddress,
  wpseq: number,
  padBytes: number,
): { readonly topic: string; readonly payload: string } {
  const data = {
    ...{ place: { label: 'North gate' }, sensor: 'water', value: 3, unit: 'cm', threshold: 2 },
    ...{ direction: 'above', reason: 'x'.repeat(padBytes) },
  };
  const envelope = {
    ...{
      specversion: '1.0',
      id: uuidv7(systemClock),
      source: sourceOf(address),
      type: 'wp.sensor.crossed.v1',
    },
    ...{
      time: new Date().toISOString(),
      data,
      wpepoch: 'epoch-1',
      wpseq,
      wplane: 'event',
      wpclock: 'synced',
    },
    ...{ wpmono: '1', wpboot: 'boot-1' },
  };
  return { topic: upTopic(address, 'event'), payload: JSON.stringify(envelope) };
}

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
