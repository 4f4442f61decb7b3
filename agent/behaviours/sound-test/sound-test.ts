import { writeFile } from 'node:fs/promises';
import type { Cancel } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { EventRecorder } from '../../ports/events.ts';
import type { Memory } from '../../ports/memory.ts';
import type { Microphone } from '../../ports/microphone.ts';
import type { LendVoice, Speaker } from '../../ports/speaker.ts';
import { localTimeIn } from '../../ports/time-of-day.ts';
import type { SoundTestSettings } from '../../ports/voice-settings.ts';
import { matchOf } from './matched-filter.ts';
import { SAMPLE_RATE, sweep } from './sweep.ts';
import { TestDays } from './test-days.ts';
import { failed, MAX_DELAY_MS, type Verdict, verdictOf } from './verdict.ts';

const LOOK_EVERY_MS = 60_000;
/** A player or microphone that hangs is given up then. */
const LIMIT_MS = 20_000;
/** Listened to from the sound's beginning on: the latest that counts, the sweep, and a margin. */
const WINDOW_MS = MAX_DELAY_MS + 500;

export interface SoundTestParts {
  readonly settings: SoundTestSettings;
  readonly timeZone: string;
  readonly microphone: Microphone;
  /** Lets the test have the loudspeaker while nobody speaks, and takes it back for the first who does. */
  readonly voice: LendVoice;
  /** Of the test sound, as a WAV file; made by whoever knows the format. */
  readonly sound: { readonly file: string; readonly bytes: (samples: Int16Array, rate: number) => Buffer };
  /** Whether a call for help is open: nothing is tested beside it. */
  readonly isCalling: () => boolean;
  readonly onVerdict: (verdict: Verdict) => void;
  readonly recorder: EventRecorder;
  /** Where the day of the last test is kept. */
  readonly memory: Memory;
  readonly clock: DeviceClock;
  readonly log: Log;
}

/**
 * Hears whether the device can be heard: a chirp goes out by the loudspeaker and is looked for at the microphone. What
 * the microphone hears is judged in memory and forgotten. Daily at its time, never during a call for help.
 */
export class SoundTest {
  readonly #parts: SoundTestParts;
  readonly #days: TestDays;
  #stop: Cancel | null = null;
  #running: Promise<unknown> | null = null;

  constructor(parts: SoundTestParts) {
    this.#parts = parts;
    this.#days = new TestDays(parts.memory, parts.settings.at);
  }

  start(): void {
    const { clock, timeZone } = this.#parts;
    const localTime = localTimeIn(timeZone);
    this.#stop ??= clock.every(LOOK_EVERY_MS, () => this.#look(localTime));
  }

  /** Idempotent. A test that runs is waited for: the voice, closed before, has ended it. */
  async close(): Promise<void> {
    this.#stop?.();
    this.#stop = null;
    await this.#running;
  }

  /** At once. Rejects with WP2110 while a call for help is open, WP2518 while or as soon as the voice is needed. */
  async run(): Promise<Verdict> {
    const { isCalling, recorder, onVerdict } = this.#parts;
    if (isCalling()) throw new WatchpostError('WP2110');
    if (this.#running !== null) throw new WatchpostError('WP2518', { detail: 'a test is running' });
    const testing = this.#test();
    this.#running = testing.catch(() => undefined);
    try {
      const verdict = await testing;
      recorder.recordEvent('wp.sound.tested.v1', verdict);
      onVerdict(verdict);
      return verdict;
    } finally {
      this.#running = null;
    }
  }

  /** Until it was made once that day; never throws: a timer calls it. */
  #look(localTime: ReturnType<typeof localTimeIn>): void {
    const { clock, log } = this.#parts;
    if (clock.quality() === 'unset' || this.#running !== null) return;
    const now = localTime(clock.wallMs());
    try {
      if (!this.#days.isDue(now)) return;
    } catch (error) {
      log.warn({ err: error }, 'sound-test.day-not-known');
      return;
    }
    this.run()
      .then(() => this.#days.made(now.date))
      .catch((error: unknown) => log.info({ err: error }, 'sound-test.put-off'));
  }

  async #test(): Promise<Verdict> {
    const { voice, sound } = this.#parts;
    const sent = sweep();
    await writeFile(sound.file, sound.bytes(sent, SAMPLE_RATE), { mode: 0o600 });
    let verdict = failed('not-heard');
    const outcome = await voice.lend(async (speaker, signal) => {
      verdict = await this.#listen(sent, speaker, signal);
    });
    if (outcome === 'done') return verdict;
    throw new WatchpostError('WP2518', { detail: outcome });
  }

  async #listen(sent: Int16Array, speaker: Speaker, signal: AbortSignal): Promise<Verdict> {
    const { microphone, settings, sound, clock, log } = this.#parts;
    const maxSamples = SAMPLE_RATE * 60;
    const limit = new AbortController();
    const either = AbortSignal.any([signal, limit.signal]);
    const cancel = clock.after(LIMIT_MS, () => limit.abort());
    try {
      const listening = await microphone.listen({ sampleRate: SAMPLE_RATE, maxSamples, signal: either });
      const from = listening.samples;
      const until = from + (WINDOW_MS * SAMPLE_RATE) / 1000;
      const ends = await Promise.allSettled([speaker.play(sound.file, either), listening.until(until)]);
      const heard = await listening.end();
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
      const verdict = verdictOf(await matchOf(heard.subarray(from, until), sent), settings.minLevelDb);
      // A sound device that went away while the test was made says nothing about how loud it was.
      if (verdict.cause === 'not-heard' && (await speaker.isThere?.()) === false) return failed('not-played');
      return verdict;
    } catch (cause) {
      if (!signal.aborted) log.warn({ err: cause }, 'sound-test.not-made');
      const isMicrophone = cause instanceof WatchpostError && cause.code === 'WP2517';
      return failed(isMicrophone ? 'no-microphone' : 'not-played');
    } finally {
      cancel();
    }
  }
}
