import { join } from 'node:path';
import { away } from './broker-ingest.ts';
import { memoryBroker, ownBroker, ownDatabase } from './broker-process.ts';
import { PACKET, PublishMould, WireClient } from './broker-wire.ts';
import { median, rounded, type Spread, spread } from './figures.ts';
import { inBenchFolder } from './folder.ts';
import { SyncFile } from './sync-file.ts';
import { lastCommitBytes } from './wal-commit.ts';

export interface PubackBench {
  readonly messages: number;
  readonly payloadBytes: number;
  /** Milliseconds from PUBLISH to PUBACK with one publisher and a window of 1. */
  readonly ownMs: Spread;
  readonly aedesMs: Spread;
  /** One write and fdatasync on the same disk of as many bytes as our commit writes. */
  readonly syncMs: Spread;
  readonly syncBytes: number;
  /** Sync and PUBACK of aedes from memory, added message by message. */
  readonly floorMs: Spread;
  readonly ratio: Spread;
  readonly target: Spread;
  /** For information: against a sync of the message's bytes alone. */
  readonly messageSyncMs: Spread;
  readonly messageRatio: Spread;
}

export const PUBACK_TARGET: Spread = { p50: 1.5, p99: 3 };
const PAYLOAD_BYTES = 256;
const WARM_UP = 500;
const TOPIC = 'wp/1/bench/one';

/** One message at a time to our broker, one to aedes in memory, one sync of each size: in turns, on the same disk. */
export function benchPuback({
  messages,
  warmUp = WARM_UP,
}: {
  messages: number;
  warmUp?: number;
}): Promise<PubackBench> {
  return inBenchFolder(async (dir) => {
    const [own, memory] = [ownBroker({ dir }), memoryBroker({ dir })];
    const files: SyncFile[] = [];
    try {
      const [ours, theirs] = [new Pinger(), new Pinger()];
      await ours.start(await own.start());
      await theirs.start(await memory.start());
      const sizes: number[] = [];
      for (let n = 0; n < warmUp; n += 1) {
        await ours.ping();
        await theirs.ping();
        if (n % 50 === 0) sizes.push(lastCommitBytes(`${ownDatabase(dir)}-wal`));
      }
      const syncBytes = median(sizes);
      const commit = new SyncFile(join(dir, 'commit'), syncBytes);
      const message = new SyncFile(join(dir, 'message'), PAYLOAD_BYTES);
      files.push(commit, message);
      const rounds: Round[] = [];
      for (let n = 0; n < messages; n += 1) {
        rounds.push({
          own: await ours.ping(),
          sync: timed(() => commit.write()),
          aedes: await theirs.ping(),
          messageSync: timed(() => message.write()),
        });
      }
      await ours.close();
      await theirs.close();
      return summary(rounds, syncBytes);
    } finally {
      for (const file of files) file.close();
      await own.stop();
      await memory.stop();
    }
  });
}

interface Round {
  readonly own: number;
  readonly aedes: number;
  readonly sync: number;
  readonly messageSync: number;
}

/** One publisher, and a session that is away, so that there is something to store. */
class Pinger {
  readonly #mould = new PublishMould(TOPIC, PAYLOAD_BYTES);
  #client: WireClient | null = null;
  #sent = 0;

  async start(port: number): Promise<void> {
    await away(port, TOPIC);
    this.#client = await WireClient.connect({ port, clientId: 'bench.one' });
  }

  /** Milliseconds until PUBACK. */
  async ping(): Promise<number> {
    this.#sent += 1;
    const bytes = this.#mould.packet((this.#sent % 60_000) + 1, this.#sent);
    const beganMs = performance.now();
    await this.#client?.ask(bytes, PACKET.puback);
    return performance.now() - beganMs;
  }

  async close(): Promise<void> {
    await this.#client?.disconnect();
  }
}

function timed(work: () => void): number {
  const beganMs = performance.now();
  work();
  return performance.now() - beganMs;
}

function summary(rounds: readonly Round[], syncBytes: number): PubackBench {
  const ownMs = spread(rounds.map(({ own }) => own));
  const floorMs = spread(rounds.map(({ aedes, sync }) => aedes + sync));
  const leastMs = spread(rounds.map(({ aedes, messageSync }) => aedes + messageSync));
  const over = (floor: Spread): Spread => ({
    p50: rounded(ownMs.p50 / floor.p50),
    p99: rounded(ownMs.p99 / floor.p99),
  });
  return {
    messages: rounds.length,
    payloadBytes: PAYLOAD_BYTES,
    ownMs,
    aedesMs: spread(rounds.map(({ aedes }) => aedes)),
    syncMs: spread(rounds.map(({ sync }) => sync)),
    syncBytes,
    floorMs,
    ratio: over(floorMs),
    target: PUBACK_TARGET,
    messageSyncMs: spread(rounds.map(({ messageSync }) => messageSync)),
    messageRatio: over(leastMs),
  };
}
