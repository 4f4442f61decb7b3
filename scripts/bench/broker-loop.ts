import { systemClock, wait } from '#contract/clock.ts';
import { away } from './broker-ingest.ts';
import { type Delays, loopDelays, PROBE_ARGS } from './broker-probed.ts';
import { type BrokerProcess, ownBroker } from './broker-process.ts';
import { messageIdOf, PACKET, PublishMould, WireClient } from './broker-wire.ts';
import { rounded } from './figures.ts';
import { inBenchFolder } from './folder.ts';
import { cpuSeconds } from './process-figures.ts';

export interface LoopBench {
  readonly perSecond: number;
  readonly payloadBytes: number;
  readonly seconds: number;
  /** Messages that were acknowledged, of those that were sent. */
  readonly acknowledged: number;
  readonly sent: number;
  /** Milliseconds by which the broker's event loop was late. */
  readonly delayMs: Delays;
  /** The same broker with nobody connected. */
  readonly quietMs: Delays;
  readonly cpuShareOfCore: number;
  readonly targetP99Ms: number;
}

export const LOOP_TARGET_MS = 20;
const PER_SECOND = 5000;
const PUBLISHERS = 50;
const PAYLOAD_BYTES = 256;
/** A slice has one message of each publisher. */
const SLICE_MS = (1000 * PUBLISHERS) / PER_SECOND;

/** How late the broker's loop runs while 5,000 messages a second are taken in and kept for a session that is away. */
export function benchLoop({ seconds }: { seconds: number }): Promise<LoopBench> {
  return inBenchFolder(async (dir) => {
    const broker = ownBroker({ dir, nodeArgs: PROBE_ARGS });
    try {
      const port = await broker.start();
      await away(port, 'wp/1/bench/#');
      await wait(systemClock, 1000);
      const probe = () => loopDelays(dir);
      await probe();
      await wait(systemClock, Math.min(seconds, 5) * 1000);
      const quietMs = await probe();
      return { ...(await measured({ broker, port, seconds, probe })), quietMs, targetP99Ms: LOOP_TARGET_MS };
    } finally {
      await broker.stop();
    }
  });
}

interface Measurement {
  readonly broker: BrokerProcess;
  readonly port: number;
  readonly seconds: number;
  readonly probe: () => Promise<Delays>;
}

async function measured({ broker, port, seconds, probe }: Measurement) {
  const load = new PacedLoad();
  await load.start(port);
  // Code is compiled by then, on both sides.
  await wait(systemClock, Math.min(2, seconds) * 1000);
  await probe();
  const cpu = cpuSeconds(broker.pid);
  const before = { sent: load.sent, acknowledged: load.acknowledged };
  await wait(systemClock, seconds * 1000);
  const cpuShareOfCore = rounded((cpuSeconds(broker.pid) - cpu) / seconds);
  const delayMs = await probe();
  const [sent, acknowledged] = [load.sent - before.sent, load.acknowledged - before.acknowledged];
  load.stop();
  return {
    perSecond: PER_SECOND,
    payloadBytes: PAYLOAD_BYTES,
    seconds,
    sent,
    acknowledged,
    delayMs,
    cpuShareOfCore,
  };
}

/** Messages at a fixed rate, whatever the broker does; it may fall behind, which `acknowledged` shows. */
class PacedLoad {
  sent = 0;
  acknowledged = 0;
  readonly #clients: WireClient[] = [];
  readonly #moulds: PublishMould[] = [];
  #cancel: () => void = () => undefined;

  async start(port: number): Promise<void> {
    for (let n = 0; n < PUBLISHERS; n += 1) {
      const client = await WireClient.connect({ port, clientId: `bench.l${n}` });
      client.onFrame = (frame) => {
        if (frame.type === PACKET.puback && messageIdOf(frame) > 0) this.acknowledged += 1;
      };
      this.#clients.push(client);
      this.#moulds.push(new PublishMould(`wp/1/bench/l${n}`, PAYLOAD_BYTES));
    }
    const beganMs = performance.now();
    this.#cancel = systemClock.every(SLICE_MS / 2, () => this.#send(performance.now() - beganMs));
  }

  stop(): void {
    this.#cancel();
    for (const { socket } of this.#clients) socket.destroy();
  }

  #send(elapsedMs: number): void {
    const due = (elapsedMs / 1000) * PER_SECOND;
    for (; this.sent < due; this.sent += 1) {
      const n = this.sent % PUBLISHERS;
      const messageId = (Math.floor(this.sent / PUBLISHERS) % 60_000) + 1;
      this.#clients[n]?.socket.write(this.#moulds[n]?.packet(messageId, this.sent) ?? '');
    }
  }
}
