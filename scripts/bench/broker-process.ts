import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { systemClock, wait } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { Child } from '../site/child.ts';
import { nodeFlags, ROOT } from '../site/demo-site.ts';

/** A broker in a process of its own, ours or another, on a free port of the loopback. */
export interface BrokerProcess {
  readonly name: string;
  /** Answers its port; after `kill` it may be started again on the same data. */
  start(): Promise<number>;
  readonly pid: number;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Nothing that is measured may be held back by a limit: benches of limits say so themselves. */
const LIFTED = {
  limits: {
    sessions: { messages: 100_000_000, bytes: 1e12, messagesInAll: 100_000_000, bytesInAll: 1e12 },
    connections: {
      ...{ inAll: 1_000_000, perAddress: 1_000_000, halfOpen: 1_000_000 },
      ...{ connectsPerSecond: 1_000_000, connectBurst: 1_000_000 },
      ...{ messagesPerSecond: 1_000_000, messageBurst: 1_000_000 },
      ...{ bytesPerSecond: 1e10, byteBurst: 1e9 },
    },
  },
};

export interface OwnBrokerOptions {
  readonly dir: string;
  /** `lifted` lets any topic through, without limits. `default`: as a site runs, device names believed. */
  readonly limits?: 'lifted' | 'default';
  readonly durability?: 'full' | 'normal';
  /** Arguments for Node. */
  readonly nodeArgs?: readonly string[];
}

/** Where our broker keeps its data in the bench's folder. */
export const ownFolder = (dir: string): string => join(dir, 'own');
export const ownDatabase = (dir: string): string => join(ownFolder(dir), 'site.db');

/** `broker/main.ts` as it is shipped, FULL unless told otherwise. */
export function ownBroker(options: OwnBrokerOptions): BrokerProcess {
  const { dir, limits = 'lifted', durability = 'full', nodeArgs = [] } = options;
  const data = ownFolder(dir);
  const config = join(dir, 'site.json');
  mkdirSync(data, { recursive: true });
  writeFileSync(config, JSON.stringify({ durability, ...(limits === 'lifted' ? LIFTED : {}) }));
  const child = new Child({
    name: 'broker',
    logFile: join(dir, 'own.log'),
    args: [
      ...nodeFlags('broker'),
      ...nodeArgs,
      join(ROOT, 'broker/main.ts'),
      ...['--data', data, '--config', config, '--mqtt', '127.0.0.1:0', '--http', '127.0.0.1:0', '--dev'],
      ...(limits === 'lifted' ? ['--open'] : []),
    ],
  });
  return fromChild('watchpost', child, ({ mqtt }) => Number(new URL(String(mqtt)).port));
}

/** aedes as it comes, in memory. */
export function memoryBroker({ dir }: { readonly dir: string }): BrokerProcess {
  const args = [join(ROOT, 'scripts/bench/broker-memory.ts')];
  const child = new Child({ name: 'aedes', logFile: join(dir, 'aedes.log'), args });
  return fromChild('aedes', child, ({ port }) => Number(port));
}

function fromChild(
  name: string,
  child: Child,
  portOf: (ready: Readonly<Record<string, unknown>>) => number,
): BrokerProcess {
  return {
    name,
    start: async () => portOf(await child.start(() => undefined)),
    get pid() {
      return child.pid ?? 0;
    },
    kill: () => child.kill(),
    stop: () => child.stop(),
  };
}

/** Debian's path is not on everybody's PATH. */
const MOSQUITTO = ['mosquitto', '/usr/sbin/mosquitto'].find(
  (path) => spawnSync(path, ['-h']).error === undefined,
);

/** Why mosquitto is not measured, or null when it can be. */
export const mosquittoMissing = (): string | null =>
  MOSQUITTO === undefined ? 'mosquitto is not installed: sudo apt-get install mosquitto' : null;

/** Debian's mosquitto with its persistence on and its queues unlimited. */
export class Mosquitto implements BrokerProcess {
  readonly name = 'mosquitto';
  readonly #dir: string;
  #child: ChildProcess | null = null;

  constructor({ dir }: { readonly dir: string }) {
    this.#dir = dir;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  async start(): Promise<number> {
    const port = await freePort();
    const data = join(this.#dir, 'mosquitto');
    const config = join(this.#dir, 'mosquitto.conf');
    mkdirSync(data, { recursive: true });
    writeFileSync(
      config,
      [
        ...[
          `listener ${port} 127.0.0.1`,
          'allow_anonymous true',
          'max_queued_messages 0',
          'set_tcp_nodelay true',
        ],
        ...['persistence true', `persistence_location ${data}/`, 'user root', ''],
      ].join('\n'),
    );
    const log = openSync(join(this.#dir, 'mosquitto.log'), 'a', 0o600);
    this.#child = spawn(MOSQUITTO ?? 'mosquitto', ['-c', config], { stdio: ['ignore', log, log] });
    await answering(port);
    return port;
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

/** It prints no line when it is ready. @throws WatchpostError WP5025 when nobody answers within 10 s */
async function answering(port: number): Promise<void> {
  const endMs = performance.now() + 10_000;
  while (performance.now() < endMs) {
    const socket = connect({ port, host: '127.0.0.1' });
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (isThere) return;
    await wait(systemClock, 20);
  }
  throw new WatchpostError('WP5025', { detail: `mosquitto does not answer on port ${port}` });
}
