import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { Child } from '../site/child.ts';
import { ROOT } from '../site/demo-site.ts';
import { SyncFile } from './sync-file.ts';

/** How large the real ones are. */
export interface FloorSizes {
  /** What one alarm adds to the device's log, and to the broker's, in bytes. */
  readonly deviceSync: number;
  readonly brokerSync: number;
  /** The alarm on its way up, confirmation and receipt on their way down. */
  readonly up: number;
  readonly down: number;
}

/**
 * The least a press can cost: one durable write on the device, its bytes to another process over loopback TCP, one
 * durable write there, the answer's bytes back. No MQTT, no database, no program.
 */
export class Floor {
  readonly #dir: string;
  readonly #sizes: FloorSizes;
  #disk: SyncFile | null = null;
  #peer: Child | null = null;
  #socket: Socket | null = null;

  constructor(dir: string, sizes: FloorSizes) {
    this.#dir = dir;
    this.#sizes = sizes;
  }

  async start(): Promise<void> {
    const { deviceSync, brokerSync, up, down } = this.#sizes;
    this.#disk = new SyncFile(join(this.#dir, 'floor-device'), deviceSync);
    this.#peer = new Child({
      name: 'floor',
      logFile: join(this.#dir, 'floor.log'),
      args: [
        join(ROOT, 'scripts/bench/floor-peer.ts'),
        join(this.#dir, 'floor-broker'),
        ...[brokerSync, up, down].map(String),
      ],
    });
    const { port } = await this.#peer.start(() => undefined);
    this.#socket = connect({ host: '127.0.0.1', port: Number(port), noDelay: true });
    await once(this.#socket, 'connect');
  }

  /** One round; answers its milliseconds. */
  async measure(): Promise<number> {
    const beganMs = performance.now();
    this.#disk?.write();
    this.#socket?.write(Buffer.alloc(this.#sizes.up, 0x5a));
    await this.#answered();
    return performance.now() - beganMs;
  }

  async close(): Promise<void> {
    this.#socket?.destroy();
    this.#disk?.close();
    await this.#peer?.stop();
  }

  #answered(): Promise<void> {
    return new Promise((resolve) => {
      let waiting = this.#sizes.down;
      const take = (chunk: Buffer) => {
        waiting -= chunk.length;
        if (waiting > 0) return;
        this.#socket?.off('data', take);
        resolve();
      };
      this.#socket?.on('data', take);
    });
  }
}
