import type { Packet } from 'mqtt-packet';
import type { SessionLimits } from '#broker/persistence/sessions/session-limits.ts';
import { DEFAULT_SESSION_LIMITS } from '#broker/persistence/sessions/session-limits.ts';
import { DEFAULT_CONNECTION_LIMITS } from '#broker/server/limits/connection-limits.ts';
import type { DeviceAddress } from '#contract/names.ts';
import { type Lane, upTopic } from '#contract/topics.ts';
import { connectPacket, RawMqtt } from '#test/support/raw-mqtt.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { startSite, type TestDevice, type TestSite } from '../test-site.ts';

type Tap = Parameters<typeof startSite>[0];

export interface SubscriberKind {
  readonly clientId: string;
  readonly clean: boolean;
  readonly subscriptions: readonly { readonly topic: string; readonly qos: 0 | 1 | 2 }[];
}

/** A client that keeps its side of QoS 1 and 2, and answers only when told. */
export class Subscriber {
  readonly kind: SubscriberKind;
  /** Each message once as its application would get it, over all connections of one session. */
  taken: string[] = [];
  raw: RawMqtt | null = null;
  #seen = 0;
  /** Packet ids of QoS 2 whose PUBREL has not come [MQTT-4.3.3-2]. */
  readonly #unreleased = new Set<number>();
  readonly #answers: Packet[] = [];
  /** The same message came with QoS 2 a second time, or DUP said that it came before when it could not. */
  readonly faults: string[] = [];

  constructor(kind: SubscriberKind) {
    this.kind = kind;
  }

  async connect(t: Tap, port: number): Promise<void> {
    const { clientId, clean, subscriptions } = this.kind;
    const raw = await RawMqtt.open(t, port);
    raw.send(connectPacket({ clientId, clean }));
    const { sessionPresent } = await raw.next('connack');
    this.raw = raw;
    this.#seen = raw.received.length;
    this.#answers.length = 0;
    if (sessionPresent) return;
    this.taken = [];
    this.#unreleased.clear();
    raw.send({ cmd: 'subscribe', messageId: 1, subscriptions: [...subscriptions] });
    await raw.until('suback');
  }

  /** Takes what has come, and answers `count` of what waits for an answer. */
  answer(count: number, skip = 0): void {
    const { raw } = this;
    if (raw === null) return;
    for (; this.#seen < raw.received.length; this.#seen += 1) {
      const packet = raw.received[this.#seen];
      if (packet !== undefined) this.#take(packet);
    }
    const answers = this.#answers.splice(skip, count);
    if (answers.length > 0 && raw.isOpen) raw.send(...answers);
  }

  async drop(): Promise<void> {
    await this.raw?.drop();
    this.raw = null;
  }

  #take(packet: Packet): void {
    if (packet.cmd === 'pubrel' && packet.messageId !== undefined) {
      this.#unreleased.delete(packet.messageId);
      this.#answers.push({ cmd: 'pubcomp', messageId: packet.messageId });
    }
    if (packet.cmd !== 'publish' || packet.messageId === undefined) return;
    const { messageId, qos, dup } = packet;
    const name = nameOf(packet.payload);
    const known = name !== null && this.taken.includes(name);
    if (qos === 2) {
      this.#answers.push({ cmd: 'pubrec', messageId });
      if (this.#unreleased.has(messageId)) return;
      this.#unreleased.add(messageId);
      if (known) this.faults.push(`${name} twice with QoS 2`);
    } else this.#answers.push({ cmd: 'puback', messageId });
    if (known && !dup) this.faults.push(`${name} again without DUP`);
    if (name !== null && !known) this.taken.push(name);
  }
}

/** Who says it and the how many-th it is, in any lane; null for what the site says. */
const nameOf = (payload: Buffer | string): string | null => {
  const { source, data } = JSON.parse(payload.toString());
  return data === undefined ? null : `${source}#${data.note}`;
};

const place = { label: 'North gate' };

/** A site with small limits, publishers, subscribers, and a folder that outlives its broker. */
export class SessionWorld {
  readonly subscribers: Subscriber[];
  site: TestSite;
  readonly #t: Tap;
  readonly #dataDir: string;
  readonly #limits: SessionLimits;
  readonly #publishers = new Map<string, Promise<TestDevice>>();
  #said = 0;
  #restarts = 0;

  static async start(
    t: Tap,
    kinds: readonly SubscriberKind[],
    limits: Partial<SessionLimits>,
  ): Promise<SessionWorld> {
    const dataDir = temporaryFolder(t);
    const merged = { ...DEFAULT_SESSION_LIMITS, ...limits };
    return new SessionWorld(t, { dataDir, limits: merged, kinds, site: await open(t, dataDir, merged) });
  }

  constructor(
    t: Tap,
    parts: {
      readonly dataDir: string;
      readonly limits: SessionLimits;
      readonly kinds: readonly SubscriberKind[];
      readonly site: TestSite;
    },
  ) {
    this.#t = t;
    this.#dataDir = parts.dataDir;
    this.#limits = parts.limits;
    this.site = parts.site;
    this.subscribers = parts.kinds.map((kind) => new Subscriber(kind));
  }

  async publish(device: string, lane: Lane, qos: 1 | 2): Promise<void> {
    const address: DeviceAddress = { site: 'north', device };
    const known = await this.#publisher(address);
    this.#said += 1;
    const note = String(this.#said).padStart(5, '0');
    const envelope = known.envelope(...eventOf(lane, note));
    await known.client.publishAsync(upTopic(address, lane), JSON.stringify(envelope), { qos });
  }

  #publisher(address: DeviceAddress): Promise<TestDevice> {
    const known = this.#publishers.get(address.device) ?? this.#makePublisher(address);
    this.#publishers.set(address.device, known);
    return known;
  }

  async #makePublisher(address: DeviceAddress): Promise<TestDevice> {
    const made = await this.site.device(address);
    made.epoch = `epoch-${this.#restarts}`;
    return made;
  }

  async connect(index: number): Promise<void> {
    await this.subscribers[index]?.connect(this.#t, this.site.port);
  }

  /** The broker ends and starts again. */
  async restart(): Promise<void> {
    await this.site.close();
    this.#publishers.clear();
    this.#restarts += 1;
    for (const subscriber of this.subscribers) await subscriber.drop();
    this.site = await open(this.#t, this.#dataDir, this.#limits);
  }

  /** Lets everything that is under way arrive. */
  async settle(): Promise<void> {
    for (let round = 0; round < 4; round += 1) {
      await this.site.site.store.commit(() => undefined);
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Where `enqueued = acknowledged + queued + inFlight + dropped` does not hold, or a number is below zero. */
  unbalanced(): string[] {
    const { sessions } = this.site.site;
    const accounts = [...sessions.all()].map(({ client, account }) => [client, account] as const);
    return [...accounts, ['kept', sessions.kept] as const, ['clean', sessions.clean] as const]
      .filter(([, { statement }]) => {
        const { enqueued, acknowledged, queued, inFlight, dropped } = statement;
        const isWhole = [enqueued, acknowledged, queued, inFlight, dropped].every((count) => count >= 0);
        return !isWhole || enqueued !== acknowledged + queued + inFlight + dropped;
      })
      .map(([name, { statement }]) => `${name} ${JSON.stringify(statement)}`);
  }
}

function open(t: Tap, dataDir: string, sessions: SessionLimits): Promise<TestSite> {
  return startSite(t, { dataDir, limits: { sessions, connections: DEFAULT_CONNECTION_LIMITS } });
}

function eventOf(lane: Lane, note: string): Parameters<TestDevice['envelope']> {
  const sample = { sensor: 'water', value: 1, unit: 'cm', time: '2026-01-01T00:00:00.000Z', mono: '1' };
  if (lane === 'telemetry') return ['wp.telemetry.sampled.v1', { samples: [sample], note }];
  if (lane === 'alarm')
    return ['wp.panic.pressed.v1', { place, input: 'button', cause: 'edge', edges: 1, note }];
  const crossed = { place, sensor: 'water', value: 3, unit: 'cm', threshold: 2, direction: 'above' };
  return ['wp.sensor.crossed.v1', { ...crossed, note }];
}
