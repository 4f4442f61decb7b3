import { once } from 'node:events';
import { connect } from 'node:net';
import { generate, type Packet } from 'mqtt-packet';
import { systemClock } from '#contract/clock.ts';
import { eventOf } from './broker-event.ts';
import { WireClient } from './broker-wire.ts';

/** Begins to do harm; what it answers ends that. */
export type Disturber = (port: number) => Promise<() => void>;

const EVERYTHING = 'wp/1/#';

/** Subscribes to everything, with QoS 0 and with QoS 1, and never reads again. */
const stalled: Disturber = async (port) => {
  const clients = await Promise.all(
    ([0, 1] as const).map(async (qos) => {
      const client = await WireClient.connect({ port, clientId: `svc.stalled-${qos}` });
      await client.subscribe(EVERYTHING, qos);
      client.socket.pause();
      return client;
    }),
  );
  return () => {
    for (const { socket } of clients) socket.destroy();
  };
};

/** CONNACK has 4 bytes and SUBACK 5. */
const ANSWERS_BYTES = 9;

/** Subscribes to everything and takes one byte a second from the kernel. */
const oneByteASecond: Disturber = async (port) => {
  const { promise: subscribed, resolve } = Promise.withResolvers<void>();
  let read = 0;
  const callback = (): boolean => {
    read += 1;
    if (read === ANSWERS_BYTES) resolve();
    return read < ANSWERS_BYTES;
  };
  const socket = connect({ port, host: '127.0.0.1', onread: { buffer: Buffer.alloc(1), callback } });
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  const hello = {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    keepalive: 0,
  } as const;
  socket.write(generate({ ...hello, clientId: 'svc.slow' }));
  socket.write(generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: EVERYTHING, qos: 1 }] }));
  await subscribed;
  const cancel = systemClock.every(1000, () => socket.resume());
  return () => {
    cancel();
    socket.destroy();
  };
};

const AT_ONCE = 50;
const FLOOD_BYTES = 100;

/** Publishes whatever the socket takes, and never reads a PUBACK. */
const flood: Disturber = async (port) => {
  const address = { site: 'bench', device: 'flood' };
  const { socket } = await WireClient.connect({ port, clientId: 'bench.flood' });
  socket.pause();
  let seq = 0;
  const publish = (): Buffer => {
    seq += 1;
    const fixed = { cmd: 'publish', qos: 1, retain: false, dup: false } as const;
    const packet: Packet = { ...fixed, ...eventOf(address, seq, FLOOD_BYTES), messageId: (seq % 65_000) + 1 };
    return generate(packet);
  };
  const pour = (): void => {
    while (!socket.destroyed)
      if (!socket.write(Buffer.concat(Array.from({ length: AT_ONCE }, publish)))) return;
  };
  socket.on('drain', pour);
  pour();
  return () => void socket.destroy();
};

export const DISTURBERS = {
  'a subscriber that never reads': stalled,
  'a subscriber that reads one byte a second': oneByteASecond,
  'a publisher that floods and never reads': flood,
} as const satisfies Record<string, Disturber>;
