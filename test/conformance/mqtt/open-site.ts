import type { IConnectPacket, IPublishPacket } from 'mqtt-packet';
import type { Test } from 'tap';
import type { SiteOptions } from '#broker/server/site.ts';
import { startSite, type TestSite } from '#test/broker/server/test-site.ts';
import { RawMqtt } from '#test/support/raw-mqtt.ts';

export interface OpenSite extends TestSite {
  /** A TCP connection on which nothing was said. */
  open(): Promise<RawMqtt>;
  /** Through CONNECT. */
  connect(clientId: string, options?: Partial<IConnectPacket>): Promise<RawMqtt>;
}

/** A site as `--dev --open` runs it: every client, every topic but `$SYS/#`. */
export async function openSite(t: Test, options: Partial<SiteOptions> = {}): Promise<OpenSite> {
  const site = await startSite(t, { access: 'open', ...options });
  return {
    ...site,
    open: () => RawMqtt.open(t, site.port),
    connect: (clientId, more = {}) => RawMqtt.connect(t, site.port, { clientId, ...more }),
  };
}

export function publishPacket(topic: string, more: Partial<IPublishPacket> = {}): IPublishPacket {
  return { cmd: 'publish', topic, payload: 'x', qos: 0, retain: false, dup: false, ...more };
}

/** SUBSCRIBE to each filter and its SUBACK; retained messages come after. */
export async function subscribe(
  client: RawMqtt,
  subscriptions: Readonly<Record<string, 0 | 1 | 2>>,
  messageId = 1,
): Promise<readonly unknown[]> {
  const list = Object.entries(subscriptions).map(([topic, qos]) => ({ topic, qos }));
  client.send({ cmd: 'subscribe', messageId, subscriptions: list });
  const { granted } = await client.until('suback', (suback) => suback.messageId === messageId);
  return granted;
}

/** Publishes with QoS 1 or 2 through its whole handshake, or with QoS 0 up to the answer of a PINGREQ. */
export async function publish(
  client: RawMqtt,
  topic: string,
  more: Partial<IPublishPacket> = {},
): Promise<void> {
  const messageId = more.messageId ?? 4242;
  const packet = publishPacket(topic, more);
  client.send(packet.qos === 0 ? packet : { ...packet, messageId });
  if (packet.qos === 0) await ping(client);
  else if (packet.qos === 1) await client.until('puback', (puback) => puback.messageId === messageId);
  else {
    await client.until('pubrec', (pubrec) => pubrec.messageId === messageId);
    client.send({ cmd: 'pubrel', messageId });
    await client.until('pubcomp', (pubcomp) => pubcomp.messageId === messageId);
  }
}

/** The broker still listens to this client. */
export async function ping(client: RawMqtt): Promise<void> {
  client.send({ cmd: 'pingreq' });
  await client.until('pingresp');
}

/** The next message, acknowledged as its QoS asks. */
export async function receive(client: RawMqtt): Promise<IPublishPacket> {
  const message = await client.until('publish');
  const { messageId, qos } = message;
  if (messageId === undefined || qos === 0) return message;
  if (qos === 1) client.send({ cmd: 'puback', messageId });
  else {
    client.send({ cmd: 'pubrec', messageId });
    await client.until('pubrel', (pubrel) => pubrel.messageId === messageId);
    client.send({ cmd: 'pubcomp', messageId });
  }
  return message;
}

export const textOf = ({ payload }: { readonly payload: string | Buffer }): string => payload.toString();

/**
 * The broker ends the connection and has said nothing more on it. A PINGREQ goes behind what was sent, so that a broker
 * that goes on is found out at once.
 */
export async function endsSilently(t: Test, client: RawMqtt, what: string): Promise<void> {
  const before = client.received.length;
  client.send({ cmd: 'pingreq' });
  await client.until('pingresp').catch(() => client.closed);
  t.same(
    client.received.slice(before).map(({ cmd }) => cmd),
    [],
    what,
  );
  await client.drop();
}

/** The same where the broker answers before it ends: these are the first and last bytes it has sent. */
export async function endsWith(
  t: Test,
  client: RawMqtt,
  answer: readonly number[],
  what: string,
): Promise<void> {
  client.send({ cmd: 'pingreq' });
  await client.until('pingresp').catch(() => client.closed);
  t.same([...client.bytes], answer, what);
  await client.drop();
}
