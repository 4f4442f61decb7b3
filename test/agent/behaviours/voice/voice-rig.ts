import { VoiceArbiter, type VoiceParts } from '#agent/behaviours/voice/arbiter.ts';
import type { ClipLibrary } from '#agent/behaviours/voice/clips.ts';
import type { VoiceHealth } from '#agent/behaviours/voice/voice-health.ts';
import type { Gain, Speaker } from '#agent/ports/speaker.ts';
import type { Log } from '#contract/log.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

/** How long every clip of the rig lasts. */
export const CLIP_MS = 1000;

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};

/** Every prompt in every language, as `key@language`. */
export const allClips: ClipLibrary = {
  find: (key, language) => ({ key, language, text: key, file: `${key}@${language}`, durationMs: CLIP_MS }),
};

/** A speaker whose players end, fail or hang as told. */
export class TestSpeaker implements Speaker {
  readonly #clock: ManualClock;
  readonly began: string[] = [];
  readonly finished: string[] = [];
  readonly stopped: string[] = [];
  /** Whether it plays two clips at a time. */
  mixes = false;
  /** The gain of each clip that is playing, by file. */
  readonly gains = new Map<string, Gain>();
  mode: 'plays' | 'fails' | 'hangs' | 'deaf' | 'lingers' = 'plays';
  /** Most that played at the same time. */
  mostAtOnce = 0;
  #now = 0;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  async play(file: string, signal: AbortSignal, gain: Gain = 0): Promise<void> {
    this.began.push(file);
    this.gains.set(file, gain);
    this.#now += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#now);
    try {
      await this.#perform(file, signal);
    } finally {
      this.#now -= 1;
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** What a clip is heard at now, in dB. */
  db(file: string): number | undefined {
    const gain = this.gains.get(file);
    return typeof gain === 'function' ? gain() : gain;
  }

  #perform(file: string, signal: AbortSignal): Promise<void> {
    if (this.mode === 'fails') return Promise.reject(new TypeError('broken cone'));
    return new Promise((resolve) => {
      if (this.mode === 'deaf') return;
      const cancel =
        this.mode === 'hangs'
          ? () => undefined
          : this.#clock.after(CLIP_MS, () => {
              this.finished.push(file);
              resolve();
            });
      signal.addEventListener('abort', () => {
        cancel();
        this.stopped.push(file);
        if (this.mode === 'lingers') this.#clock.after(100, resolve);
        else resolve();
      });
    });
  }
}

export interface Rig {
  readonly clock: ManualClock;
  readonly speaker: TestSpeaker;
  readonly voice: VoiceArbiter;
  readonly health: VoiceHealth[];
  /** What `speaking` became, `key@language` or `-`. */
  readonly said: string[];
}

/** A voice over a test speaker, started and ready. */
export async function rig(parts: Partial<VoiceParts> = {}): Promise<Rig> {
  const clock = new ManualClock();
  const speaker = new TestSpeaker(clock);
  const health: VoiceHealth[] = [];
  const said: string[] = [];
  const voice = new VoiceArbiter({
    clock,
    log: silentLog,
    speaker,
    loadClips: () => Promise.resolve(allClips),
    languages: ['zh-CN', 'en'],
    onHealth: (change) => health.push(change),
    ...parts,
  });
  voice.onChange((now) => said.push(now === null ? '-' : `${now.key}@${now.language}`));
  await voice.start();
  await clock.advance(0);
  return { clock, speaker, voice, health, said };
}
