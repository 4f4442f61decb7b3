import { TALK_SAMPLE_RATE } from '#contract/talk.ts';
import { wavFileOf } from './wav-file.ts';

/** Browsers lend a microphone to pages that came over HTTPS or from this machine only. */
export const canRecord = (): boolean => 'mediaDevices' in navigator && 'MediaRecorder' in window;

/** The dispatcher's microphone, from `start` to `stop` or `discard`. */
export class Recorder {
  readonly #stream: MediaStream;
  readonly #recorder: MediaRecorder;
  readonly #chunks: Blob[] = [];

  private constructor(stream: MediaStream) {
    this.#stream = stream;
    this.#recorder = new MediaRecorder(stream);
    this.#recorder.addEventListener('dataavailable', ({ data }) => this.#chunks.push(data));
  }

  /** Rejects where the browser or its user says no, or there is no microphone. */
  static async start(): Promise<Recorder> {
    const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    const recorder = new Recorder(await navigator.mediaDevices.getUserMedia({ audio }));
    recorder.#recorder.start();
    return recorder;
  }

  /** What was said, as devices play it. Rejects when the browser cannot read its own recording. */
  async stop(): Promise<Blob> {
    const stopped = new Promise((resolve) =>
      this.#recorder.addEventListener('stop', resolve, { once: true }),
    );
    this.discard();
    await stopped;
    // Decoded into a context of the rate that is wanted, it is resampled on the way.
    const context = new OfflineAudioContext(1, 1, TALK_SAMPLE_RATE);
    const audio = await context.decodeAudioData(await new Blob(this.#chunks).arrayBuffer());
    return wavFileOf(mixed(audio));
  }

  /** Lets go of the microphone. Idempotent. */
  discard(): void {
    if (this.#recorder.state !== 'inactive') this.#recorder.stop();
    for (const track of this.#stream.getTracks()) track.stop();
  }
}

function mixed(audio: AudioBuffer): Float32Array {
  const channels = Array.from({ length: audio.numberOfChannels }, (_none, n) => audio.getChannelData(n));
  return Float32Array.from({ length: audio.length }, (_none, at) => {
    const sum = channels.reduce((total, samples) => total + (samples[at] ?? 0), 0);
    return sum / channels.length;
  });
}
