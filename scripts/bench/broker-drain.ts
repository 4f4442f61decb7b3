import { systemClock, wait } from '#contract/clock.ts';
import { away, BENCH_SESSION } from './broker-ingest.ts';
import {
  type BrokerProcess,
  Mosquitto,
  memoryBroker,
  mosquittoMissing,
  ownBroker,
} from './broker-process.ts';
import { publishWindow } from './broker-window.ts';
import { messageIdOf, PACKET, payloadAt, pubackOf, WireClient } from './broker-wire.ts';
import { rounded } from './figures.ts';
import { inBenchFolder } from './folder.ts';
import { cpuSeconds, memoryOf } from './process-figures.ts';

export interface DrainBench {
  readonly messages: number;
  readonly payloadBytes: number;
  readonly brokers: Readonly<Record<string, DrainFigures>>;
  /** Seconds of draining, ours over aedes in memory. */
  readonly ratio: number;
  readonly target: number;
  /** Growth of our broker's resident memory, queueing or draining, whichever is more. */
  readonly growthMiB: number;
  readonly growthTargetMiB: number;
}

interface DrainFigures {
  readonly queueS: number;
  /** From the first byte of CONNECT to the last message. */
  readonly drainS: number;
  readonly drainCpuS: number;
  readonly got: number;
  readonly inOrder: boolean;
  /** Resident memory before, and what it grew by at most. */
  readonly beforeMiB: number;
  readonly queueGrowthMiB: number;
  readonly drainGrowthMiB: number;
  readonly pssGrowthMiB: number;
}

export const DRAIN_TARGET = 0.35;
export const DRAIN_GROWTH_TARGET_MIB = 32;
const PAYLOAD_BYTES = 512;
const PUBLISHERS = 4;
const WINDOW = 100;
const SAMPLE_EVERY_MS = 100;
const WARM_UP = 5000;
/** A drain that stands still for so long will not end. */
const STUCK_AFTER_MS = 20_000;

/** Messages queued for a session that is away, which then returns. One broker after another, each alone. */
export function benchDrain({
  messages,
  warmUp = WARM_UP,
}: {
  messages: number;
  warmUp?: number;
}): Promise<DrainBench> {
  return inBenchFolder(async (dir) => {
    const brokers: BrokerProcess[] = [ownBroker({ dir }), memoryBroker({ dir })];
    if (mosquittoMissing() === null) brokers.push(new Mosquitto({ dir }));
    const figures: Record<string, DrainFigures> = {};
    for (const broker of brokers) {
      try {
        const port = await broker.start();
        await cycle({ broker, port, messages: warmUp });
        figures[broker.name] = await cycle({ broker, port, messages });
      } finally {
        await broker.stop();
      }
    }
    const [own, memory] = [figures.watchpost, figures.aedes];
    return {
      messages,
      payloadBytes: PAYLOAD_BYTES,
      brokers: figures,
      ratio: rounded((own?.drainS ?? 0) / (memory?.drainS ?? 0), 3),
      target: DRAIN_TARGET,
      growthMiB: Math.max(own?.queueGrowthMiB ?? 0, own?.drainGrowthMiB ?? 0),
      growthTargetMiB: DRAIN_GROWTH_TARGET_MIB,
    };
  });
}

interface Cycle {
  readonly broker: BrokerProcess;
  readonly port: number;
  readonly messages: number;
}

async function cycle({ broker, port, messages }: Cycle): Promise<DrainFigures> {
  await away(port, 'wp/1/bench/#');
  // A collector that is idle gives back what the warm-up took.
  await wait(systemClock, messages > WARM_UP ? 3000 : 0);
  const before = memoryOf(broker.pid);
  const queueing = new Peak(broker.pid);
  const queueBegan = performance.now();
  await queue(port, messages);
  const queueS = (performance.now() - queueBegan) / 1000;
  const queuePeak = queueing.end();
  const cpu = cpuSeconds(broker.pid);
  const draining = new Peak(broker.pid);
  const drained = await drain(port, messages);
  const drainPeak = draining.end();
  return {
    queueS: rounded(queueS),
    drainS: rounded(drained.seconds, 4),
    drainCpuS: rounded(cpuSeconds(broker.pid) - cpu),
    got: drained.got,
    inOrder: drained.inOrder,
    beforeMiB: rounded(before.residentMiB, 1),
    queueGrowthMiB: rounded(queuePeak - before.residentMiB, 1),
    drainGrowthMiB: rounded(drainPeak - before.residentMiB, 1),
    pssGrowthMiB: rounded(memoryOf(broker.pid).pssMiB - before.pssMiB, 1),
  };
}

async function queue(port: number, messages: number): Promise<void> {
  const clients = await Promise.all(
    Array.from({ length: PUBLISHERS }, (_, n) => WireClient.connect({ port, clientId: `bench.q${n}` })),
  );
  const count = Math.ceil(messages / PUBLISHERS);
  const load = { payloadBytes: PAYLOAD_BYTES, window: WINDOW, count };
  await Promise.all(
    clients.map((client, n) => publishWindow(client, { ...load, topic: `wp/1/bench/q${n}` })),
  );
  await Promise.all(clients.map((client) => client.disconnect()));
}

interface Drained {
  readonly seconds: number;
  readonly got: number;
  /** Numbers of each publisher only ever went up. */
  readonly inOrder: boolean;
}

async function drain(port: number, messages: number): Promise<Drained> {
  const expected = Math.ceil(messages / PUBLISHERS) * PUBLISHERS;
  const beganMs = performance.now();
  const seen = new Receiver(expected);
  const client = await WireClient.connect({ port, clientId: BENCH_SESSION, clean: false }, (made) =>
    seen.serve(made),
  );
  await seen.finished;
  const seconds = (seen.lastMs - beganMs) / 1000;
  await client.disconnect();
  return { seconds, got: seen.got, inOrder: seen.inOrder };
}

/** Takes and acknowledges what comes, until all is there or nothing comes any more. */
class Receiver {
  got = 0;
  inOrder = true;
  lastMs = performance.now();
  readonly finished: Promise<void>;
  readonly #expected: number;
  readonly #newest = new Map<string, number>();
  #finish: () => void = () => undefined;

  constructor(expected: number) {
    this.#expected = expected;
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  serve(client: WireClient): void {
    const answers: Buffer[] = [];
    const cancel = systemClock.every(1000, () => {
      if (performance.now() - this.lastMs > STUCK_AFTER_MS) this.#finish();
    });
    this.finished.then(cancel);
    client.onFrame = (frame) => {
      if (frame.type !== PACKET.publish) return;
      this.got += 1;
      this.#note(
        frame.bytes.toString('latin1', frame.start + 2, payloadAt(frame) - 2),
        frame.bytes.readUInt32BE(payloadAt(frame)),
      );
      answers.push(pubackOf(messageIdOf(frame)));
    };
    client.onRead = () => {
      this.lastMs = performance.now();
      if (answers.length > 0) client.socket.write(Buffer.concat(answers.splice(0)));
      if (this.got >= this.#expected) this.#finish();
    };
  }

  #note(topic: string, number: number): void {
    if (number < (this.#newest.get(topic) ?? -1)) this.inOrder = false;
    this.#newest.set(topic, number);
  }
}

/** The most resident memory of a process, looked at ten times a second. */
class Peak {
  readonly #pid: number;
  readonly #cancel: () => void;
  #mostMiB = 0;

  constructor(pid: number) {
    this.#pid = pid;
    this.#cancel = systemClock.every(SAMPLE_EVERY_MS, () => this.#look());
    this.#look();
  }

  end(): number {
    this.#look();
    this.#cancel();
    return this.#mostMiB;
  }

  #look(): void {
    this.#mostMiB = Math.max(this.#mostMiB, memoryOf(this.#pid).residentMiB);
  }
}
