import {
  type GuidanceEffect,
  type GuidanceInput,
  type GuidanceRules,
  type GuidanceState,
  guidanceDeadline,
  guidanceStep,
  nobody,
} from '#agent/behaviours/guidance/machine.ts';
import type { KioskChoice } from '#agent/ports/kiosk.ts';

export const TOLD_MS = 3_000;

export const RULES: GuidanceRules = {
  languages: ['zh-CN', 'en', 'ar'],
  topics: ['guidance.howto', 'guidance.child', 'guidance.first-aid', 'answer.lockers'],
  places: ['place.exit-2', 'place.toilets'],
  idleMs: 45_000,
  durationMs: () => TOLD_MS,
};

/** Feeds the pure machine, and lets time pass from deadline to deadline. */
export class GuidanceDrive {
  state: GuidanceState = nobody;
  nowMs = 10_000;
  readonly effects: GuidanceEffect[] = [];
  readonly #rules: GuidanceRules;

  constructor(rules: GuidanceRules = RULES) {
    this.#rules = rules;
  }

  give(input: GuidanceInput): readonly GuidanceEffect[] {
    const [state, effects] = guidanceStep(this.#rules, this.state, input, this.nowMs);
    this.state = state;
    this.effects.push(...effects);
    return effects;
  }

  choose(choice: KioskChoice): readonly GuidanceEffect[] {
    return this.give({ kind: 'choice', choice });
  }

  press(role: 'language' | 'topic' | 'only'): readonly GuidanceEffect[] {
    return this.give({ kind: 'button', role });
  }

  pass(ms: number): void {
    const endMs = this.nowMs + ms;
    for (let at = guidanceDeadline(this.#rules, this.state); at !== null && at <= endMs; ) {
      this.nowMs = Math.max(this.nowMs, at);
      this.give({ kind: 'tick' });
      const next = guidanceDeadline(this.#rules, this.state);
      if (next !== null && next <= at) throw new RangeError(`a tick at ${at} left the deadline at ${next}`);
      at = next;
    }
    this.nowMs = endMs;
  }

  /** What was said since the last call, as `language/key`. */
  takeSaid(): string[] {
    return this.effects
      .splice(0)
      .flatMap((effect) => (effect.kind === 'say' ? [`${effect.language}/${effect.key}`] : []));
  }
}
