import t, { type Test } from 'tap';
import { SessionDelivery } from '#broker/server/delivery/session-delivery.ts';
import { IngestGate } from '#broker/server/ingest/gate.ts';
import { TopicLimits } from '#broker/server/limits/topic-limits.ts';
import { Presence } from '#broker/server/presence.ts';
import { type PacketOf, RawMqtt } from '#test/support/raw-mqtt.ts';
import { LoadDevice } from './load-device.ts';
import { startSite } from './test-site.ts';

const FAULTY = 'svc.faulty';
const FAULTY_DEVICE = 'north.faulty';

/** Makes a part that a hook calls throw for one client, until the test ends. */
function sabotage<T extends object, K extends keyof T>(
  t: Test,
  part: T,
  method: K,
  isFor: (args: unknown[]) => boolean,
): () => number {
  const original = Object.getOwnPropertyDescriptor(part, method);
  let thrown = 0;
  Object.defineProperty(part, method, {
    configurable: true,
    value: function sabotaged(this: unknown, ...args: unknown[]): unknown {
      if (isFor(args)) {
        thrown += 1;
        throw new TypeError(`sabotaged ${String(method)}`);
      }
      return Reflect.apply(original?.value, this, args);
    },
  });
  t.teardown(() => Object.defineProperty(part, method, original ?? {}));
  return () => thrown;
}

const isFaulty = (id: unknown): boolean => id === FAULTY || id === FAULTY_DEVICE;
const byClient = ([client]: unknown[]): boolean => isFaulty(Object(client).id);

interface Case {
  readonly hook: string;
  /** Answers how often it has thrown. */
  readonly break: (t: Test) => () => number;
  /** What brings it about. */
  readonly provoke: (client: RawMqtt) => void;
  readonly clientId?: string;
}

const SUBSCRIBE: PacketOf<'subscribe'> = {
  cmd: 'subscribe',
  messageId: 1,
  subscriptions: [{ topic: 'wp/1/#', qos: 0 }],
};
const PUBLISH: PacketOf<'publish'> = {
  cmd: 'publish',
  qos: 1,
  ...{ topic: 'wp/1/north/faulty/up/event', payload: '{}', messageId: 1 },
  ...{ retain: false, dup: false },
};

const CASES: readonly Case[] = [
  {
    hook: 'preConnect',
    break: (t) => {
      // Its name is not known yet: the first one that comes is the one.
      let first = true;
      const isFirst = () => {
        const was = first;
        first = false;
        return was;
      };
      return sabotage(t, SessionDelivery.prototype, 'connecting', isFirst);
    },
    provoke: () => undefined,
  },
  {
    hook: 'authenticate',
    break: (t) => sabotage(t, SessionDelivery.prototype, 'refuseSession', byClient),
    provoke: () => undefined,
  },
  {
    hook: 'authorizeSubscribe',
    break: (t) => sabotage(t, TopicLimits.prototype, 'subscribe', byClient),
    provoke: (client) => client.send(SUBSCRIBE),
  },
  {
    hook: 'authorizePublish',
    break: (t) => sabotage(t, IngestGate.prototype, 'pass', ([publisher]) => isFaulty(Object(publisher).id)),
    provoke: (client) => client.send(PUBLISH),
    clientId: FAULTY_DEVICE,
  },
  {
    hook: 'authorizeForward',
    break: (t) => sabotage(t, SessionDelivery.prototype, 'forward', byClient),
    provoke: (client) => client.send(SUBSCRIBE),
  },
  {
    hook: 'the event of a ping',
    break: (t) =>
      sabotage(t, Presence.prototype, 'heard', ([address]) => Object(address).device === 'faulty'),
    provoke: (client) => client.send({ cmd: 'pingreq' }),
    clientId: FAULTY_DEVICE,
  },
];

for (const { hook, provoke, clientId = FAULTY, ...each } of CASES) {
  t.test(`an exception in ${hook} ends the connection it is about and no other`, async (t) => {
    const { port, registry } = await startSite(t);
    const witness = await RawMqtt.connect(t, port, { clientId: 'svc.witness' });
    witness.send({ ...SUBSCRIBE, subscriptions: [{ topic: 'wp/1/+/+/up/event', qos: 1 }] });
    await witness.next('suback');
    const device = await LoadDevice.connect(t, port, { site: 'north', device: 'sound' });
    const thrown = each.break(t);
    const faulty = await RawMqtt.open(t, port);
    faulty.send({
      ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId, keepalive: 0 },
    });
    provoke(faulty);
    while (faulty.isOpen) await device.say(1, 0);
    await device.say(3, 0);
    for (let n = 1; n <= device.said; n += 1) {
      const { payload, messageId = 0 } = await witness.next('publish');
      witness.send({ cmd: 'puback', messageId });
      t.equal(JSON.parse(payload.toString()).wpseq, n);
    }
    t.ok(thrown() > 0, 'it has thrown');
    t.match(await registry.metrics(), /refused_total\{reason="WP3104"\} 1/, 'which is counted');
    t.ok(witness.isOpen);
    const next = await RawMqtt.connect(t, port, { clientId: 'svc.next' });
    t.ok(next.isOpen, 'and the next one is served');
  });
}
