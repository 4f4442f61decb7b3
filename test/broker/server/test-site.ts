import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { Registry } from 'prom-client';
import type { IngestListener, LedgerEvent, PoisonedAlarm } from '#broker/persistence/ports.ts';
import { DEFAULT_SESSION_LIMITS } from '#broker/persistence/sessions/session-limits.ts';
import { DEFAULT_CONNECTION_LIMITS } from '#broker/server/limits/connection-limits.ts';
import {
  createSite,
  type Site,
  type SiteLimits,
  type SiteListeners,
  type SiteOptions,
} from '#broker/server/site.ts';
import type { Envelope } from '#contract/envelope.ts';
import { EVENT_LANES, type EventType } from '#contract/event-types.ts';
import { Receipt } from '#contract/messages.ts';
import { clientIdOf, type DeviceAddress, sourceOf } from '#contract/names.ts';
import { downFilter, downTopic, type Lane, upTopic } from '#contract/topics.ts';
import { uuidv7 } from '#contract/uuid.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { silentLog, temporaryFolder } from '#test/support/site-database.ts';

interface Teardown {
  teardown(handler: () => void | Promise<void>): void;
}

export const pillar: DeviceAddress = { site: 'north', device: 'pillar-1' };
export const place = { label: 'North gate' };

/** Time stands still here unless a test moves it: rates would never fill again. */
export const UNHURRIED: SiteLimits = {
  sessions: DEFAULT_SESSION_LIMITS,
  connections: { ...DEFAULT_CONNECTION_LIMITS, messageBurst: 1_000_000, byteBurst: 1_000_000_000 },
};

/** What took part in the ingest transactions, in order. */
export class Witness implements IngestListener {
  readonly events: LedgerEvent[] = [];
  readonly poisoned: PoisonedAlarm[] = [];
  readonly redated: LedgerEvent[] = [];
  /** Throws in the place of the next event when set. */
  refusal: Error | null = null;

  onEvent(event: LedgerEvent): void {
    if (this.refusal !== null) throw this.refusal;
    this.events.push(event);
  }

  onPoisonedAlarm(alarm: PoisonedAlarm): void {
    this.poisoned.push(alarm);
  }

  onRedated(event: LedgerEvent): void {
    this.redated.push(event);
  }
}

export interface TestSite {
  readonly site: Site;
  readonly port: number;
  readonly witness: Witness;
  readonly clock: ManualClock;
  readonly registry: Registry;
  readonly dataDir: string;
  /** A client that is closed with the test. */
  client(clientId: string, options?: IClientOptions): Promise<MqttClient>;
  device(address?: DeviceAddress, options?: IClientOptions): Promise<TestDevice>;
  close(): Promise<void>;
}

/** The next time the client says so. */
export function seen(client: MqttClient, what: 'connect' | 'close' | 'message'): Promise<void> {
  return new Promise((resolve) => {
    client.once(what, () => resolve());
  });
}

export async function startSite(
  t: Teardown,
  options: Partial<SiteOptions> & Partial<Pick<SiteListeners, 'judge' | 'onReply'>> = {},
): Promise<TestSite> {
  const clock = new ManualClock();
  const registry = new Registry();
  const dataDir = options.dataDir ?? temporaryFolder(t);
  const site = createSite({ clock, log: silentLog, registry, limits: UNHURRIED, ...options, dataDir });
  const witness = new Witness();
  site.open();
  const { judge = () => false, onReply = () => true } = options;
  const mqttAddress = { host: '127.0.0.1', port: 0 };
  const { mqtt: port } = await site.start({ listener: witness, judge, onReply, mqtt: mqttAddress });
  const clients: MqttClient[] = [];
  const client = async (clientId: string, more: IClientOptions = {}) => {
    const made = mqtt.connect(`mqtt://127.0.0.1:${port}`, { clientId, reconnectPeriod: 0, ...more });
    made.on('error', () => undefined);
    clients.push(made);
    await seen(made, 'connect');
    return made;
  };
  const close = async () => {
    for (const each of clients.splice(0)) each.end(true);
    await site.close();
  };
  t.teardown(close);
  return {
    ...{ site, port: port ?? 0, witness, clock, registry, dataDir, client, close },
    device: async (address = pillar, more = {}) => {
      const device = new TestDevice(address, clock, await client(clientIdOf(address), more));
      await device.client.subscribeAsync(downFilter(address), { qos: 1 });
      return device;
    },
  };
}

/** Plays a device: numbers its events by lane and remembers its receipts. */
export class TestDevice {
  readonly client: MqttClient;
  readonly receipts: Receipt[] = [];
  epoch = 'epoch-1';
  readonly #address: DeviceAddress;
  readonly #clock: ManualClock;
  readonly #numbers = new Map<Lane, number>();
  #waiting: (() => void)[] = [];

  constructor(address: DeviceAddress, clock: ManualClock, client: MqttClient) {
    this.#address = address;
    this.#clock = clock;
    this.client = client;
    client.on('message', (topic, payload) => {
      if (topic !== downTopic(address, 'receipt')) return;
      this.receipts.push(Receipt.parse(JSON.parse(payload.toString())));
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  /** The next event of its lane; fields may be replaced. */
  envelope(type: EventType, data: Record<string, unknown>, changes: Partial<Envelope> = {}): Envelope {
    const lane = EVENT_LANES[type];
    const wpseq = changes.wpseq ?? (this.#numbers.get(lane) ?? 0) + 1;
    this.#numbers.set(lane, wpseq);
    return {
      specversion: '1.0',
      id: uuidv7(this.#clock),
      source: sourceOf(this.#address),
      type,
      time: new Date(this.#clock.wallMs()).toISOString(),
      data,
      wpepoch: this.epoch,
      wplane: lane,
      wpclock: 'synced',
      wpmono: String(Math.floor(this.#clock.monoMs())),
      wpboot: 'boot-1',
      ...changes,
      wpseq,
    };
  }

  press(changes: Partial<Envelope> = {}): Envelope {
    return this.envelope('wp.panic.pressed.v1', { place, input: 'button', cause: 'edge', edges: 1 }, changes);
  }

  /** Resolves with PUBACK. */
  async send(envelope: object, lane: Lane = 'alarm'): Promise<void> {
    await this.client.publishAsync(upTopic(this.#address, lane), JSON.stringify(envelope), { qos: 1 });
  }

  /** The first receipt, of those that came and those that will, that fits. */
  async receipt(fits: (receipt: Receipt) => boolean): Promise<Receipt> {
    for (;;) {
      const found = this.receipts.find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }
}
