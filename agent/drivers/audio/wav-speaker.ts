import { type FileHandle, open, readFile, rename } from 'node:fs/promises';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { bytesOfMs, parseWav, WAV_HEADER_BYTES, type Wav, wavDurationMs, wavHeader } from '#contract/wav.ts';
import type { Gain, Recording, Speaker } from '../../ports/speaker.ts';
import { dbNow, factorOf, scaled } from './gain.ts';
import { playForMs } from './real-time.ts';

/** How much is written at a time: a stopped prompt leaves at most this much more than was "heard". */
const STEP_MS = 100;

export interface WavSpeakerParts {
  readonly clock: Clock;
  /** Where what is spoken is appended, e.g. DIR/spoken.wav. */
  readonly file: string;
  /** Beyond this the file is renamed to end in .1.wav and begun anew. */
  readonly maxBytes: number;
}

/** A speaker for machines without sound: appends what would be heard to a WAV file, as fast as it would be heard. */
export class WavSpeaker implements Speaker {
  readonly #clock: Clock;
  readonly #file: string;
  readonly #maxBytes: number;
  #isWriting = false;

  constructor({ clock, file, maxBytes }: WavSpeakerParts) {
    this.#clock = clock;
    this.#file = file;
    this.#maxBytes = maxBytes;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  /**
   * One clip is written at a time; one begun beside it (two may come at once from a sound server that went away)
   * takes its time and leaves no trace. Rejects with WP2509 when the clip cannot be read, WP2511 when the file cannot be
   * written, WP2504 for a recording: what somebody says is never kept.
   */
  async play(sound: string | Recording, signal: AbortSignal, gain: Gain = 0): Promise<void> {
    if (typeof sound !== 'string') throw new WatchpostError('WP2504', { detail: 'there is only a file' });
    if (this.#isWriting) {
      await playForMs(this.#clock, wavDurationMs(await readClip(sound)), signal);
      return;
    }
    // Before the clip is read: of two that come at once the first is the one that is written.
    this.#isWriting = true;
    try {
      await this.#append(await readClip(sound), { signal, gain });
    } finally {
      this.#isWriting = false;
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #append(clip: Wav, { signal, gain }: { signal: AbortSignal; gain: Gain }): Promise<void> {
    const output = await this.#open(clip).catch((cause: unknown) => {
      throw new WatchpostError('WP2511', { detail: this.#file, cause });
    });
    try {
      await this.#write(output, clip, { signal, gain });
    } catch (cause) {
      throw new WatchpostError('WP2511', { detail: this.#file, cause });
    } finally {
      await output.handle.close();
    }
  }

  async #write(
    { handle, dataBytes }: Output,
    { sampleRate, data }: Wav,
    { signal, gain }: { signal: AbortSignal; gain: Gain },
  ): Promise<void> {
    const startedMs = this.#clock.monoMs();
    const lengthMs = wavDurationMs({ sampleRate, data });
    for (let written = 0; written < data.length && !signal.aborted; ) {
      const elapsedMs = this.#clock.monoMs() - startedMs;
      await playForMs(this.#clock, Math.min(STEP_MS, Math.max(1, lengthMs - elapsedMs)), signal);
      const heardMs = this.#clock.monoMs() - startedMs;
      const until = heardMs >= lengthMs ? data.length : Math.min(data.length, bytesOfMs(sampleRate, heardMs));
      if (until <= written) continue;
      const at = WAV_HEADER_BYTES + dataBytes + written;
      const factor = factorOf(dbNow(gain));
      await handle.write(scaled(data.subarray(written, until), factor, factor), 0, until - written, at);
      written = until;
      await handle.write(wavHeader(sampleRate, dataBytes + written), 0, WAV_HEADER_BYTES, 0);
    }
  }

  /** The file to append to; a full one, or one of another sample rate or broken, is put aside first. */
  async #open({ sampleRate, data }: Wav): Promise<Output> {
    const before = await this.#soundSoFar(sampleRate);
    if (before !== null && WAV_HEADER_BYTES + before + data.length <= this.#maxBytes)
      return { handle: await open(this.#file, 'r+'), dataBytes: before };
    if (before !== null) await rename(this.#file, this.#file.replace(/(\.wav)?$/, '.1.wav'));
    return { handle: await open(this.#file, 'w', 0o600), dataBytes: 0 };
  }

  /** Bytes of sound in the file, or null when there is no file that can be gone on with. */
  async #soundSoFar(sampleRate: number): Promise<number | null> {
    let handle: FileHandle;
    try {
      handle = await open(this.#file, 'r');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
    try {
      const header = Buffer.alloc(WAV_HEADER_BYTES);
      await handle.read(header, 0, WAV_HEADER_BYTES, 0);
      const sound = (await handle.stat()).size - WAV_HEADER_BYTES;
      const isOurs = sound >= 0 && header.equals(wavHeader(sampleRate, header.readUInt32LE(40)));
      return isOurs ? sound - (sound % 2) : Number.POSITIVE_INFINITY;
    } finally {
      await handle.close();
    }
  }
}

interface Output {
  readonly handle: FileHandle;
  readonly dataBytes: number;
}

async function readClip(file: string): Promise<Wav> {
  try {
    return parseWav(await readFile(file), file);
  } catch (cause) {
    if (cause instanceof WatchpostError) throw cause;
    throw new WatchpostError('WP2509', { detail: file, cause });
  }
}
