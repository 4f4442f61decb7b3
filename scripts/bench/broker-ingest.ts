import {
  type BrokerProcess,
  Mosquitto,
  memoryBroker,
  mosquittoMissing,
  ownBroker,
} from './broker-process.ts';
import { publishWindow } from './broker-window.ts';
import { WireClient } from './broker-wire.ts';
import { median, rounded } from './figures.ts';
import { inBenchFolder } from './folder.ts';
import { cpuSeconds } from './process-figures.ts';

export interface IngestBench {
  readonly load: {
    readonly publishers: number;
    readonly window: number;
    readonly payloadBytes: number;
    readonly messages: number;
    readonly rounds: number;
  };
  /** Ours with FULL, aedes in memory, and, for information, mosquitto: medians of the rounds. */
  readonly brokers: Readonly<Record<string, IngestFigures>>;
  /** Messages per CPU-second, ours over aedes in memory. */
  readonly ratio: number;
  readonly rateRatio: number;
  readonly target: number;
  /** Share of one core that the load generator took, at most: near 1 it would be what is measured. */
  readonly generatorShare: number;
}

interface IngestFigures {
  /** Of the wall clock. */
  readonly perSecond: number;
  /** Of the broker's process, all its threads. */
  readonly perCpuSecond: number;
}

export const INGEST_TARGET = 0.7;
const PUBLISHERS = 50;
const WINDOW = 20;
const PAYLOAD_BYTES = 256;

/**
 * What a broker takes in with QoS 1 and keeps for a session that is away: without one a broker of messages that nobody
 * wants would have nothing to store. Brokers take turns, a round each, so that whatever else the machine does falls
 * on all of them.
 */
export function benchIngest({
  messages,
  rounds,
}: {
  messages: number;
  rounds: number;
}): Promise<IngestBench> {
  return inBenchFolder(async (dir) => {
    const brokers: BrokerProcess[] = [ownBroker({ dir }), memoryBroker({ dir })];
    if (mosquittoMissing() === null) brokers.push(new Mosquitto({ dir }));
    const runs = new Map<string, Run[]>();
    try {
      const ports = new Map<string, number>();
      for (const broker of brokers) ports.set(broker.name, await broker.start());
      for (let round = -1; round < rounds; round += 1) {
        for (const broker of brokers) {
          const port = ports.get(broker.name) ?? 0;
          const run = await ingest({ port, pid: broker.pid, round, messages });
          if (round >= 0) runs.set(broker.name, [...(runs.get(broker.name) ?? []), run]);
        }
      }
    } finally {
      for (const broker of brokers) await broker.stop();
    }
    return summary(runs, messages, rounds);
  });
}

interface Run extends IngestFigures {
  readonly generatorShare: number;
}

interface Load {
  readonly port: number;
  readonly pid: number;
  readonly round: number;
  readonly messages: number;
}

async function ingest({ port, pid, round, messages }: Load): Promise<Run> {
  const root = `wp/1/bench/round${round}`;
  await away(port, `${root}/#`);
  const publishers = await Promise.all(
    Array.from({ length: PUBLISHERS }, (_, n) =>
      WireClient.connect({ port, clientId: `bench.p${round}-${n}` }),
    ),
  );
  const cpu = cpuSeconds(pid);
  const own = process.cpuUsage();
  const beganMs = performance.now();
  const count = Math.ceil(messages / PUBLISHERS);
  const load = { payloadBytes: PAYLOAD_BYTES, window: WINDOW, count };
  await Promise.all(
    publishers.map((client, n) => publishWindow(client, { ...load, topic: `${root}/p${n}` })),
  );
  const tookS = (performance.now() - beganMs) / 1000;
  const { user, system } = process.cpuUsage(own);
  const cpuS = cpuSeconds(pid) - cpu;
  await Promise.all(publishers.map((client) => client.disconnect()));
  await forget(port);
  const total = count * PUBLISHERS;
  return {
    perSecond: total / tookS,
    perCpuSecond: total / cpuS,
    generatorShare: (user + system) / 1e6 / tookS,
  };
}

export const BENCH_SESSION = 'svc.bench-away';

/** A session that waits for everything, its client not connected. */
export async function away(port: number, filter: string): Promise<void> {
  const client = await WireClient.connect({ port, clientId: BENCH_SESSION, clean: false });
  await client.subscribe(filter);
  await client.disconnect();
}

/** A clean session of the same name ends the old one, and what waits for it goes [MQTT-3.1.2-6]. */
export async function forget(port: number): Promise<void> {
  const client = await WireClient.connect({ port, clientId: BENCH_SESSION, clean: true });
  await client.disconnect();
}

function summary(runs: ReadonlyMap<string, readonly Run[]>, messages: number, rounds: number): IngestBench {
  const of = (name: string): IngestFigures => ({
    perSecond: Math.round(median((runs.get(name) ?? []).map(({ perSecond }) => perSecond))),
    perCpuSecond: Math.round(median((runs.get(name) ?? []).map(({ perCpuSecond }) => perCpuSecond))),
  });
  const brokers = Object.fromEntries([...runs.keys()].map((name) => [name, of(name)]));
  const [own, memory] = [of('watchpost'), of('aedes')];
  return {
    load: { publishers: PUBLISHERS, window: WINDOW, payloadBytes: PAYLOAD_BYTES, messages, rounds },
    brokers,
    ratio: rounded(own.perCpuSecond / memory.perCpuSecond),
    rateRatio: rounded(own.perSecond / memory.perSecond),
    target: INGEST_TARGET,
    generatorShare: rounded(Math.max(...[...runs.values()].flat().map((run) => run.generatorShare))),
  };
}
