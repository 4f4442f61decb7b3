import type { ChoiceOutcome, GuidanceStep, KioskChoice } from '../../ports/kiosk.ts';

/** What a press of a guidance button means; `only` is the one button of a device that has no second. */
export type ButtonRole = 'language' | 'topic' | 'only';

export interface GuidanceRules {
  /** Offered in this order; never empty. */
  readonly languages: readonly string[];
  /** What may be asked besides places: keys of prompts. */
  readonly topics: readonly string[];
  readonly places: readonly string[];
  readonly idleMs: number;
  /** How long a prompt takes to say, 0 when it is not said. */
  readonly durationMs: (key: string, language: string) => number;
}

export interface GuidanceState {
  readonly step: GuidanceStep;
  /** Null exactly while nobody is there; in an alarm that of whoever was, or has chosen one since. */
  readonly language: string | null;
  /** What is being answered; null in every other step. */
  readonly topic: string | null;
  readonly isCalling: boolean;
  readonly touchedMs: number;
  /** When what is being said will have been said, about. */
  readonly saidUntilMs: number;
  /** One button names languages, and the one after which it is left alone is taken. */
  readonly takesNamed: boolean;
}

export type GuidanceInput =
  | { readonly kind: 'choice'; readonly choice: KioskChoice }
  | { readonly kind: 'button'; readonly role: ButtonRole }
  /** An alarm begins, or is over. */
  | { readonly kind: 'calling'; readonly isCalling: boolean }
  | { readonly kind: 'tick' };

export type GuidanceEffect =
  | { readonly kind: 'say'; readonly key: string; readonly language: string }
  /** What was said last is not wanted any more. */
  | { readonly kind: 'quiet' };

type Turn = readonly [GuidanceState, readonly GuidanceEffect[]];

/** A language named by the only button is taken after so much silence: time to press again for the next. */
export const TAKEN_AFTER_MS = 4_000;

export const nobody: GuidanceState = {
  step: 'idle',
  language: null,
  topic: null,
  isCalling: false,
  touchedMs: 0,
  saidUntilMs: 0,
  takesNamed: false,
};

/**
 * The session of one visitor after the other: `(state, input, now) → [state, effects]`. An alarm ends it at once, and
 * nothing is said while one stands. It knows nothing of who asks.
 */
export function guidanceStep(
  rules: GuidanceRules,
  state: GuidanceState,
  input: GuidanceInput,
  nowMs: number,
): Turn {
  switch (input.kind) {
    case 'calling':
      return calling(state, input.isCalling);
    case 'tick':
      return lapse(rules, state, nowMs);
    case 'button':
      return state.isCalling ? [state, []] : pressed(rules, state, input.role, nowMs);
    case 'choice':
      return judge(rules, state, input.choice) === 'done'
        ? chosen(rules, state, input.choice, nowMs)
        : [state, []];
  }
}

/** When a `tick` next changes something, or null while only an input can. */
export function guidanceDeadline(rules: GuidanceRules, state: GuidanceState): number | null {
  if (state.step === 'idle') return null;
  const quietMs = Math.max(state.touchedMs, state.saidUntilMs);
  return quietMs + (state.step === 'language' && state.takesNamed ? TAKEN_AFTER_MS : rules.idleMs);
}

/** Whether a choice can be followed now. */
export function judge(rules: GuidanceRules, state: GuidanceState, choice: KioskChoice): ChoiceOutcome {
  if (choice.choose === 'language') return rules.languages.includes(choice.language) ? 'done' : 'unknown';
  if (choice.choose === 'topic' && !isTopic(rules, choice.topic)) return 'unknown';
  if (state.step === 'idle') return 'untimely';
  if (choice.choose === 'places' && rules.places.length === 0) return 'unknown';
  if (choice.choose === 'again' && state.step !== 'answer') return 'untimely';
  return 'done';
}

const isTopic = ({ topics, places }: GuidanceRules, key: string): boolean =>
  topics.includes(key) || places.includes(key);

function calling(state: GuidanceState, isCalling: boolean): Turn {
  if (state.isCalling === isCalling) return [state, []];
  const language = isCalling ? state.language : null;
  return [{ ...nobody, isCalling, language }, [{ kind: 'quiet' }]];
}

function lapse(rules: GuidanceRules, state: GuidanceState, nowMs: number): Turn {
  const atMs = guidanceDeadline(rules, state);
  if (atMs === null || nowMs < atMs) return [state, []];
  if (state.step === 'language' && state.takesNamed && state.language !== null)
    return toTopics(rules, state, state.language, nowMs);
  return home(state);
}

function chosen(rules: GuidanceRules, state: GuidanceState, choice: KioskChoice, nowMs: number): Turn {
  const language = state.language ?? '';
  switch (choice.choose) {
    case 'language':
      if (state.isCalling) return [{ ...state, language: choice.language }, []];
      return toTopics(rules, state, choice.language, nowMs);
    case 'topic':
      return toAnswer(rules, state, choice.topic, nowMs);
    case 'places':
      return silently(state, 'places', nowMs);
    case 'back':
      if (state.topic !== null && rules.places.includes(state.topic)) return silently(state, 'places', nowMs);
      return ['answer', 'places'].includes(state.step) ? silently(state, 'topics', nowMs) : home(state);
    case 'home':
      return home(state);
    case 'again':
      return say(rules, { ...state, touchedMs: nowMs }, { key: state.topic ?? '', language }, nowMs);
    case 'stay':
      return [{ ...state, touchedMs: nowMs }, []];
  }
}

function pressed(rules: GuidanceRules, state: GuidanceState, role: ButtonRole, nowMs: number): Turn {
  const choosing = state.step === 'idle' || state.step === 'language';
  if (role === 'language') return toNextLanguage(rules, state, role, nowMs);
  if (choosing && role === 'only') return toNextLanguage(rules, state, role, nowMs);
  if (choosing) return toTopics(rules, state, state.language ?? rules.languages[0] ?? '', nowMs);
  const topic = nextTopic(rules, state);
  if (topic !== undefined) return toAnswer(rules, state, topic, nowMs);
  // All was told. A second button begins again; the only one leads back to the languages.
  if (role === 'only') return toNextLanguage(rules, state, role, nowMs);
  return toTopics(rules, state, state.language ?? '', nowMs);
}

/** Undefined when all was told. By button alone one cannot read: what is not spoken is passed over, where anything is. */
function nextTopic(rules: GuidanceRules, { step, topic, language }: GuidanceState): string | undefined {
  const all = [...rules.topics, ...rules.places];
  const isSpoken = (key: string) => rules.durationMs(key, language ?? '') > 0;
  const at = step === 'places' ? rules.topics.length : all.indexOf(topic ?? '') + 1;
  const rest = all.slice(at);
  return all.some(isSpoken) ? rest.find(isSpoken) : rest[0];
}

function toNextLanguage(rules: GuidanceRules, state: GuidanceState, role: ButtonRole, nowMs: number): Turn {
  const { languages } = rules;
  const next = (languages.indexOf(state.language ?? '') + 1) % languages.length;
  const language = languages[next] ?? '';
  const named = { step: 'language', language, topic: null, takesNamed: role === 'only' } as const;
  return say(rules, { ...state, ...named, touchedMs: nowMs }, { key: 'guidance.language', language }, nowMs);
}

function toTopics(rules: GuidanceRules, state: GuidanceState, language: string, nowMs: number): Turn {
  const topics = { step: 'topics', language, topic: null, takesNamed: false } as const;
  return say(rules, { ...state, ...topics, touchedMs: nowMs }, { key: 'guidance.menu', language }, nowMs);
}

function toAnswer(rules: GuidanceRules, state: GuidanceState, topic: string, nowMs: number): Turn {
  const answer = { step: 'answer', topic, touchedMs: nowMs } as const;
  return say(rules, { ...state, ...answer }, { key: topic, language: state.language ?? '' }, nowMs);
}

function silently(state: GuidanceState, step: 'topics' | 'places', nowMs: number): Turn {
  return [{ ...state, step, topic: null, touchedMs: nowMs, saidUntilMs: nowMs }, [{ kind: 'quiet' }]];
}

function home(state: GuidanceState): Turn {
  return [{ ...nobody, isCalling: state.isCalling }, [{ kind: 'quiet' }]];
}

function say(
  rules: GuidanceRules,
  state: GuidanceState,
  { key, language }: { key: string; language: string },
  nowMs: number,
): Turn {
  const saidUntilMs = nowMs + rules.durationMs(key, language);
  return [{ ...state, saidUntilMs }, [{ kind: 'quiet' }, { kind: 'say', key, language }]];
}
