import { createHash } from 'node:crypto';
import type { DeviceDirectory } from '#broker/incidents/ports.ts';
import type { DeviceMessenger } from '#broker/persistence/ports.ts';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';
import { TALK_BLOB_PREFIX, TALK_EXPIRES_S, TALK_PIECE_BYTES } from '#contract/talk.ts';
import { downBlobTopic } from '#contract/topics.ts';
import { uuidv7 } from '#contract/uuid.ts';
import type { CommandDesk } from './command-desk.ts';
import type { CommandItem } from './command-rows.ts';
import { samplesOf } from './spoken-message.ts';

export interface TalkDeskParts {
  readonly devices: DeviceDirectory;
  readonly messenger: DeviceMessenger;
  readonly commands: CommandDesk;
  readonly clock: Clock;
}

/** What is left for the command itself, where the pieces took nearly all of the time. */
const LEAST_EXPIRY_S = 2;

/**
 * Lets people speak through devices: the sound goes there piece by piece, each after the device has confirmed the one
 * before, then the command to speak it. The site keeps none of it; who spoke, where and when, and the digest of it, stand
 * in the audit.
 */
export class TalkDesk {
  readonly #parts: TalkDeskParts;
  readonly #busy = new Set<string>();

  constructor(parts: TalkDeskParts) {
    this.#parts = parts;
  }

  /**
   * `body` is a WAV file. Resolves as `CommandDesk.issue` does. Rejects with WP7100 (not such a file), WP3404, WP3405 (not
   * connected), WP7101 (somebody is speaking there), WP7103 (its link is too slow for it).
   */
  async speak(address: DeviceAddress, body: unknown, who: string): Promise<CommandItem> {
    const { devices, messenger } = this.#parts;
    const device = clientIdOf(address);
    if (devices.device(address) === null) throw new WatchpostError('WP3404', { detail: device });
    const samples = samplesOf(body);
    if (!messenger.isConnected(address)) throw new WatchpostError('WP3405', { detail: device });
    if (this.#busy.has(device)) throw new WatchpostError('WP7101', { detail: device });
    this.#busy.add(device);
    try {
      return await this.#speak(address, samples, who);
    } finally {
      this.#busy.delete(device);
    }
  }

  async #speak(address: DeviceAddress, samples: Buffer, who: string): Promise<CommandItem> {
    const { clock, commands } = this.#parts;
    const blob = `${TALK_BLOB_PREFIX}${uuidv7(clock)}`;
    const startedMs = clock.monoMs();
    await this.#send(address, blob, samples);
    const passedS = (clock.monoMs() - startedMs) / 1000;
    const sha256 = createHash('sha256').update(samples).digest('hex');
    const args = { blob, bytes: samples.length, sha256 };
    const expiresInS = Math.max(LEAST_EXPIRY_S, TALK_EXPIRES_S - passedS);
    return commands.issue(address, { name: 'talk', args, expiresInS }, who);
  }

  async #send(address: DeviceAddress, blob: string, samples: Buffer): Promise<void> {
    const { messenger, clock } = this.#parts;
    const late = Promise.withResolvers<never>();
    let isLate = false;
    const cancel = clock.after(TALK_EXPIRES_S * 1000, () => {
      isLate = true;
      late.reject(new WatchpostError('WP7103', { detail: clientIdOf(address) }));
    });
    const sendAll = async () => {
      for (let piece = 0; piece * TALK_PIECE_BYTES < samples.length && !isLate; piece += 1) {
        const bytes = samples.subarray(piece * TALK_PIECE_BYTES, (piece + 1) * TALK_PIECE_BYTES);
        await messenger.deliver(address, downBlobTopic(address, blob, piece), bytes);
      }
    };
    try {
      await Promise.race([sendAll(), late.promise]);
    } finally {
      cancel();
    }
  }
}
