import type { DeviceProfile } from '#agent/ports/profile.ts';
import { CATALOGUE_KEYS } from '../../voice/prompts.ts';
import { unreadable } from '../../voice/reading.ts';
import type { LanguageFacts, VoiceFacts } from '../voice-facts.ts';
import type { Finding, Lintable, Rule } from './rule.ts';

/** A language of the device, where it is named. */
interface Spoken {
  readonly tag: string;
  readonly path: string;
  /** An alarm is told in it, or only what visitors ask. */
  readonly use: 'alarm' | 'visitors';
}

function spoken({ languages, guidance }: DeviceProfile): Spoken[] {
  const visitors = guidance?.languages ?? [];
  return [
    ...languages.map((tag, at): Spoken => ({ tag, path: `languages[${at}]`, use: 'alarm' })),
    ...visitors.map((tag, at): Spoken => ({ tag, path: `guidance.languages[${at}]`, use: 'visitors' })),
  ];
}

/** Beginnings of the keys that this device says in a language. */
function saidBy({ kind, guidance, kiosk, camera }: DeviceProfile, use: Spoken['use']): string[] {
  const guided = guidance !== undefined || kiosk !== undefined;
  return [
    ...(use === 'alarm' ? ['alarm.', 'test.'] : []),
    ...(guided ? ['guidance.'] : []),
    ...((guidance?.places.length ?? 0) > 0 ? ['way.'] : []),
    ...(use === 'alarm' && camera !== undefined ? ['object.'] : []),
    ...(use === 'alarm' && kind === 'robot' ? ['robot.'] : []),
  ];
}

const isSaid = (key: string, groups: readonly string[]): boolean =>
  groups.some((group) => key.startsWith(group));

function missingPrompts({ profile, voices }: Lintable): Finding[] {
  return spoken(profile).flatMap(({ tag, path, use }) => {
    const facts = voices.languages.get(tag);
    if (facts === undefined) {
      const hint = `there are ${[...voices.languages.keys()].join(', ')}; a new one is a file ${tag}.json beside them`;
      return [{ path, message: `nothing is translated into ${tag}`, hint }];
    }
    const missing = facts.missing.filter((key) => isSaid(key, saidBy(profile, use)));
    if (missing.length === 0) return [];
    const message = `${tag} has no words for ${missing.join(', ')}`;
    return [{ path, message, hint: `add them to device-profiles/voices/${tag}.json` }];
  });
}

/** What the site says itself: by path, its words by language. */
function siteWords({ guidance }: DeviceProfile): [string, Readonly<Record<string, unknown>>][] {
  const { places = [], answers = [] } = guidance ?? {};
  return [
    ...places.map(({ name }, at): [string, object] => [`guidance.places[${at}].name`, name]),
    ...answers.map(({ text }, at): [string, object] => [`guidance.answers[${at}].text`, text]),
  ].map(([path, words]) => [path, Object.fromEntries(Object.entries(words))]);
}

/** Where visitors choose a language, resolving refuses this already (WP4021). */
function missingSiteWords({ profile }: Lintable): Finding[] {
  if (profile.kiosk !== undefined || profile.guidance?.buttons !== undefined) return [];
  const tags = [...new Set(spoken(profile).map(({ tag }) => tag))];
  return siteWords(profile).flatMap(([path, words]) => {
    const missing = tags.filter((tag) => !Object.hasOwn(words, tag));
    if (missing.length === 0) return [];
    return [{ path, message: `has no words in ${missing.join(', ')}`, hint: 'add them here' }];
  });
}

function speechOf(said: unknown): string {
  if (typeof said === 'string') return said;
  return typeof said === 'object' && said !== null ? String(Reflect.get(said, 'speech')) : '';
}

/** Words that the engine would spell or garble: they are not rendered, so there will be no clip. */
function unreadableWords({ profile, voices }: Lintable): Finding[] {
  return siteWords(profile).flatMap(([path, words]) =>
    Object.entries(words).flatMap(([tag, said]) => {
      const facts = voices.languages.get(tag);
      const why = facts === undefined ? null : unreadable(facts.reader, speechOf(said));
      if (why === null || facts === undefined) return [];
      const message = `gets no clip in ${tag}: ${why}`;
      return [{ path: `${path}.${tag}`, message, hint: rewriting(facts) }];
    }),
  );
}

function rewriting({ reader: { engine } }: LanguageFacts): string {
  const letters = engine.reads === 'text' ? 'its own letters' : engine.reads;
  return `write { text: …, speech: … } with the speech in ${letters}`;
}

/** Of a device's folder: what was to be said and has no file. */
function missingClips({ profile, voices }: Lintable): Finding[] {
  const { clips } = voices;
  if (clips === null) return [];
  const { places = [], answers = [] } = profile.guidance ?? {};
  return spoken(profile).flatMap(({ tag, path, use }) => {
    const keys = [
      ...CATALOGUE_KEYS.filter((key) => !key.startsWith('way.') && isSaid(key, saidBy(profile, use))),
      ...places.filter(({ name }) => Object.hasOwn(name, tag)).map(({ id }) => `place.${id}`),
      ...answers.filter(({ text }) => Object.hasOwn(text, tag)).map(({ id }) => `answer.${id}`),
    ];
    const missing = keys.filter((key) => !clips.has(`${tag}/${key}`));
    if (missing.length === 0) return [];
    const message = `the device’s folder has no clip in ${tag} of ${missing.join(', ')}`;
    return [{ path, message, hint: 'scripts/watchpost prepare renders them' }];
  });
}

/** A prompt that lasts as long as the time until it is said again never ends, so to speak. */
export function endlessPrompts({ profile, voices }: Lintable): Finding[] {
  const { panic, languages } = profile;
  const [key, lengthMs] = longest(languages, voices);
  if (lengthMs < panic.repeatEveryS * 1000) return [];
  const message = `is ${panic.repeatEveryS}, and ${key} takes ${(lengthMs / 1000).toFixed(1)} s in ${languages.length} languages`;
  return [{ path: 'panic.repeatEveryS', message, hint: `write ${Math.ceil(lengthMs / 1000) + 5} or more` }];
}

/** The alarm prompt that takes longest in all languages one after another, from the clips of the device's folder. */
function longest(languages: readonly string[], { clips }: VoiceFacts): [string, number] {
  return CATALOGUE_KEYS.filter((key) => key.startsWith('alarm.'))
    .map((key): [string, number] => [
      key,
      languages.reduce((sum, tag) => sum + (clips?.get(`${tag}/${key}`) ?? 0), 0),
    ])
    .reduce((a, b) => (b[1] > a[1] ? b : a));
}

export const WORD_RULES: readonly Rule[] = [
  {
    code: 'WP4043',
    severity: 'error',
    finds:
      'missing translation: a language without a catalogue, or whose catalogue lacks a prompt that this device says',
    checks: [{ needs: ['languages', 'guidance'], find: missingPrompts }],
  },
  {
    code: 'WP4044',
    severity: 'warning',
    finds:
      'a place or answer without words in a language of the device (an error, WP4021, where visitors choose the language)',
    checks: [{ needs: ['languages', 'guidance'], find: missingSiteWords }],
  },
  {
    code: 'WP4045',
    severity: 'error',
    finds:
      'missing voice clip: words in letters that the engine does not read; with `--voice DIR`, what the folder of a device has no file of',
    checks: [
      {
        needs: ['languages', 'guidance'],
        find: (subject) => [...unreadableWords(subject), ...missingClips(subject)],
      },
    ],
  },
];
