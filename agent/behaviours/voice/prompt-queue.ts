import type { MonoMs } from '#contract/clock.ts';
import { VOICE_PRIORITIES, type VoicePriority } from '../../ports/speaker.ts';
import { replacesItsOwn } from './interruptions.ts';
import type { Spoken } from './spoken.ts';

/** Most prompts that wait at a time; beyond, the weakest and among those the oldest is dropped. */
export const MAX_WAITING = 16;

/** A prompt that has not been said for this long is out of date and is dropped. Alarms and hazards never are. */
const MAX_AGE_MS: Readonly<Record<VoicePriority, number>> = {
  'talk-back': Number.POSITIVE_INFINITY,
  alarm: Number.POSITIVE_INFINITY,
  hazard: Number.POSITIVE_INFINITY,
  guidance: 60_000,
  ambient: 10_000,
};

/** A prompt and how far it has been said. */
export interface Prompt {
  readonly key: string;
  readonly priority: VoicePriority;
  readonly languages: readonly string[];
  /** What is said, where it is no prompt of the catalogue. */
  readonly spoken?: Spoken;
  repeatEveryMs: number | null;
  readonly askedAtMs: MonoMs;
  /** Index of the language to go on with. */
  nextLanguage: number;
  /** Not to be said before. */
  dueAtMs: MonoMs;
}

/** True when `a` may interrupt `b`. */
export function isStronger(a: VoicePriority, b: VoicePriority): boolean {
  return VOICE_PRIORITIES.indexOf(a) < VOICE_PRIORITIES.indexOf(b);
}

/** The same words in the same languages at the same priority. */
export function isSamePrompt(a: Prompt, b: Prompt): boolean {
  return a.key === b.key && a.priority === b.priority && a.languages.join() === b.languages.join();
}

/** Prompts that wait to be said, or to be said again. Keeps no time of its own: `nowMs` comes with each call. */
export class PromptQueue {
  #waiting: Prompt[] = [];

  get size(): number {
    return this.#waiting.length;
  }

  /** Adds a prompt, in place of the same one if that waits already. Answers with what was dropped for it. */
  add(prompt: Prompt): readonly Prompt[] {
    const kept = this.#waiting.filter(
      (other) =>
        !isSamePrompt(other, prompt) &&
        !(replacesItsOwn(prompt.priority) && other.priority === prompt.priority),
    );
    this.#waiting = [...kept, prompt];
    return this.#waiting.length > MAX_WAITING ? this.#dropWeakest() : [];
  }

  /** Takes out the strongest prompt that is due, the oldest among equals. */
  take(nowMs: MonoMs): Prompt | null {
    const prompt = this.strongestDue(nowMs);
    this.#waiting = this.#waiting.filter((other) => other !== prompt);
    return prompt;
  }

  strongestDue(nowMs: MonoMs): Prompt | null {
    this.#dropStale(nowMs);
    let best: Prompt | null = null;
    for (const prompt of this.#waiting) {
      if (prompt.dueAtMs > nowMs || this.#isOutOfPlace(prompt)) continue;
      if (best === null || isStronger(prompt.priority, best.priority)) best = prompt;
    }
    return best;
  }

  /** When the next prompt falls due that is not due at `nowMs`, or null. */
  nextDueMs(nowMs: MonoMs): MonoMs | null {
    const later = this.#waiting.map(({ dueAtMs }) => dueAtMs).filter((dueAtMs) => dueAtMs > nowMs);
    return later.length === 0 ? null : Math.min(...later);
  }

  remove(prompt: Prompt): void {
    this.#waiting = this.#waiting.filter((other) => !isSamePrompt(other, prompt));
  }

  removePriority(priority: VoicePriority): void {
    this.#waiting = this.#waiting.filter((prompt) => prompt.priority !== priority);
  }

  clear(): void {
    this.#waiting = [];
  }

  /** Small talk is not said between the repeats of an alarm; guidance may be. */
  #isOutOfPlace({ priority }: Prompt): boolean {
    return priority === 'ambient' && this.#waiting.some((other) => other.priority === 'alarm');
  }

  /** A prompt that repeats stands until it is replaced or hushed, so it is never stale. */
  #dropStale(nowMs: MonoMs): void {
    this.#waiting = this.#waiting.filter(
      ({ priority, askedAtMs, repeatEveryMs }) =>
        repeatEveryMs !== null || nowMs - askedAtMs <= MAX_AGE_MS[priority],
    );
  }

  #dropWeakest(): readonly Prompt[] {
    let weakest: Prompt | undefined;
    for (const prompt of this.#waiting) {
      if (weakest === undefined || isStronger(weakest.priority, prompt.priority)) weakest = prompt;
    }
    if (weakest === undefined) return [];
    this.#waiting = this.#waiting.filter((prompt) => prompt !== weakest);
    return [weakest];
  }
}
