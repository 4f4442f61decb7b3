/** Who may interrupt whom, strongest first (DESIGN promise 4). */
export const VOICE_PRIORITIES = ['talk-back', 'alarm', 'hazard', 'guidance', 'ambient'] as const;
export type VoicePriority = (typeof VOICE_PRIORITIES)[number];

/** Decibels against the clip as it was rendered, 0 or below. A function is asked again and again while it plays. */
export type Gain = number | (() => number);

/** Sound in memory: 16-bit samples, one channel, little-endian. It is played and never written anywhere. */
export interface Recording {
  /** For the log. */
  readonly name: string;
  readonly sampleRate: number;
  readonly data: Buffer;
}

/** Plays sound files to the device it was made for. */
export interface Speaker {
  /** Whether two clips may be played at a time and are both heard; otherwise one at a time. Default: no. */
  readonly mixes?: boolean;
  /** Whether what is played now goes to a sound device; asks it. Never rejects. Default: yes. */
  isThere?(): Promise<boolean>;
  start(): Promise<void>;
  /**
   * Resolves when the clip (a WAV file, or a recording) has been heard to its end or was stopped; rejects with WP25xx when
   * it cannot be played. A recording that goes to no sound device is rejected: nobody hears it.
   */
  play(sound: string | Recording, signal: AbortSignal, gain?: Gain): Promise<void>;
  close(): Promise<void>;
}

/** Lets somebody else have the loudspeaker for a moment. */
export interface LendVoice {
  /**
   * Runs `use` while nothing is said or waits to be said; the first who has something to say takes the speaker back by
   * the signal. `busy`: it was not run. Rejects as `use` does.
   */
  lend(
    use: (speaker: Speaker, signal: AbortSignal) => Promise<void>,
  ): Promise<'done' | 'interrupted' | 'busy'>;
}

/** For whoever asks for prompts that may be out of date before they are over. */
export interface TakeBack {
  /** Ends this request alone, whether it is being said or waits; others of its priority go on. */
  takeBack(request: VoiceRequest): void;
}

/** Says what somebody says now, above everything else. */
export interface SpeakAloud {
  /**
   * Resolves with its length in milliseconds when it was heard to its end. Rejects with WP7101 while another is, WP7104
   * when the signal or the end of the agent cut it short, WP25xx when it cannot be heard.
   */
  speak(recording: Recording, signal: AbortSignal): Promise<number>;
}

/** What is being said now. */
export interface Utterance {
  readonly key: string;
  readonly language: string;
}

/** Speaks prompts of the catalogue, one after another in the device's languages. */
export interface Voice {
  /** Queues by priority; a stronger prompt pre-empts a weaker one. `repeatEveryMs` says it again until replaced. */
  say(request: VoiceRequest): void;
  /** Ends what was said or is queued under this priority. */
  hush(priority: VoicePriority): void;
  readonly speaking: Utterance | null;
  onChange(listener: (speaking: Utterance | null) => void): () => void;
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface VoiceRequest {
  readonly key: string;
  readonly priority: VoicePriority;
  /** Default: the profile's, in its order. */
  readonly languages?: readonly string[];
  readonly repeatEveryMs?: number;
}
