import { systemClock, wait } from '#contract/clock.ts';
import { type BrokerProcess, memoryBroker, ownBroker } from './broker-process.ts';
import { PACKET, PINGREQ, WireClient } from './broker-wire.ts';
import { rounded } from './figures.ts';
import { inBenchFolder } from './folder.ts';
import { cpuSeconds, memoryOf } from './process-figures.ts';

export interface IdleBench {
  readonly connections: number;
  readonly heartbeatS: number;
  readonly measuredS: number;
  /** Of our broker. */
  readonly cpuShareOfCore: number;
  readonly kibPerConnection: number;
  readonly target: { readonly cpuShareOfCore: number; readonly kibPerConnection: number };
  /** Heartbeats answered, and how many were sent. */
  readonly answered: number;
  readonly sent: number;
  /** aedes as it comes, for information. */
  readonly aedes: IdleFigures;
}

interface IdleFigures {
  readonly cpuShareOfCore: number;
  readonly kibPerConnection: number;
  readonly answered: number;
  readonly sent: number;
}

export const IDLE_TARGET = { cpuShareOfCore: 0.15, kibPerConnection: 30 };
const HEARTBEAT_S = 30;
/** Connections begun at once: no more than wait in a listener's queue (128 by default on many machines). */
const AT_ONCE = 50;
/** An address has some 28,000 ports: more than one is not needed before that, but shows that it works. */
const PER_ADDRESS = 2000;
/** Memory and timers of the connecting have settled by then; a short measurement waits no longer than it takes. */
const SETTLE_S = 5;
const SLICE_MS = 100;

/** Devices that are connected, subscribed to what the site sends them, and say nothing but PINGREQ. */
export function benchIdle({
  connections,
  measuredS,
}: {
  connections: number;
  measuredS: number;
}): Promise<IdleBench> {
  return inBenchFolder(async (dir) => {
    const own = await idle(ownBroker({ dir }), connections, measuredS);
    const aedes = await idle(memoryBroker({ dir }), connections, measuredS);
    return { connections, heartbeatS: HEARTBEAT_S, measuredS, ...own, target: IDLE_TARGET, aedes };
  });
}

async function idle(broker: BrokerProcess, connections: number, measuredS: number): Promise<IdleFigures> {
  const clients: WireClient[] = [];
  try {
    const port = await broker.start();
    // What the first connections load and compile belongs to none of the others.
    await connectAll(port, AT_ONCE, clients);
    await wait(systemClock, Math.min(SETTLE_S, measuredS) * 1000);
    const before = memoryOf(broker.pid);
    await connectAll(port, AT_ONCE + connections, clients);
    await wait(systemClock, Math.min(SETTLE_S, measuredS) * 1000);
    const beats = new Heartbeats(clients);
    beats.start();
    await wait(systemClock, measuredS > HEARTBEAT_S ? (HEARTBEAT_S / 2) * 1000 : 0);
    const cpu = cpuSeconds(broker.pid);
    const beganMs = performance.now();
    await wait(systemClock, measuredS * 1000);
    const tookS = (performance.now() - beganMs) / 1000;
    const cpuShareOfCore = rounded((cpuSeconds(broker.pid) - cpu) / tookS, 3);
    const growthKib = (memoryOf(broker.pid).residentMiB - before.residentMiB) * 1024;
    await beats.stop();
    const { answered, sent } = beats;
    return { cpuShareOfCore, kibPerConnection: rounded(growthKib / connections, 1), answered, sent };
  } finally {
    for (const client of clients) client.socket.destroy();
    await broker.stop();
  }
}

async function connectAll(port: number, upTo: number, clients: WireClient[]): Promise<void> {
  while (clients.length < upTo) {
    const many = Math.min(AT_ONCE, upTo - clients.length);
    const made = await Promise.all(
      Array.from({ length: many }, (_, n) => connectOne(port, clients.length + n)),
    );
    clients.push(...made);
  }
}

async function connectOne(port: number, n: number): Promise<WireClient> {
  const localAddress = `127.0.0.${2 + Math.floor(n / PER_ADDRESS)}`;
  const client = await WireClient.connect({
    port,
    clientId: `bench.d${n}`,
    keepalive: HEARTBEAT_S * 2,
    localAddress,
  });
  await client.subscribe(`wp/1/bench/d${n}/down/#`);
  return client;
}

/** PINGREQ of each connection once in 30 s, spread evenly. */
class Heartbeats {
  answered = 0;
  sent = 0;
  readonly #clients: readonly WireClient[];
  #cancel: () => void = () => undefined;

  constructor(clients: readonly WireClient[]) {
    this.#clients = clients;
  }

  start(): void {
    for (const client of this.#clients) {
      client.onFrame = ({ type }) => {
        if (type === PACKET.pingresp) this.answered += 1;
      };
    }
    const beganMs = performance.now();
    this.#cancel = systemClock.every(SLICE_MS, () => {
      const due = ((performance.now() - beganMs) / 1000 / HEARTBEAT_S) * this.#clients.length;
      for (; this.sent < due; this.sent += 1) {
        this.#clients[this.sent % this.#clients.length]?.socket.write(PINGREQ);
      }
    });
  }

  /** Waits up to a second for the last answers. */
  async stop(): Promise<void> {
    this.#cancel();
    for (let n = 0; n < 20 && this.answered < this.sent; n += 1) await wait(systemClock, 50);
  }
}
