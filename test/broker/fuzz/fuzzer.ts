import { connect } from 'node:net';
import { generate } from 'mqtt-packet';
import type { DeviceAddress } from '#contract/names.ts';
import { upTopic } from '#contract/topics.ts';
import { seeded } from '#test/support/random.ts';
import { connectPacket } from '#test/support/raw-mqtt.ts';
import { type Dice, mutateJson, sketch } from './json-mutator.ts';
import { hostileStream, pieces } from './packet-mutator.ts';

/** The broker has to end a connection whose client has said everything within this, whatever it said. */
const END_WITHIN_MS = 20_000;
const MESSAGES_A_CONNECTION = 20;

/** One attacker: each round is a connection of its own, and the same for the same seed. */
export class Fuzzer {
  /** What the broker did not do as it should, with the seed that shows it again. */
  readonly findings: string[] = [];
  rounds = 0;
  bytes = 0;
  readonly #port: number;
  readonly #address: DeviceAddress;

  constructor(port: number, name: string) {
    this.#port = port;
    this.#address = { site: 'fuzz', device: name };
  }

  /** Plays one round; resolves when the broker has ended the connection. */
  async round(seed: number): Promise<void> {
    const dice = seeded(seed);
    const said = dice(2) === 0 ? hostileStream(dice) : this.#device(dice, seed);
    this.rounds += 1;
    this.bytes += said.length;
    const ended = await this.#say(pieces(dice, said));
    if (!ended) this.findings.push(`seed ${seed}: the connection was not ended`);
  }

  /** A device that is let in and whose messages are not what they should be. */
  #device(dice: Dice, seed: number): Buffer {
    const { site, device } = this.#address;
    const packets = Array.from({ length: MESSAGES_A_CONNECTION }, (_, index) =>
      this.#message(dice, (seed % 100_000) * MESSAGES_A_CONNECTION + index + 1),
    );
    const hello = connectPacket({ clientId: `${site}.${device}`, keepalive: 30 });
    return Buffer.concat([generate(hello), ...packets, generate({ cmd: 'disconnect' })]);
  }

  #message(dice: Dice, seq: number): Buffer {
    const messageId = 1 + (seq % 65_535);
    const qos = dice(4) === 0 ? 0 : dice(6) === 0 ? 2 : 1;
    if (dice(12) === 0) {
      const topic = `${upTopic(this.#address, 'reply').replace('reply', 'blob')}/blob-${dice(3)}/${dice(4)}`;
      const payload = Buffer.alloc(dice(70_000), dice(256));
      return generate({ cmd: 'publish', topic, payload, qos, messageId, retain: false, dup: false });
    }
    const { topic, body } = sketch(dice, this.#address, seq);
    const payload = mutateJson(dice, body);
    return generate({
      cmd: 'publish',
      topic,
      payload,
      qos,
      messageId,
      retain: topic.endsWith('/state'),
      dup: false,
    });
  }

  async #say(parts: readonly Buffer[]): Promise<boolean> {
    const socket = connect({ host: '127.0.0.1', port: this.#port, noDelay: true });
    // That it is cut off is the answer.
    socket.on('error', () => socket.destroy());
    socket.resume();
    const closed = new Promise<boolean>((resolve) => {
      socket.once('close', () => resolve(true));
    });
    for (const part of parts) {
      if (socket.destroyed || socket.writableEnded) break;
      socket.write(part);
      if (parts.length < 50) await new Promise((resolve) => setImmediate(resolve));
    }
    if (!socket.destroyed) socket.end();
    let late: NodeJS.Timeout | undefined;
    const tooLate = new Promise<boolean>((resolve) => {
      late = setTimeout(() => resolve(false), END_WITHIN_MS);
    });
    const isClosed = await Promise.race([closed, tooLate]);
    clearTimeout(late);
    socket.destroy();
    return isClosed;
  }
}
