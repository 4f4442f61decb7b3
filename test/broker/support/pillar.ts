import { EventEmitter, once } from 'node:events';
import mqtt, { type MqttClient } from 'mqtt';
import { systemClock } from '#contract/clock.ts';
import { EVENT_LANES, type EventType } from '#contract/event-types.ts';
import { clientIdOf, type DeviceAddress, sourceOf } from '#contract/names.ts';
import { downFilter, downTopic, upTopic } from '#contract/topics.ts';
import { uuidv7 } from '#contract/uuid.ts';
import { PILLAR, PLACE, type Teardown } from './desk.ts';

/** A device as the wire knows one: a bare MQTT client that publishes what it is told to. */
export class Pillar {
  readonly address: DeviceAddress;
  readonly client: MqttClient;
  readonly got: { readonly topic: string; readonly message: Record<string, unknown> }[] = [];
  readonly #arrivals = new EventEmitter();
  #seq = 0;

  constructor(client: MqttClient, address: DeviceAddress) {
    this.client = client;
    this.address = address;
    client.on('message', (topic, payload) => {
      this.got.push({ topic, message: JSON.parse(payload.toString()) });
      this.#arrivals.emit('message');
    });
  }

  async sayState(state: object = {}): Promise<void> {
    const said = { online: true, boot: 1, conn: 1, bootId: 'b1', supervisionS: 30, place: PLACE, ...state };
    await this.client.publishAsync(upTopic(this.address, 'state'), JSON.stringify(said), {
      ...{ qos: 1, retain: true },
    });
  }

  /** Resolves with the event's id after PUBACK. */
  async raise(type: EventType, data: object = {}): Promise<string> {
    const lane = EVENT_LANES[type];
    const id = uuidv7(systemClock);
    this.#seq += 1;
    const envelope = {
      ...{ specversion: '1.0', id, source: sourceOf(this.address), type },
      ...{ time: new Date().toISOString(), data: { place: PLACE, input: 'button', ...data } },
      ...{ wpepoch: `e-${this.address.device}`, wpseq: this.#seq, wplane: lane },
      ...{ wpclock: 'synced', wpmono: '1000', wpboot: 'b1' },
    };
    await this.client.publishAsync(upTopic(this.address, lane), JSON.stringify(envelope), { qos: 1 });
    return id;
  }

  press(): Promise<string> {
    return this.raise('wp.panic.pressed.v1', { cause: 'edge', edges: 1 });
  }

  async reply(reply: object): Promise<void> {
    await this.client.publishAsync(upTopic(this.address, 'reply'), JSON.stringify(reply), { qos: 1 });
  }

  /** The first message of that channel that fits, already come or still to come. */
  async received(
    channel: 'incident' | 'command' | 'receipt',
    fits: (message: Record<string, unknown>) => boolean = () => true,
  ): Promise<Record<string, unknown>> {
    const topic = downTopic(this.address, channel);
    for (;;) {
      const found = this.got.find((one) => one.topic === topic && fits(one.message));
      if (found !== undefined) return found.message;
      await once(this.#arrivals, 'message');
    }
  }
}

/** Connects and subscribes as devices do. */
export async function connectPillar(t: Teardown, url: string, address = PILLAR): Promise<Pillar> {
  const client = await mqtt.connectAsync(url, {
    ...{ clientId: clientIdOf(address), clean: true, reconnectPeriod: 0, protocolVersion: 4 },
    will: {
      topic: upTopic(address, 'state'),
      payload: Buffer.from(JSON.stringify({ online: false, boot: 1, conn: 1 })),
      ...{ qos: 1, retain: true },
    },
  });
  t.teardown(() => client.endAsync(true));
  const pillar = new Pillar(client, address);
  await pillar.sayState();
  await client.subscribeAsync(downFilter(address), { qos: 1 });
  return pillar;
}
