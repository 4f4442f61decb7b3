import { messageIdOf, PACKET, PublishMould, type WireClient } from './broker-wire.ts';

/** Packet ids go round in this many: more than any window, fewer than 16 bits hold. */
const IDS = 60_000;

export interface WindowOptions {
  readonly topic: string;
  readonly payloadBytes: number;
  /** Messages on their way without their PUBACK. */
  readonly window: number;
  /** How many in all; the run resolves when the last is acknowledged. */
  readonly count: number;
  /** Told the number of each message that was acknowledged. */
  readonly onAcknowledged?: (number: number) => void;
  /** The number of the first message. */
  readonly from?: number;
}

/** Publishes with QoS 1, always a full window ahead of the acknowledgements. Ends early when the connection does. */
export function publishWindow(client: WireClient, options: WindowOptions): Promise<number> {
  const { topic, payloadBytes, window, count, onAcknowledged, from = 0 } = options;
  const mould = new PublishMould(topic, payloadBytes);
  const numbers = new Map<number, number>();
  let sent = 0;
  let acknowledged = 0;
  let free = 0;
  const send = (many: number): void => {
    const packets: Buffer[] = [];
    for (let n = 0; n < many && sent < count; n += 1, sent += 1) {
      const messageId = (sent % IDS) + 1;
      if (onAcknowledged !== undefined) numbers.set(messageId, from + sent);
      packets.push(mould.packet(messageId, from + sent));
    }
    if (packets.length > 0)
      client.socket.write(packets.length === 1 ? (packets[0] ?? '') : Buffer.concat(packets));
  };
  return new Promise((resolve) => {
    client.closed.then(() => resolve(acknowledged));
    client.onFrame = (frame) => {
      if (frame.type !== PACKET.puback) return;
      acknowledged += 1;
      free += 1;
      onAcknowledged?.(numbers.get(messageIdOf(frame)) ?? -1);
    };
    client.onRead = () => {
      send(free);
      free = 0;
      if (acknowledged === count) resolve(acknowledged);
    };
    send(window);
  });
}
