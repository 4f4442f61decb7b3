import { EventEmitter, once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { WatchpostError } from '#contract/errors.ts';

export interface Heard {
  readonly topic: string;
  readonly body: string;
  readonly retain: boolean;
}

/** A real broker on a free port of the loopback, with the faults that a test wants. */
export class TestBroker extends EventEmitter {
  /** What arrived, in order: `subscribe FILTER` and `publish TOPIC`. */
  readonly steps: string[] = [];
  readonly heard: Heard[] = [];
  /** When false, messages are taken and never confirmed. */
  confirms = true;
  allowsSubscriptions = true;
  /** When false, a SUBSCRIBE is heard and never answered. */
  answersSubscriptions = true;
  connections = 0;
  readonly #sockets = new Set<Socket>();
  #aedes: Aedes | null = null;
  #server: Server | null = null;
  url = '';

  async start(): Promise<this> {
    const aedes = await Aedes.createBroker();
    aedes.authorizePublish = (_client, packet, done) => {
      this.steps.push(`publish ${packet.topic}`);
      const { topic, retain } = packet;
      this.heard.push({ topic, retain, body: packet.payload.toString() });
      if (this.confirms) done(null);
      this.emit('heard');
    };
    aedes.authorizeSubscribe = (_client, subscription, done) => {
      this.steps.push(`subscribe ${subscription.topic}`);
      if (this.answersSubscriptions) done(null, this.allowsSubscriptions ? subscription : null);
    };
    this.#aedes = aedes;
    this.#server = createServer((socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      aedes.handle(socket);
    });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new WatchpostError('WP2206');
    this.url = `mqtt://127.0.0.1:${address.port}`;
    return this;
  }

  /** Resolves when something heard fits; looks at what was heard before, too. */
  async hears(fits: (heard: Heard) => boolean): Promise<Heard> {
    for (;;) {
      const found = this.heard.find(fits);
      if (found !== undefined) return found;
      await once(this, 'heard');
    }
  }

  send(topic: string, payload: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#aedes?.publish(
        { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain: false, dup: false },
        (error) => (error ? reject(error) : resolve()),
      );
    });
  }

  /** As a cable that is pulled. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server?.close(resolve));
    await new Promise<void>((resolve) => this.#aedes?.close(() => resolve()));
  }
}
