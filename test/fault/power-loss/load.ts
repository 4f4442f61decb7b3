import mqtt, { type IPublishPacket, type MqttClient } from 'mqtt';
import { systemClock } from '#contract/clock.ts';
import { clientIdOf, type DeviceAddress, sourceOf } from '#contract/names.ts';
import { downFilter, upTopic } from '#contract/topics.ts';
import { uuidv7 } from '#contract/uuid.ts';

/** What the broker has said that it has, since the beginning. */
export interface Promised {
  /** PUBACK: texts `round-n …`, and when each was promised (monotonic, ms). */
  readonly once: Map<string, number>;
  /** PUBCOMP. */
  readonly exactly: Map<string, number>;
  /** PUBACK of a retained message: the last text by topic, and those that may have overtaken it unconfirmed. */
  readonly retained: Map<string, { confirmed: string; sent: Set<string> }>;
  /** Ids of alarms with PUBACK. */
  readonly alarms: Set<string>;
  /** Ids of alarms below a receipt's `upTo`. */
  readonly receipted: Set<string>;
}

export const newPromised = (): Promised => ({
  once: new Map(),
  exactly: new Map(),
  retained: new Map(),
  alarms: new Set(),
  receipted: new Set(),
});

/** Services of the site's configuration that the load uses. */
export const SERVICES = ['load-1', 'load-2', 'load-r', 'away-1', 'away-2'] as const;
export const serviceConfig = (): string =>
  `services:\n${SERVICES.map((name) => `  - { name: ${name}, listen: ['load/#'], publish: ['load/#'], retain: ['load/#'] }\n`).join('')}`;

export const AWAY = { once: 'svc.away-1', exactly: 'svc.away-2' } as const;
const WINDOW = 8;
const DEVICES: readonly DeviceAddress[] = [1, 2].map((n) => ({ site: 'north', device: `pillar-${n}` }));

export async function connect(url: string, clientId: string, clean: 'clean' | 'kept'): Promise<MqttClient> {
  const client = mqtt.connect(url, {
    clientId,
    clean: clean === 'clean',
    reconnectPeriod: 0,
    connectTimeout: 10_000,
  });
  client.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('close', () => reject(new TypeError(`${clientId} was refused`)));
  });
  return client;
}

export interface Loading {
  /** Resolves when all connections are gone. */
  readonly over: Promise<unknown>;
}

/** Connects, and publishes without end until the connections are gone. */
export async function load(url: string, round: number, promised: Promised): Promise<Loading> {
  const names = ['svc.load-1', 'svc.load-2', 'svc.load-r', ...DEVICES.map(clientIdOf)];
  const clients = new Map<string, MqttClient>();
  for (const name of names) clients.set(name, await connect(url, name, 'clean'));
  return { over: publishing(clients, round, promised) };
}

function publishing(
  clients: ReadonlyMap<string, MqttClient>,
  round: number,
  promised: Promised,
): Promise<unknown> {
  const text = (n: number) => `${round}-${n} ${'x'.repeat(200)}`;
  return Promise.all([
    lanes(clients.get('svc.load-1'), async (client, n) => {
      await client.publishAsync(`load/once/${n % 2}`, text(n), { qos: 1 });
      promised.once.set(text(n), systemClock.monoMs());
    }),
    lanes(clients.get('svc.load-2'), async (client, n) => {
      await client.publishAsync(`load/exactly/${n % 2}`, text(n), { qos: 2 });
      promised.exactly.set(text(n), systemClock.monoMs());
    }),
    lanes(
      clients.get('svc.load-r'),
      async (client, n) => {
        const topic = `load/kept/${n % 5}`;
        const slot = promised.retained.get(topic) ?? { confirmed: '', sent: new Set<string>() };
        promised.retained.set(topic, slot);
        slot.sent.add(text(n));
        await client.publishAsync(topic, text(n), { qos: 1, retain: true });
        slot.confirmed = text(n);
        slot.sent = new Set([text(n)]);
      },
      1,
    ),
    ...DEVICES.map((address) => pressing(clients.get(clientIdOf(address)), address, round, promised)),
  ]);
}

/** Some at a time on one connection. */
async function lanes(
  client: MqttClient | undefined,
  one: (client: MqttClient, n: number) => Promise<void>,
  window = WINDOW,
): Promise<void> {
  if (client === undefined) throw new TypeError('no such client');
  const gone = new Promise<void>((resolve) => client.once('close', () => resolve()));
  let n = 0;
  const lane = async () => {
    while (client.connected) {
      n += 1;
      await one(client, n);
    }
  };
  await Promise.race([gone, Promise.allSettled(Array.from({ length: window }, lane))]);
  client.end(true);
}

async function pressing(
  client: MqttClient | undefined,
  address: DeviceAddress,
  round: number,
  { alarms, receipted }: Promised,
): Promise<void> {
  const epoch = `epoch-${round}`;
  const ids: string[] = [];
  let settled = 0;
  const hear = (_topic: string, payload: Buffer, packet: IPublishPacket) => {
    if (!packet.topic.endsWith('/down/receipt')) return;
    const receipt = Object(JSON.parse(payload.toString()));
    if (receipt.epoch !== epoch) return;
    for (; settled < Number(receipt.upTo); settled += 1) receipted.add(ids[settled] ?? '?');
  };
  await lanes(
    client,
    async (client, n) => {
      if (n === 1) {
        client.on('message', hear);
        await client.subscribeAsync(downFilter(address), { qos: 1 });
      }
      const id = uuidv7(systemClock);
      ids.push(id);
      await client.publishAsync(upTopic(address, 'alarm'), JSON.stringify(press(address, epoch, id, n)), {
        qos: 1,
      });
      alarms.add(id);
    },
    1,
  );
}

const press = (address: DeviceAddress, wpepoch: string, id: string, wpseq: number) => ({
  ...{ specversion: '1.0', id, source: sourceOf(address), type: 'wp.panic.pressed.v1' },
  time: new Date(systemClock.wallMs()).toISOString(),
  data: { place: { label: 'North gate' }, input: 'button', cause: 'edge', edges: 1 },
  ...{ wpepoch, wpseq, wplane: 'alarm', wpclock: 'synced', wpmono: '1000', wpboot: 'boot-1' },
});
