import type { Cancel, Clock, MonoMs } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type {
  Gain,
  LendVoice,
  Recording,
  SpeakAloud,
  Speaker,
  TakeBack,
  Utterance,
  Voice,
  VoicePriority,
  VoiceRequest,
} from '../../ports/speaker.ts';
import { type Clip, type ClipLibrary, noClips } from './clips.ts';
import { DUCK_DB, INTERRUPTIONS, mayBeDucked } from './interruptions.ts';
import { endedOrStopped, pause, playClip } from './playback.ts';
import { isSamePrompt, type Prompt, PromptQueue } from './prompt-queue.ts';
import { promptOfSpoken, type Spoken, spokenOf } from './spoken.ts';
import { HealthReport, type VoiceHealth } from './voice-health.ts';
import { within } from './within.ts';

/** Silence at least this long before a prompt is said again, so that weaker ones and people can be heard. */
export const LEAST_PAUSE_MS = 3000;

/** A sound device that is not ready by then is tried all the same at the first prompt. */
export const OPEN_LIMIT_MS = 5000;

export interface VoiceParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly speaker: Speaker;
  /** `() => loadClips(dir)`; a rejection leaves the device silent and says so. */
  readonly loadClips: () => Promise<ClipLibrary>;
  /** The profile's, in its order. */
  readonly languages: readonly string[];
  /** How loud a prompt is to be said now, in dB, 0 or below; default: as it was rendered. */
  readonly volumeDb?: (priority: VoicePriority) => number;
  /** Silence between the languages of a prompt now, for a siren to be heard in between; default: none. */
  readonly breathMs?: (priority: VoicePriority) => number;
  /** Called once a change, never for the same trouble twice. */
  readonly onHealth: (health: VoiceHealth) => void;
}

interface Saying {
  readonly prompt: Prompt;
  readonly stop: AbortController;
  /** Set when interrupted by something stronger: to be said again from the language it was cut off in. */
  resume: 'resume' | 'drop';
  /** What is heard of it now. */
  utterance: Utterance | null;
}

/**
 * Decides what is heard: the strongest prompt, in one language after another. Calls return at once and never
 * throw; nothing a player or a missing clip does holds up the next prompt (docs/voice.md has the rules).
 */
export class VoiceArbiter implements Voice, LendVoice, TakeBack, SpeakAloud {
  readonly #parts: VoiceParts;
  readonly #health: HealthReport;
  readonly #queue = new PromptQueue();
  readonly #listeners = new Set<(speaking: Utterance | null) => void>();
  readonly #missing = new Set<string>();
  #clips: ClipLibrary = noClips;
  #state: 'new' | 'opening' | 'open' | 'closed' = 'new';
  #saying: Saying | null = null;
  /** Goes on quietly while something stronger is being said. */
  #beneath: Saying | null = null;
  #lent: AbortController | null = null;
  #spoken: Spoken | null = null;
  readonly #running = new Set<Promise<void>>();
  #speaking: Utterance | null = null;
  #cancelDue: Cancel = () => undefined;

  constructor(parts: VoiceParts) {
    this.#parts = parts;
    this.#health = new HealthReport((health) => this.#guard(() => parts.onHealth(health)));
  }

  get speaking(): Utterance | null {
    return this.#speaking;
  }

  /** Of what is heard now. */
  get priority(): VoicePriority | null {
    return this.#speaking === null ? null : (this.#saying?.prompt.priority ?? null);
  }

  onChange(listener: (speaking: Utterance | null) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Resolves at once: the clips and the sound device get ready behind it, what is said meanwhile waits. */
  async start(): Promise<void> {
    if (this.#state !== 'new') return;
    this.#state = 'opening';
    void this.#open();
  }

  say(request: VoiceRequest): void {
    if (this.#state === 'closed') return;
    const prompt = this.#promptOf(request);
    if (!this.#goesOn(prompt)) this.#enter(prompt);
  }

  async speak(recording: Recording, signal: AbortSignal): Promise<number> {
    if (this.#state !== 'open' || signal.aborted) throw new WatchpostError('WP7104');
    if (this.#spoken !== null) throw new WatchpostError('WP7101');
    const { spoken, heard } = spokenOf(recording);
    this.#spoken = spoken;
    const prompt = promptOfSpoken(spoken, this.#parts.clock);
    const stop = () => {
      this.#takeOut(prompt);
      spoken.end({ ended: 'stopped', error: null });
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      this.#enter(prompt);
      return await heard;
    } finally {
      signal.removeEventListener('abort', stop);
      this.#spoken = null;
    }
  }

  #enter(prompt: Prompt): void {
    for (const dropped of this.#queue.add(prompt)) this.#logDropped(dropped);
    this.#lent?.abort();
    this.#makeWayFor(prompt);
    this.#pump();
  }

  hush(priority: VoicePriority): void {
    this.#queue.removePriority(priority);
    for (const saying of this.#allSaying()) {
      if (saying.prompt.priority === priority) this.#interrupt(saying, 'drop');
    }
    this.#pump();
  }

  takeBack(request: VoiceRequest): void {
    this.#takeOut(this.#promptOf(request));
  }

  #takeOut(prompt: Prompt): void {
    this.#queue.remove(prompt);
    for (const saying of this.#allSaying()) {
      if (isSamePrompt(saying.prompt, prompt)) this.#interrupt(saying, 'drop');
    }
    this.#pump();
  }

  async lend(
    use: (speaker: Speaker, signal: AbortSignal) => Promise<void>,
  ): Promise<'done' | 'interrupted' | 'busy'> {
    if (this.#state !== 'open' || this.#lent !== null || this.#allSaying().length > 0) return 'busy';
    const lent = new AbortController();
    this.#lent = lent;
    try {
      await endedOrStopped(this.#parts.clock, use(this.#parts.speaker, lent.signal), lent.signal);
      return lent.signal.aborted ? 'interrupted' : 'done';
    } finally {
      this.#lent = null;
      this.#pump();
    }
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#queue.clear();
    this.#cancelDue();
    this.#lent?.abort();
    this.#spoken?.end({ ended: 'stopped', error: null });
    for (const saying of this.#allSaying()) this.#interrupt(saying, 'drop');
    await Promise.all(this.#running);
    await within(this.#parts.clock, OPEN_LIMIT_MS, this.#parts.speaker.close()).catch((error: unknown) =>
      this.#parts.log.warn({ error }, 'voice.speaker-close-failed'),
    );
  }

  async #open(): Promise<void> {
    const { clock, speaker, loadClips } = this.#parts;
    const clips = within(clock, OPEN_LIMIT_MS, Promise.resolve().then(loadClips));
    const ready = within(
      clock,
      OPEN_LIMIT_MS,
      Promise.resolve().then(() => speaker.start()),
    );
    this.#clips = await clips.catch((cause: unknown) => {
      this.#health.set('clips', asVoiceError('WP2503', cause));
      return noClips;
    });
    await ready.catch((cause: unknown) => this.#health.set('player', asVoiceError('WP2504', cause)));
    if (this.#state !== 'opening') return;
    this.#state = 'open';
    this.#pump();
  }

  #promptOf({ key, priority, languages, repeatEveryMs }: VoiceRequest): Prompt {
    const nowMs = this.#parts.clock.monoMs();
    return {
      key,
      priority,
      languages: languages ?? this.#parts.languages,
      repeatEveryMs: repeatEveryMs ?? null,
      askedAtMs: nowMs,
      nextLanguage: 0,
      dueAtMs: nowMs,
    };
  }

  #allSaying(): Saying[] {
    return [this.#saying, this.#beneath].filter((saying) => saying !== null);
  }

  /** What is being said already is not begun again; it only takes over how often it is to be repeated. */
  #goesOn(prompt: Prompt): boolean {
    const same = this.#allSaying().find(
      (saying) => !saying.stop.signal.aborted && isSamePrompt(saying.prompt, prompt),
    );
    if (same === undefined) return false;
    same.prompt.repeatEveryMs = prompt.repeatEveryMs;
    return true;
  }

  #makeWayFor({ priority }: Prompt): void {
    for (const saying of this.#allSaying()) {
      const rule = INTERRUPTIONS[priority][saying.prompt.priority];
      if (rule === 'duck') this.#duck(saying);
      else if (rule !== undefined) this.#interrupt(saying, rule);
    }
  }

  #duck(saying: Saying): void {
    if (saying === this.#beneath) return;
    if (saying.stop.signal.aborted || this.#parts.speaker.mixes !== true) this.#interrupt(saying, 'drop');
    else {
      this.#beneath = saying;
      this.#saying = null;
    }
  }

  #interrupt(saying: Saying, resume: 'resume' | 'drop'): void {
    const stoppedBefore = saying.stop.signal.aborted;
    saying.resume = stoppedBefore && saying.resume === 'drop' ? 'drop' : resume;
    if (!stoppedBefore) saying.stop.abort();
  }

  /** Begins the next prompt if nothing is being said, and sets the timer for what falls due later. */
  #pump(): void {
    if (this.#state !== 'open') return;
    const nowMs = this.#parts.clock.monoMs();
    if (this.#saying === null && this.#lent === null) {
      const prompt = this.#queue.take(nowMs);
      if (prompt !== null) this.#begin(prompt);
    }
    this.#waitForDue(nowMs);
  }

  #waitForDue(nowMs: MonoMs): void {
    this.#cancelDue();
    this.#cancelDue = () => undefined;
    const dueMs = this.#queue.nextDueMs(nowMs);
    if (dueMs === null) return;
    this.#cancelDue = this.#parts.clock.after(dueMs - nowMs, () => {
      const due = this.#queue.strongestDue(this.#parts.clock.monoMs());
      if (due !== null) {
        this.#lent?.abort();
        this.#makeWayFor(due);
      }
      this.#pump();
    });
  }

  #begin(prompt: Prompt): void {
    const saying: Saying = { prompt, stop: new AbortController(), resume: 'drop', utterance: null };
    this.#saying = saying;
    const running = this.#sayAll(saying)
      .catch((error: unknown) => {
        this.#parts.log.error({ error, key: prompt.key }, 'voice.prompt-failed');
        prompt.spoken?.end({ ended: 'finished', error: new WatchpostError('WP2505', { cause: error }) });
        this.#end(saying, this.#parts.clock.monoMs());
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #sayAll(saying: Saying): Promise<void> {
    const { prompt, stop } = saying;
    const beganMs = this.#parts.clock.monoMs();
    for (; prompt.nextLanguage < prompt.languages.length; prompt.nextLanguage += 1) {
      const clip = this.#clipOf(prompt);
      if (clip !== null) await this.#sayOne(clip, saying);
      if (stop.signal.aborted) break;
      if (clip !== null && prompt.nextLanguage + 1 < prompt.languages.length) await this.#breathe(saying);
    }
    // A prompt without any clip ends within say() or a timer: the next must not begin inside that call.
    await Promise.resolve();
    this.#end(saying, beganMs);
  }

  async #sayOne(clip: Clip, saying: Saying): Promise<void> {
    saying.utterance = { key: clip.key, language: clip.language };
    if (saying === this.#saying) this.#setSpeaking(saying.utterance);
    const player = { ...this.#parts, gain: this.#gainOf(saying) };
    const { error, ended } = await playClip(player, clip, saying.stop.signal);
    if (error !== null) this.#parts.log.warn({ code: error.code, file: clip.file }, 'voice.not-heard');
    if (error !== null || ended === 'finished') this.#health.set('player', error);
    saying.prompt.spoken?.end({ ended, error });
  }

  async #breathe(saying: Saying): Promise<void> {
    const { clock, breathMs = () => 0 } = this.#parts;
    const ms = breathMs(saying.prompt.priority);
    if (ms === 0) return;
    saying.utterance = null;
    if (saying === this.#saying) this.#setSpeaking(null);
    await pause(clock, ms, saying.stop.signal);
  }

  /** A prompt that nothing ducks has one gain: the speaker is given all of it, and this process may stall unheard. */
  #gainOf(saying: Saying): Gain {
    const { speaker, volumeDb = () => 0 } = this.#parts;
    const { priority } = saying.prompt;
    if (speaker.mixes !== true || !mayBeDucked(priority)) return volumeDb(priority);
    return () => volumeDb(priority) + (saying === this.#beneath ? DUCK_DB : 0);
  }

  #clipOf({ key, languages, nextLanguage, spoken }: Prompt): Clip | null {
    if (spoken !== undefined) return spoken.clip;
    const language = languages[nextLanguage] ?? '';
    const clip = this.#clips.find(key, language);
    const name = `${language}/${key}`;
    if (clip === null && !this.#missing.has(name)) {
      this.#missing.add(name);
      this.#parts.log.warn({ code: 'WP2501', key, language }, 'voice.prompt-missing');
      this.#health.set('prompt', new WatchpostError('WP2501', { detail: name }));
    }
    return clip;
  }

  #end(saying: Saying, beganMs: MonoMs): void {
    const { prompt } = saying;
    if (saying === this.#beneath) this.#beneath = null;
    else if (saying === this.#saying) this.#rise();
    if (this.#state === 'closed') return;
    if (!saying.stop.signal.aborted) this.#standAgain(prompt, beganMs);
    else if (saying.resume === 'resume') this.#queue.add(prompt);
    const due = this.#queue.strongestDue(this.#parts.clock.monoMs());
    if (due !== null) this.#makeWayFor(due);
    this.#pump();
  }

  /** What was beneath is heard in full again, if there was anything that is not being stopped. */
  #rise(): void {
    const beneath = this.#beneath?.stop.signal.aborted === false ? this.#beneath : null;
    this.#saying = beneath;
    if (beneath !== null) this.#beneath = null;
    this.#setSpeaking(this.#saying?.utterance ?? null);
  }

  #standAgain(prompt: Prompt, beganMs: MonoMs): void {
    if (prompt.repeatEveryMs === null) return;
    prompt.nextLanguage = 0;
    const nowMs = this.#parts.clock.monoMs();
    prompt.dueAtMs = Math.max(beganMs + prompt.repeatEveryMs, nowMs + LEAST_PAUSE_MS);
    this.#queue.add(prompt);
  }

  #setSpeaking(speaking: Utterance | null): void {
    if (this.#speaking === null && speaking === null) return;
    this.#speaking = speaking;
    for (const listener of this.#listeners) this.#guard(() => listener(speaking));
  }

  /** A listener that throws is its own trouble, not the voice's. */
  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#parts.log.error({ error }, 'voice.listener-failed');
    }
  }

  #logDropped({ key, priority }: Prompt): void {
    this.#parts.log.warn({ key, priority }, 'voice.prompt-dropped');
  }
}

function asVoiceError(code: 'WP2503' | 'WP2504', cause: unknown): WatchpostError {
  return cause instanceof WatchpostError ? cause : new WatchpostError(code, { cause });
}
