import type { Cancel, Clock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';
import { FIXED_TOPICS, type Guidance } from '../../ports/guidance.ts';
import type { ContactInput } from '../../ports/inputs.ts';
import type { ChoiceOutcome, KioskChoice, KioskSource, KioskView, Phrases } from '../../ports/kiosk.ts';
import type { PartHealth } from '../../ports/makers.ts';
import type { TakeBack, Voice, VoiceRequest } from '../../ports/speaker.ts';
import { GuidanceButtons } from './buttons.ts';
import {
  type ButtonRole,
  type GuidanceEffect,
  type GuidanceInput,
  type GuidanceRules,
  type GuidanceState,
  guidanceDeadline,
  guidanceStep,
  judge,
  nobody,
} from './machine.ts';
import { answerKey, type GuidanceSite, placeKey, viewOf } from './view.ts';

export interface GuidanceParts {
  readonly guidance: Guidance;
  /** The profile's; an alarm is told in these. */
  readonly languages: readonly string[];
  readonly emergencyNumber: string;
  /** Of kind `guidance`. */
  readonly inputs: readonly ContactInput[];
  readonly phrases: Phrases;
  readonly voice: Pick<Voice, 'say'> & TakeBack;
  readonly onHealth: (part: string, health: PartHealth) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Answers one visitor after another, by buttons and by the kiosk page, in the visitor's language. Hears of alarms by
 * `setAlarm` and then keeps silent; nothing of it stands on the way of an alarm.
 */
export class GuidanceBehaviour implements KioskSource {
  readonly #parts: GuidanceParts;
  readonly #rules: GuidanceRules;
  readonly #site: GuidanceSite;
  readonly #buttons: GuidanceButtons;
  readonly #listeners = new Set<() => void>();
  #state: GuidanceState = nobody;
  #alarm: string | null = null;
  #said: VoiceRequest | null = null;
  #cancelTick: Cancel = () => undefined;
  #isClosed = false;

  constructor(parts: GuidanceParts) {
    this.#parts = parts;
    this.#rules = rulesOf(parts);
    const { guidance, languages, emergencyNumber } = parts;
    const { places, answers } = guidance;
    this.#site = { emergencyNumber, alarmLanguages: languages, places, answers };
    const onPress = (name: string) => this.#take({ kind: 'button', role: roleOf(guidance.buttons, name) });
    this.#buttons = new GuidanceButtons({ ...parts, onPress });
  }

  /** What a visitor is at, for the simulator's `state`. */
  get state(): Pick<GuidanceState, 'step' | 'language' | 'topic'> {
    const { step, language, topic } = this.#state;
    return { step, language, topic };
  }

  async start(): Promise<void> {
    await this.#buttons.start();
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTick();
    this.#quiet();
    await this.#buttons.close();
  }

  /** The key of the alarm prompt that is true now, or null when no alarm stands. */
  setAlarm(key: string | null): void {
    if (key === this.#alarm) return;
    this.#alarm = key;
    const before = this.#state;
    this.#take({ kind: 'calling', isCalling: key !== null });
    if (this.#state === before) this.#tell();
  }

  choose(choice: KioskChoice): ChoiceOutcome {
    const outcome = judge(this.#rules, this.#state, choice);
    if (outcome === 'done') this.#take({ kind: 'choice', choice });
    return outcome;
  }

  view(): KioskView {
    return viewOf({
      ...{ site: this.#site, rules: this.#rules, state: this.#state, alarm: this.#alarm },
      phrases: this.#parts.phrases,
      nowMs: this.#parts.clock.monoMs(),
    });
  }

  onChange(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #take(input: GuidanceInput): void {
    if (this.#isClosed) return;
    const before = this.#state;
    const [state, effects] = guidanceStep(this.#rules, before, input, this.#parts.clock.monoMs());
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    if (state === before) return;
    this.#arm();
    this.#tell();
  }

  #perform(effect: GuidanceEffect): void {
    if (effect.kind === 'quiet') this.#quiet();
    else this.#say(effect);
  }

  /** What has no clip is shown alone: the voice need not look for it and report it. */
  #say({ key, language }: Extract<GuidanceEffect, { kind: 'say' }>): void {
    if (this.#rules.durationMs(key, language) === 0) return;
    this.#said = { key, priority: 'guidance', languages: [language] };
    this.#parts.voice.say(this.#said);
  }

  #quiet(): void {
    if (this.#said !== null) this.#parts.voice.takeBack(this.#said);
    this.#said = null;
  }

  #arm(): void {
    this.#cancelTick();
    const atMs = guidanceDeadline(this.#rules, this.#state);
    if (atMs === null) return;
    const delayMs = Math.max(1, Math.ceil(atMs - this.#parts.clock.monoMs()));
    this.#cancelTick = this.#parts.clock.after(delayMs, () => {
      this.#take({ kind: 'tick' });
    });
  }

  /** A listener that throws is its own trouble. */
  #tell(): void {
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch (error) {
        this.#parts.log.error({ err: error }, 'guidance.listener-failed');
      }
    }
  }
}

function rulesOf({ guidance, languages, phrases }: GuidanceParts): GuidanceRules {
  return {
    languages: [...new Set([...languages, ...guidance.languages])],
    topics: [...FIXED_TOPICS, ...guidance.answers.map(({ id }) => answerKey(id))],
    places: guidance.places.map(({ id }) => placeKey(id)),
    idleMs: guidance.idleS * 1000,
    durationMs: (key, language) => phrases(key, language)?.durationMs ?? 0,
  };
}

function roleOf(buttons: Guidance['buttons'], name: string): ButtonRole {
  if (buttons?.language === undefined || buttons.topic === undefined) return 'only';
  return buttons.language === name ? 'language' : 'topic';
}
