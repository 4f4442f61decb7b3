import { createHash } from 'node:crypto';
import { connectAsync, type MqttClient } from 'mqtt';
import { systemClock } from '#contract/clock.ts';
import type { Envelope } from '#contract/envelope.ts';
import type { BlobReference, Place } from '#contract/event-data.ts';
import { EVENT_LANES, type EventType } from '#contract/event-types.ts';
import {
  COMMAND_ARGS,
  Command,
  type CommandArgs,
  type DeviceState,
  IncidentNotice,
} from '#contract/messages.ts';
import { clientIdOf, type DeviceAddress, sourceOf } from '#contract/names.ts';
import { downFilter, downTopic, type Lane, upBlobTopic, upTopic } from '#contract/topics.ts';
import { uuidv7 } from '#contract/uuid.ts';

/** A device by its wire alone: no agent, just MQTT. */
export class MqttPillar {
  readonly address: DeviceAddress;
  #place: Place;
  /** States of the incidents it was told of, in order. */
  readonly notices: IncidentNotice[] = [];
  /** Commands that it was given and has carried out, in order. */
  readonly orders: Command[] = [];
  #bypassed: NonNullable<DeviceState['bypassed']> = {};
  #position = 'closed';
  #run: NonNullable<DeviceState['run']> = { cause: 'ordered', starts: 1, mode: 'normal' };
  readonly #epoch = uuidv7(systemClock);
  readonly #sequences = new Map<Lane, number>();
  #client: MqttClient | null = null;
  #connections = 0;

  constructor(address: DeviceAddress, place: Place) {
    this.address = address;
    this.#place = place;
  }

  get place(): Place {
    return this.#place;
  }

  /** As a robot that has driven there. */
  async moveTo(place: Place): Promise<void> {
    this.#place = place;
    const topic = upTopic(this.address, 'state');
    await this.#connected().publishAsync(topic, this.#state(true), { qos: 1, retain: true });
  }

  async connect(url: string): Promise<void> {
    this.#connections += 1;
    const topic = upTopic(this.address, 'state');
    const client = await connectAsync(url, {
      clientId: clientIdOf(this.address),
      protocolVersion: 4,
      clean: true,
      reconnectPeriod: 0,
      will: { topic, payload: Buffer.from(this.#state(false)), qos: 1, retain: true },
    });
    // A broker that is killed ends the connection with an error; the test sees it by `close`.
    client.on('error', () => client.end(true));
    client.on('message', (topic, payload) => this.#onMessage(topic, payload));
    await client.subscribeAsync(downFilter(this.address), { qos: 1 });
    await client.publishAsync(topic, this.#state(true), { qos: 1, retain: true });
    this.#client = client;
  }

  async close(): Promise<void> {
    await this.#client?.endAsync(true);
    this.#client = null;
  }

  /** As by an agent that was started anew. */
  async beganAnew(run: NonNullable<DeviceState['run']>): Promise<void> {
    this.#run = run;
    const topic = upTopic(this.address, 'state');
    await this.#connected().publishAsync(topic, this.#state(true), { qos: 1, retain: true });
  }

  /** Goes without a word, as when the power fails: the broker publishes the will. */
  async vanish(): Promise<void> {
    const client = this.#connected();
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    client.stream.destroy();
    await closed;
  }

  /** Resolves with the event's id after the PUBACK. */
  press(type: 'wp.panic.pressed.v1' | 'wp.panic.repressed.v1' = 'wp.panic.pressed.v1'): Promise<string> {
    const data = { place: this.place, input: 'button', cause: 'edge', edges: 1 };
    return this.#send(
      type,
      type === 'wp.panic.pressed.v1' ? data : { ...data, pressId: uuidv7(systemClock) },
    );
  }

  /** Reports an object left behind; its picture follows with `sendPicture`. */
  leaveObject(picture: BlobReference): Promise<string> {
    return this.#send('wp.object.left.v1', {
      place: this.place,
      objectId: 'object-1',
      box: [0.4, 0.5, 0.1, 0.1],
      score: 0.9,
      reason: 'static for 60 s, owner gone',
      t: 75,
      since: 12,
      camera: 'front',
      picture,
    });
  }

  async sendPicture({ blobId }: BlobReference, content: Buffer): Promise<void> {
    await this.#connected().publishAsync(upBlobTopic(this.address, blobId, 0), content, { qos: 1 });
  }

  async #send(type: EventType, data: Record<string, unknown>): Promise<string> {
    const lane = EVENT_LANES[type];
    const sequence = (this.#sequences.get(lane) ?? 0) + 1;
    this.#sequences.set(lane, sequence);
    const envelope: Envelope = {
      specversion: '1.0',
      id: uuidv7(systemClock),
      source: sourceOf(this.address),
      type,
      time: new Date(systemClock.wallMs()).toISOString(),
      data,
      wpepoch: this.#epoch,
      wpseq: sequence,
      wplane: lane,
      wpclock: 'synced',
      wpmono: systemClock.monoMs().toFixed(3),
      wpboot: this.#epoch,
    };
    await this.#connected().publishAsync(upTopic(this.address, lane), JSON.stringify(envelope), { qos: 1 });
    return envelope.id;
  }

  #connected(): MqttClient {
    if (this.#client === null) throw new ReferenceError('the pillar is not connected');
    return this.#client;
  }

  #state(online: boolean): string {
    const state: DeviceState = {
      online,
      boot: 1,
      conn: this.#connections,
      profile: { name: 'roadside', version: 1, kind: 'pillar' },
      place: this.place,
      outputs: {
        ...{ panic: 'idle', lamp: 'idle', siren: false, voice: null },
        actuators: { barrier: this.#position },
      },
      parts: {
        inputs: { button: 'button', tamper: 'tamper' },
        sensors: ['water'],
        actuators: { barrier: ['open', 'closed'] },
      },
      bypassed: this.#bypassed,
      run: this.#run,
      clock: { quality: 'synced', time: new Date(systemClock.wallMs()).toISOString() },
      queues: { alarm: 0, event: 0, telemetry: 0 },
      health: { camera: 'ok' },
      supervisionS: 600,
    };
    return JSON.stringify(state);
  }

  #onMessage(topic: string, payload: Buffer): void {
    if (topic === downTopic(this.address, 'incident')) {
      this.notices.push(IncidentNotice.parse(JSON.parse(payload.toString())));
    }
    if (topic === downTopic(this.address, 'command')) {
      const command = Command.parse(JSON.parse(payload.toString()));
      // Its answer is lost where the test takes the connection away in the middle of it.
      this.#obey(command).catch((cause: unknown) => {
        if (this.#client?.connected === true) throw cause;
      });
    }
  }

  async #obey(command: Command): Promise<void> {
    const { id, name } = command;
    const client = this.#connected();
    this.orders.push(command);
    if (name === 'bypass') this.#bypass(COMMAND_ARGS.bypass.parse(command.args));
    if (name === 'actuate') this.#position = COMMAND_ARGS.actuate.parse(command.args).position;
    const reply = JSON.stringify({ id, name, ok: true, at: new Date(systemClock.wallMs()).toISOString() });
    await client.publishAsync(upTopic(this.address, 'reply'), reply, { qos: 1 });
    await client.publishAsync(upTopic(this.address, 'state'), this.#state(true), { qos: 1, retain: true });
  }

  #bypass({ inputs, forS, reason }: CommandArgs<'bypass'>): void {
    const others = Object.entries(this.#bypassed).filter(([input]) => !inputs.includes(input));
    const until = new Date(systemClock.wallMs() + forS * 1000).toISOString();
    const fresh = forS === 0 ? [] : inputs.map((input) => [input, { until, reason }] as const);
    this.#bypassed = Object.fromEntries([...others, ...fresh]);
  }
}

export const pictureReference = (blobId: string, content: Buffer): BlobReference => ({
  blobId,
  mediaType: 'image/png',
  bytes: content.length,
  pieces: 1,
  sha256: createHash('sha256').update(content).digest('hex'),
});
