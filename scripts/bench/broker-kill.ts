import { systemClock, wait } from '#contract/clock.ts';
import { away, BENCH_SESSION, forget } from './broker-ingest.ts';
import { type BrokerProcess, Mosquitto, mosquittoMissing, ownBroker } from './broker-process.ts';
import { publishWindow } from './broker-window.ts';
import { messageIdOf, PACKET, payloadAt, pubackOf, WireClient } from './broker-wire.ts';
import { inBenchFolder } from './folder.ts';

export interface KillBench {
  readonly rounds: number;
  readonly brokers: Readonly<Record<string, KillFigures>>;
  readonly target: { readonly lost: 0 };
  /** Why mosquitto is not beside it. */
  readonly skipped?: string;
}

export interface KillFigures {
  readonly acknowledged: number;
  /** Acknowledged, and not delivered after the restart. */
  readonly lost: number;
  /** Rounds after which the session itself was unknown. */
  readonly sessionsLost: number;
}

const PUBLISHERS = 10;
const WINDOW = 20;
const PAYLOAD_BYTES = 256;
/** More than any broker takes in before it is killed. */
const ENDLESS = 10_000_000;
const KILL_AFTER_MS = { from: 100, upTo: 500 };
/** A session to which nothing comes for so long has got all that there is. */
const QUIET_MS = 1500;

/** kill -9 under load, start again, drain what waited for a session that was away. Brokers take turns. */
export function benchKill({ rounds }: { rounds: number }): Promise<KillBench> {
  return inBenchFolder(async (dir) => {
    const missing = mosquittoMissing();
    const brokers: BrokerProcess[] = [ownBroker({ dir })];
    if (missing === null) brokers.push(new Mosquitto({ dir }));
    const figures: Record<string, KillFigures> = {};
    for (let round = 0; round < rounds; round += 1) {
      for (const broker of brokers) {
        const before = figures[broker.name] ?? { acknowledged: 0, lost: 0, sessionsLost: 0 };
        figures[broker.name] = added(before, await killed(broker, round));
      }
    }
    const skipped = missing === null ? {} : { skipped: missing };
    return { rounds, brokers: figures, target: { lost: 0 }, ...skipped };
  });
}

const added = (a: KillFigures, b: KillFigures): KillFigures => ({
  acknowledged: a.acknowledged + b.acknowledged,
  lost: a.lost + b.lost,
  sessionsLost: a.sessionsLost + b.sessionsLost,
});

async function killed(broker: BrokerProcess, round: number): Promise<KillFigures> {
  const acknowledged = new Set<number>();
  try {
    const port = await broker.start();
    await forget(port);
    await away(port, 'wp/1/bench/#');
    await loadUntilKilled(broker, port, (number) => acknowledged.add(number), round);
    const again = await broker.start();
    const { got, sessionPresent } = await drained(again, acknowledged.size);
    const lost = [...acknowledged].filter((number) => !got.has(number)).length;
    return { acknowledged: acknowledged.size, lost, sessionsLost: sessionPresent ? 0 : 1 };
  } finally {
    await broker.stop();
  }
}

async function loadUntilKilled(
  broker: BrokerProcess,
  port: number,
  onAcknowledged: (number: number) => void,
  round: number,
): Promise<void> {
  const clients = await Promise.all(
    Array.from({ length: PUBLISHERS }, (_, n) =>
      WireClient.connect({ port, clientId: `bench.k${round}-${n}` }),
    ),
  );
  const load = { payloadBytes: PAYLOAD_BYTES, window: WINDOW, count: ENDLESS, onAcknowledged };
  const published = clients.map((client, n) =>
    publishWindow(client, { ...load, topic: `wp/1/bench/k${n}`, from: n * ENDLESS }),
  );
  const { from, upTo } = KILL_AFTER_MS;
  await wait(systemClock, from + Math.random() * (upTo - from));
  await broker.kill();
  await Promise.all(published);
}

/** What waits for the session, until `expected` have come or nothing comes any more. */
async function drained(
  port: number,
  expected: number,
): Promise<{ got: Set<number>; sessionPresent: boolean }> {
  const got = new Set<number>();
  let lastMs = performance.now();
  const serve = (client: WireClient) => {
    const answers: Buffer[] = [];
    client.onFrame = (frame) => {
      if (frame.type !== PACKET.publish) return;
      got.add(frame.bytes.readUInt32BE(payloadAt(frame)));
      answers.push(pubackOf(messageIdOf(frame)));
    };
    client.onRead = () => {
      lastMs = performance.now();
      if (answers.length > 0) client.socket.write(Buffer.concat(answers.splice(0)));
    };
  };
  const client = await WireClient.connect({ port, clientId: BENCH_SESSION, clean: false }, serve);
  const { sessionPresent } = client;
  while (got.size < expected && performance.now() - lastMs < QUIET_MS) await wait(systemClock, 50);
  await client.disconnect();
  return { got, sessionPresent };
}
