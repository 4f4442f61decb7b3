import { generate, type Packet } from 'mqtt-packet';
import { systemClock, wait } from '#contract/clock.ts';
import { DISTURBERS } from './broker-disturbers.ts';
import { eventOf } from './broker-event.ts';
import { ownBroker } from './broker-process.ts';
import { messageIdOf, PACKET, payloadAt, pubackOf, WireClient } from './broker-wire.ts';
import { rounded, type Spread, spread } from './figures.ts';
import { inBenchFolder } from './folder.ts';

export interface IsolationBench {
  readonly rounds: number;
  readonly secondsEach: number;
  readonly messagesPerSecond: number;
  /** By disturber. */
  readonly beside: Readonly<Record<string, Isolation>>;
  /** The worst of the p99 ratios. */
  readonly ratio: number;
  readonly target: number;
}

interface Isolation {
  /** Milliseconds from the publisher's write to the subscriber, without and with the disturber. */
  readonly calmMs: Spread;
  readonly disturbedMs: Spread;
  readonly ratioP99: number;
  /** Of all that was sent in both, what did not arrive, or not in order. */
  readonly missing: number;
}

export const ISOLATION_TARGET = 2;
const DEVICES = 10;
/** Each message of a device, and the pictures' worth of bytes that one more says beside them, in both runs. */
const EVERY_MS = 50;
const SMALL_BYTES = 0;
const BULK_BYTES = 50_000;
const BULK_EVERY_MS = 40;

/**
 * Devices at a steady rate and a subscriber that hears them, with the limits that a site has by default: some seconds
 * undisturbed, as many beside a disturber, in turns.
 */
export function benchIsolation({
  rounds,
  secondsEach,
}: {
  rounds: number;
  secondsEach: number;
}): Promise<IsolationBench> {
  return inBenchFolder(async (dir) => {
    const broker = ownBroker({ dir, limits: 'default' });
    try {
      const port = await broker.start();
      await exchange(port, secondsEach, 'warm');
      const beside: Record<string, Isolation> = {};
      for (const [index, [name, disturb]] of Object.entries(DISTURBERS).entries()) {
        const [calm, disturbed] = [new Heard(), new Heard()];
        for (let round = 0; round < rounds; round += 1) {
          const tag = `${index}-${round}`;
          calm.add(await exchange(port, secondsEach, `calm-${tag}`));
          const end = await disturb(port);
          disturbed.add(await exchange(port, secondsEach, `with-${tag}`));
          end();
          await wait(systemClock, 500);
        }
        beside[name] = compared(calm, disturbed);
      }
      const ratio = Math.max(...Object.values(beside).map(({ ratioP99 }) => ratioP99));
      const messagesPerSecond = (DEVICES * 1000) / EVERY_MS;
      return { rounds, secondsEach, messagesPerSecond, beside, ratio, target: ISOLATION_TARGET };
    } finally {
      await broker.stop();
    }
  });
}

class Heard {
  readonly ms: number[] = [];
  missing = 0;

  add(other: Heard): void {
    this.ms.push(...other.ms);
    this.missing += other.missing;
  }
}

function compared(calm: Heard, disturbed: Heard): Isolation {
  const [calmMs, disturbedMs] = [spread(calm.ms), spread(disturbed.ms)];
  return {
    ...{ calmMs, disturbedMs, ratioP99: rounded(disturbedMs.p99 / calmMs.p99) },
    missing: calm.missing + disturbed.missing,
  };
}

const PUBLISH = { cmd: 'publish', qos: 1, retain: false, dup: false } as const;
/** What has not arrived this long after the last was sent is missing. */
const LATE_MS = 3000;

/** One stretch: answers the delays of the small messages, and how many came not at all or out of order. */
async function exchange(port: number, seconds: number, site: string): Promise<Heard> {
  const heard = new Heard();
  const sentAt = new Map<string, number>();
  const expected = new Map<string, number>();
  const live = await WireClient.connect({ port, clientId: `svc.live-${site}` });
  await live.subscribe(`wp/1/${site}/+/up/event`);
  const answers: Buffer[] = [];
  live.onFrame = (frame) => {
    if (frame.type !== PACKET.publish) return;
    answers.push(pubackOf(messageIdOf(frame)));
    const { source, wpseq } = JSON.parse(frame.bytes.toString('utf8', payloadAt(frame), frame.end));
    const name = `${source} ${wpseq}`;
    const at = sentAt.get(name);
    if (at !== undefined) heard.ms.push(performance.now() - at);
    if (wpseq !== (expected.get(source) ?? 0) + 1) heard.missing += 1;
    expected.set(source, wpseq);
    sentAt.delete(name);
  };
  live.onRead = () => {
    if (answers.length > 0) live.socket.write(Buffer.concat(answers.splice(0)));
  };
  const devices = await Promise.all(
    Array.from({ length: DEVICES + 1 }, (_, n) => WireClient.connect({ port, clientId: `${site}.d${n}` })),
  );
  let seq = 0;
  const say = (n: number, number: number, padBytes: number): void => {
    const event = eventOf({ site, device: `d${n}` }, number, padBytes);
    const packet: Packet = { ...PUBLISH, ...event, messageId: (number % 65_000) + 1 };
    if (n < DEVICES) sentAt.set(`/wp/${site}/d${n} ${number}`, performance.now());
    devices[n]?.socket.write(generate(packet));
  };
  const cancelSmall = systemClock.every(EVERY_MS, () => {
    seq += 1;
    for (let n = 0; n < DEVICES; n += 1) say(n, seq, SMALL_BYTES);
  });
  let bulk = 0;
  const cancelBulk = systemClock.every(BULK_EVERY_MS, () => {
    bulk += 1;
    say(DEVICES, bulk, BULK_BYTES);
  });
  await wait(systemClock, seconds * 1000);
  cancelSmall();
  cancelBulk();
  for (let n = 0; n < LATE_MS / 50 && sentAt.size > 0; n += 1) await wait(systemClock, 50);
  heard.missing += sentAt.size;
  for (const { socket } of [live, ...devices]) socket.destroy();
  return heard;
}
