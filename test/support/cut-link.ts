import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** What tap's `t` gives here. */
interface Teardown {
  teardown(handler: () => void | Promise<void>): void;
}

/** A link on loopback that can be cut and mended, and counts what goes down it. */
export class CutLink {
  readonly #server: Server;
  readonly #to: number;
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  /** Bytes from the site to the device. */
  downBytes = 0;
  /** How fast bytes go down; at once while it is null. Those that wait are counted. */
  bytesPerS: number | null = null;
  /** The most that ever waited in front of what came last. */
  mostQueuedBytes = 0;
  /** Cuts itself when so many bytes have gone down; never while it is null. */
  cutAtBytes: number | null = null;

  static async make(t: Teardown, toPort: number): Promise<CutLink> {
    const link = new CutLink(toPort);
    link.#server.listen(0, '127.0.0.1');
    await once(link.#server, 'listening');
    t.teardown(() => {
      link.cut();
      link.#server.close();
    });
    return link;
  }

  constructor(toPort: number) {
    this.#to = toPort;
    this.#server = createServer((socket) => this.#join(socket));
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  #down(near: Socket, queue: Buffer[], bytes: Buffer): void {
    if (this.bytesPerS === null) {
      near.write(bytes);
      return;
    }
    queue.push(bytes);
    const queuedBytes = queue.reduce((sum, { length }) => sum + length, 0);
    this.mostQueuedBytes = Math.max(this.mostQueuedBytes, queuedBytes);
    if (queue.length === 1) this.#pump(near, queue);
  }

  /** One after another, each as long as it takes on such a link. */
  #pump(near: Socket, queue: Buffer[]): void {
    const [first] = queue;
    if (first === undefined || near.destroyed) return;
    const takesMs = (1000 * first.length) / (this.bytesPerS ?? Number.POSITIVE_INFINITY);
    setTimeout(() => {
      queue.shift();
      if (!near.destroyed) near.write(first);
      this.#pump(near, queue);
    }, takesMs);
  }

  #join(near: Socket): void {
    if (this.#isCut) {
      near.destroy();
      return;
    }
    const far = connect({ host: '127.0.0.1', port: this.#to, noDelay: true });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    const queue: Buffer[] = [];
    near.pipe(far);
    far.on('data', (bytes: Buffer) => {
      this.downBytes += bytes.length;
      if (this.cutAtBytes !== null && this.downBytes >= this.cutAtBytes) {
        this.cutAtBytes = null;
        this.cut();
      } else this.#down(near, queue, bytes);
    });
  }
}
