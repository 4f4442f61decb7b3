import type { Guidance } from '../../ports/guidance.ts';
import type { KioskView, Phrases, PlaceView, Saying } from '../../ports/kiosk.ts';
import { type GuidanceRules, type GuidanceState, guidanceDeadline } from './machine.ts';

/** What of the site is shown besides the prompts. */
export interface GuidanceSite {
  readonly emergencyNumber: string;
  /** In which an alarm is told to somebody who has chosen none. */
  readonly alarmLanguages: readonly string[];
  readonly places: Guidance['places'];
  readonly answers: Guidance['answers'];
}

export const placeKey = (id: string): string => `place.${id}`;
export const answerKey = (id: string): string => `answer.${id}`;

export interface Shown {
  readonly site: GuidanceSite;
  readonly rules: GuidanceRules;
  readonly phrases: Phrases;
  readonly state: GuidanceState;
  /** The alarm's prompt that is true now. */
  readonly alarm: string | null;
  readonly nowMs: number;
}

export function viewOf(shown: Shown): KioskView {
  const { site, rules, state, alarm, nowMs } = shown;
  const { step, language } = state;
  const atMs = guidanceDeadline(rules, state);
  return {
    emergencyNumber: site.emergencyNumber,
    languages: rules.languages,
    step,
    language,
    topics: rules.topics.filter((topic) => isOffered(topic, shown)),
    titles: titlesIn(language, site),
    places: language === null ? [] : placesIn(language, site),
    answer: answerOf(shown),
    alarm: alarm === null ? null : { key: alarm, sayings: sayingsOf(alarm, shown) },
    idleInMs: atMs === null ? null : Math.max(0, Math.round(atMs - nowMs)),
  };
}

/** An answer of the site without a title in this language is not shown in it. */
function isOffered(topic: string, { site, state: { language } }: Shown): boolean {
  const answer = site.answers.find(({ id }) => answerKey(id) === topic);
  return answer === undefined || language === null || answer.title[language] !== undefined;
}

function titlesIn(language: string | null, { answers }: GuidanceSite): Record<string, string> {
  const titled = answers.map(({ id, title }) => [answerKey(id), title[language ?? ''] ?? ''] as const);
  return Object.fromEntries(titled.filter(([, title]) => title !== ''));
}

function placesIn(language: string, { places }: GuidanceSite): PlaceView[] {
  return places.flatMap(({ id, name: names, direction, distanceM }) => {
    const name = names[language];
    if (name === undefined) return [];
    const written = typeof name === 'string' ? name : name.text;
    return [{ id, direction, name: written, ...(distanceM === undefined ? {} : { distanceM }) }];
  });
}

function answerOf({ site, phrases, state: { topic, language } }: Shown): KioskView['answer'] {
  if (topic === null || language === null) return null;
  const own = site.answers.find(({ id }) => answerKey(id) === topic)?.text[language];
  const written = typeof own === 'string' ? own : own?.text;
  return { topic, text: written ?? phrases(topic, language)?.text ?? '' };
}

function sayingsOf(alarm: string, { site, phrases, state: { language } }: Shown): Saying[] {
  const languages = language === null ? site.alarmLanguages : [language];
  return languages.map((tag) => ({ language: tag, text: phrases(alarm, tag)?.text ?? '' }));
}
