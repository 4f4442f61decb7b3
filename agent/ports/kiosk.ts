import * as z from 'zod';
import type { Cancel } from '#contract/clock.ts';
import type { GuidedPlace } from './guidance.ts';

/** What a visitor may do on the page. */
export const KioskChoice = z.discriminatedUnion('choose', [
  z.strictObject({ choose: z.literal('language'), language: z.string().max(40) }),
  /** The key of a prompt: `guidance.child`, `place.exit-2`, `answer.lockers`. */
  z.strictObject({ choose: z.literal('topic'), topic: z.string().max(80) }),
  z.strictObject({ choose: z.enum(['places', 'back', 'home', 'again', 'stay']) }),
]);
export type KioskChoice = z.infer<typeof KioskChoice>;

/** `unknown`: no such language or topic here. `untimely`: not to be had now, such as a topic before a language. */
export type ChoiceOutcome = 'done' | 'unknown' | 'untimely';

/** What a visitor is at: nobody there, choosing a language by button, choosing what to ask, a place, or reading. */
export type GuidanceStep = 'idle' | 'language' | 'topics' | 'places' | 'answer';

/** Words in the language that they are in. */
export interface Saying {
  readonly language: string;
  readonly text: string;
}

export type PlaceView = Pick<GuidedPlace, 'id' | 'direction'> & {
  readonly name: string;
  readonly distanceM?: number;
};

/** All that the page shows; nothing in it is about who asks. */
export interface KioskView {
  readonly emergencyNumber: string;
  /** BCP 47 tags in the order in which they are offered. */
  readonly languages: readonly string[];
  readonly step: GuidanceStep;
  readonly language: string | null;
  /** Keys of prompts. */
  readonly topics: readonly string[];
  /** Of `answer.ID`, in the visitor's language. */
  readonly titles: Readonly<Record<string, string>>;
  readonly places: readonly PlaceView[];
  readonly answer: { readonly topic: string; readonly text: string } | null;
  /** What has become of the alarm; null while there is none. */
  readonly alarm: { readonly key: string; readonly sayings: readonly Saying[] } | null;
  /** Milliseconds until the page begins anew, from the moment at which this was made; null at the beginning. */
  readonly idleInMs: number | null;
}

/** What the page shows and where its choices go. */
export interface KioskSource {
  view(): KioskView;
  choose(choice: KioskChoice): ChoiceOutcome;
  onChange(listener: () => void): Cancel;
}

/** One prompt in one language, as it was rendered for this device. */
export interface Phrase {
  readonly text: string;
  /** 0 when there is no clip of it. */
  readonly durationMs: number;
}

/** The words of a prompt in a language, or null when it has none. */
export type Phrases = (key: string, language: string) => Phrase | null;
