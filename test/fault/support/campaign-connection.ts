import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import mqttPacket, { type IConnectPacket, type Packet } from 'mqtt-packet';
import { connectPacket } from '#test/support/raw-mqtt.ts';

/** What a client of the campaign keeps in mind over connections hears of each one. */
export interface Listener {
  /** CONNACK with return code 0. */
  onConnected(connection: CampaignConnection, sessionPresent: boolean): void;
  onPacket(packet: Packet, connection: CampaignConnection): void;
}

/** One connection of a client whose session outlives it. */
export class CampaignConnection {
  /** Resolves when it has ended, by whatever. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  #isOpen = true;
  #isLeaving = false;

  /** False when the broker went away before CONNACK: nobody knows then what it made of CONNECT. */
  static async open(
    port: number,
    hello: Partial<IConnectPacket>,
    listener: Listener,
  ): Promise<CampaignConnection | null> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    const connection = new CampaignConnection(socket);
    const connected = connection.#listen(listener);
    connection.send(connectPacket(hello));
    return (await Promise.race([connected, connection.closed.then(() => false)])) ? connection : null;
  }

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => socket.destroy());
    this.closed = once(socket, 'close').then(() => {
      this.#isOpen = false;
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  send(...packets: readonly Packet[]): void {
    if (!this.#isOpen || this.#isLeaving || packets.length === 0) return;
    this.#socket.write(Buffer.concat(packets.map((packet) => mqttPacket.generate(packet))));
  }

  /** With DISCONNECT, so that no will goes out. */
  async leave(): Promise<void> {
    this.send({ cmd: 'disconnect' });
    this.#isLeaving = true;
    this.#socket.end();
    await this.closed;
  }

  #listen(listener: Listener): Promise<boolean> {
    const parser = mqttPacket.parser({ protocolVersion: 4 });
    this.#socket.on('data', (chunk) => parser.parse(chunk));
    return new Promise((resolve) => {
      parser.on('packet', (packet: Packet) => {
        if (packet.cmd !== 'connack') return listener.onPacket(packet, this);
        if (packet.returnCode !== 0) return this.#socket.destroy();
        resolve(true);
        listener.onConnected(this, packet.sessionPresent);
      });
    });
  }
}
