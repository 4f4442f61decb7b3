import type { Clock } from '#contract/clock.ts';
import type { Utterance, Voice, VoicePriority, VoiceRequest } from '../../ports/speaker.ts';

/** An alarm's way to the site and back takes about this long where the link is good; nobody hears the difference. */
const BEHIND_MS = 25;

/**
 * The voice for those who raise alarms: what it is told happens a moment later, in order. Starting a player keeps the
 * process busy for some milliseconds, just when the alarm goes out and its receipt comes back (measured: a quarter of
 * the time from the edge to the lamp).
 */
export class VoiceBehindAlarm implements Voice {
  readonly #voice: Voice;
  readonly #clock: Clock;

  constructor(voice: Voice, clock: Clock) {
    this.#voice = voice;
    this.#clock = clock;
  }

  get speaking(): Utterance | null {
    return this.#voice.speaking;
  }

  say(request: VoiceRequest): void {
    this.#clock.after(BEHIND_MS, () => this.#voice.say(request));
  }

  hush(priority: VoicePriority): void {
    this.#clock.after(BEHIND_MS, () => this.#voice.hush(priority));
  }

  onChange(listener: (speaking: Utterance | null) => void): () => void {
    return this.#voice.onChange(listener);
  }

  start(): Promise<void> {
    return this.#voice.start();
  }

  close(): Promise<void> {
    return this.#voice.close();
  }
}
