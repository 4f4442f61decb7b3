import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { generate, type IConnectPacket } from 'mqtt-packet';
import { WatchpostError } from '#contract/errors.ts';

/** Packet types of MQTT 3.1.1 §2.2.1 that a bench meets. */
export const PACKET = { connack: 2, publish: 3, puback: 4, suback: 9, pingresp: 13 } as const;

export const PINGREQ = Buffer.from([0xc0, 0]);

/** One packet as it lies in the bytes that came: body from `start` to `end`. */
export interface Frame {
  readonly type: number;
  /** The low half of the first byte: of a PUBLISH dup, qos and retain. */
  readonly flags: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/**
 * A client that costs the generator as little as can be: packets are bytes, and what comes is cut into frames without
 * being decoded. mqtt.js in its place would be measured with the broker.
 */
export class WireClient {
  readonly socket: Socket;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;
  onFrame: (frame: Frame) => void = () => undefined;
  /** After all frames of what came in one read: the moment to answer them with one write. */
  onRead: () => void = () => undefined;
  sessionPresent = false;
  #rest: Buffer = Buffer.alloc(0);

  /** Through CONNECT. @throws WatchpostError WP5030 when the broker refuses or ends it */
  static async connect(
    options: WireOptions,
    serve: (client: WireClient) => void = () => undefined,
  ): Promise<WireClient> {
    const { port, localAddress, ...packet } = options;
    const socket = connect({
      ...{ host: '127.0.0.1', port, noDelay: true },
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    await once(socket, 'connect');
    const client = new WireClient(socket);
    // Messages of a session may come in the same read as CONNACK.
    serve(client);
    await client.#introduced(packet);
    return client;
  }

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', () => socket.destroy());
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  /** Sends and waits for the answer of that type. */
  async ask(bytes: Buffer, type: number): Promise<Frame> {
    const answer = new Promise<Frame>((resolve) => {
      const before = this.onFrame;
      this.onFrame = (frame) => {
        if (frame.type !== type) return before(frame);
        this.onFrame = before;
        resolve({ ...frame, bytes: Buffer.from(frame.bytes.subarray(frame.start, frame.end)), start: 0 });
      };
    });
    this.socket.write(bytes);
    const ended = this.closed.then(() => {
      throw new WatchpostError('WP5030', { detail: 'the broker ended the connection' });
    });
    return Promise.race([answer, ended]);
  }

  /** @throws WatchpostError WP5030 when it is not granted */
  async subscribe(topic: string, qos: 0 | 1 = 1): Promise<void> {
    const bytes = generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos }] });
    const { bytes: answer } = await this.ask(bytes, PACKET.suback);
    if (answer[2] !== qos) throw new WatchpostError('WP5030', { detail: `SUBSCRIBE ${topic}: ${answer[2]}` });
  }

  /** Ends as the standard asks, so that no will goes out. */
  async disconnect(): Promise<void> {
    this.socket.end(generate({ cmd: 'disconnect' }));
    await this.closed;
  }

  async #introduced(packet: Omit<WireOptions, 'port' | 'localAddress'>): Promise<void> {
    const hello = {
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      keepalive: 0,
    } as const;
    const { bytes } = await this.ask(generate({ ...hello, ...packet }), PACKET.connack);
    if (bytes[1] !== 0) throw new WatchpostError('WP5030', { detail: `CONNACK ${bytes[1]}` });
    this.sessionPresent = bytes[0] === 1;
  }

  #take(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (;;) {
      const head = headerAt(bytes, at);
      if (head === null || head.end > bytes.length) break;
      const first = bytes[at] ?? 0;
      this.onFrame({ type: first >> 4, flags: first & 0xf, bytes, start: head.start, end: head.end });
      at = head.end;
    }
    this.#rest = bytes.subarray(at);
    this.onRead();
  }
}

export type WireOptions = Partial<Omit<IConnectPacket, 'cmd'>> & {
  readonly clientId: string;
  readonly port: number;
  /** Of 127.0.0.0/8: another one has ports of its own. */
  readonly localAddress?: string;
};

/** Where the body of the packet at `at` begins and ends; null when its header is not complete yet. */
function headerAt(bytes: Buffer, at: number): { start: number; end: number } | null {
  let length = 0;
  for (let digit = 0; digit < 4; digit += 1) {
    const byte = bytes[at + 1 + digit];
    if (byte === undefined) return null;
    length += (byte & 0x7f) * 128 ** digit;
    if (byte < 0x80) return { start: at + 2 + digit, end: at + 2 + digit + length };
  }
  throw new WatchpostError('WP5030', { detail: 'a packet without a length' });
}

export function pubackOf(messageId: number): Buffer {
  return Buffer.from([0x40, 2, messageId >> 8, messageId & 0xff]);
}

/** The packet id of a PUBLISH of QoS 1 or 2, or of an acknowledgement. */
export function messageIdOf({ type, bytes, start }: Frame): number {
  const at = type === PACKET.publish ? start + 2 + bytes.readUInt16BE(start) : start;
  return bytes.readUInt16BE(at);
}

/** Where the payload of a PUBLISH of QoS 1 or 2 begins. */
export const payloadAt = ({ bytes, start }: Frame): number => start + 2 + bytes.readUInt16BE(start) + 2;

/** PUBLISH packets of QoS 1 on one topic, of one size, that differ in packet id and in the number they carry. */
export class PublishMould {
  readonly #template: Buffer;
  readonly #idAt: number;
  readonly #numberAt: number;

  constructor(topic: string, payloadBytes: number) {
    const payload = Buffer.alloc(payloadBytes, 0x5a);
    this.#template = generate({
      cmd: 'publish',
      topic,
      payload,
      qos: 1,
      messageId: 1,
      dup: false,
      retain: false,
    });
    this.#numberAt = this.#template.length - payloadBytes;
    this.#idAt = this.#numberAt - 2;
  }

  /** `number` stands in the first four bytes of the payload. */
  packet(messageId: number, number: number): Buffer {
    const packet = Buffer.from(this.#template);
    packet.writeUInt16BE(messageId, this.#idAt);
    packet.writeUInt32BE(number, this.#numberAt);
    return packet;
  }
}
