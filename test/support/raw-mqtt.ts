import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import mqttPacket, { type IConnectPacket, type Packet } from 'mqtt-packet';

interface Teardown {
  teardown(handler: () => void | Promise<void>): void;
}

type Command = Packet['cmd'];
export type PacketOf<C extends Command> = Extract<Packet, { cmd: C }>;

/** An MQTT client that does nothing by itself: it sends the packets or bytes it is given, and shows what comes. */
export class RawMqtt {
  /** Everything received so far, taken or not. */
  readonly received: Packet[] = [];
  /** Resolves when the connection has ended, from whichever side. */
  readonly closed: Promise<void>;
  readonly #chunks: Buffer[] = [];
  readonly #socket: Socket;
  readonly #arrived: Packet[] = [];
  #wake: () => void = () => undefined;
  #ended = false;

  /** A TCP connection to loopback on which nothing was said yet. */
  static async open(t: Teardown, port: number): Promise<RawMqtt> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    await once(socket, 'connect');
    t.teardown(() => void socket.destroy());
    return new RawMqtt(socket);
  }

  /** Open and through CONNECT; fails when that is refused. */
  static async connect(t: Teardown, port: number, options: Partial<IConnectPacket> = {}): Promise<RawMqtt> {
    const client = await RawMqtt.open(t, port);
    client.send(connectPacket(options));
    const { returnCode } = await client.next('connack');
    if (returnCode !== 0) throw new RangeError(`CONNACK ${returnCode}`);
    return client;
  }

  constructor(socket: Socket) {
    this.#socket = socket;
    const parser = mqttPacket.parser({ protocolVersion: 4 });
    parser.on('packet', (packet: Packet) => {
      this.received.push(packet);
      this.#arrived.push(packet);
      this.#wake();
    });
    socket.on('data', (chunk) => {
      this.#chunks.push(chunk);
      parser.parse(chunk);
    });
    // An abortive end is an end, too.
    socket.on('error', () => socket.destroy());
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#ended = true;
        this.#wake();
        resolve();
      });
    });
  }

  /** Every byte received so far. */
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get isOpen(): boolean {
    return !this.#ended;
  }

  /** All in one write, so mostly in one TCP segment. */
  send(...parts: readonly (Packet | Uint8Array)[]): void {
    const bytes = parts.map((part) => (part instanceof Uint8Array ? part : mqttPacket.generate(part)));
    this.#socket.write(Buffer.concat(bytes));
  }

  /** The next packet, which must be of that kind. Fails when the connection ends before. */
  async next<C extends Command>(cmd: C): Promise<PacketOf<C>> {
    while (this.#arrived.length === 0) await this.#arrival(cmd);
    const packet = this.#arrived.shift();
    if (packet !== undefined && isOf(cmd, packet)) return packet;
    throw new RangeError(`expected ${cmd}, got ${JSON.stringify(packet)}`);
  }

  /** The first packet that fits, come or to come; the others stay. Fails when the connection ends before. */
  async until<C extends Command>(
    cmd: C,
    fits: (packet: PacketOf<C>) => boolean = () => true,
  ): Promise<PacketOf<C>> {
    for (;;) {
      for (const [at, packet] of this.#arrived.entries()) {
        if (!isOf(cmd, packet) || !fits(packet)) continue;
        this.#arrived.splice(at, 1);
        return packet;
      }
      await this.#arrival(cmd);
    }
  }

  /** What waits to be taken. */
  waiting(): readonly Packet[] {
    return this.#arrived;
  }

  pauseReading(): void {
    this.#socket.pause();
  }

  resumeReading(): void {
    this.#socket.resume();
  }

  /** Ends without DISCONNECT, as a cable does that is cut; resolves when this side is closed. */
  drop(): Promise<void> {
    this.#socket.destroy();
    return this.closed;
  }

  /** Says that nothing more will come, without DISCONNECT. */
  halfClose(): void {
    this.#socket.end();
  }

  /** Ends as the standard asks. */
  disconnect(): Promise<void> {
    this.send({ cmd: 'disconnect' });
    this.#socket.end();
    return this.closed;
  }

  #arrival(wanted: string): Promise<void> {
    if (this.#ended) return Promise.reject(new RangeError(`closed while waiting for ${wanted}`));
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

export function connectPacket(options: Partial<IConnectPacket> = {}): IConnectPacket {
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId: 'raw',
    keepalive: 0,
    ...options,
  };
}

function isOf<C extends Command>(cmd: C, packet: Packet): packet is PacketOf<C> {
  return packet.cmd === cmd;
}
