import { PAGE_LANGUAGES } from '#agent/ports/page-languages.ts';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import type { ProfileProblem } from './problem.ts';

/** A problem before its file and line are looked up. */
export type GuidanceProblem = Pick<ProfileProblem, 'code' | 'path' | 'message' | 'hint'>;
type Profile = Pick<DeviceProfile, 'languages' | 'guidance' | 'kiosk' | 'inputs'>;
type Named = Readonly<Record<string, unknown>>;

/** What is wrong with what visitors are told, beyond its shape. */
export function guidanceProblems(profile: Profile): GuidanceProblem[] {
  return [
    ...buttonProblems(profile),
    ...wordlessLanguages(profile),
    ...namedTexts(profile).flatMap(([path, texts]) => [
      ...unknownLanguages(profile, path, texts),
      ...missingLanguages(profile, path, texts),
    ]),
  ];
}

/** Each input of kind `guidance` needs its part, and each part such an input. */
function buttonProblems({ guidance, inputs }: Profile): GuidanceProblem[] {
  const named = Object.entries(guidance?.buttons ?? {});
  const buttons = inputs.filter(({ kind }) => kind === 'guidance').map(({ name }) => name);
  const known = buttons.join(', ') || 'none';
  const idle = inputs.flatMap(({ name, kind }, index) =>
    kind === 'guidance' && !named.some(([, button]) => button === name) ? [{ name, index }] : [],
  );
  return [
    ...named.flatMap(([role, button], index) => {
      const path = `guidance.buttons.${role}`;
      const twice = named.findIndex(([, other]) => other === button) !== index;
      if (button !== undefined && buttons.includes(button) && !twice) return [];
      const message = twice ? `${button} has a part already` : `${button} is no input of kind guidance`;
      return [{ code: 'WP4023' as const, path, message, hint: `there are: ${known}` }];
    }),
    ...idle.map(({ name, index }) => ({
      code: 'WP4023' as const,
      path: `inputs[${index}].kind`,
      message: `${name} has no part in guidance`,
      hint: 'name it as guidance.buttons.language or guidance.buttons.topic',
    })),
  ];
}

const offered = ({ languages, guidance }: Profile): string[] => [
  ...new Set([...languages, ...(guidance?.languages ?? [])]),
];

function wordlessLanguages(profile: Profile): GuidanceProblem[] {
  if (profile.kiosk === undefined) return [];
  const known: readonly string[] = PAGE_LANGUAGES;
  const lists = [
    ['languages', profile.languages],
    ['guidance.languages', profile.guidance?.languages ?? []],
  ] as const;
  return lists.flatMap(([list, tags]) =>
    tags.flatMap((tag, index) => {
      if (known.includes(tag)) return [];
      const message = `the kiosk page has no words in ${tag}`;
      return [
        { code: 'WP4022' as const, path: `${list}[${index}]`, message, hint: `it has ${known.join(', ')}` },
      ];
    }),
  );
}

/** By path: what is given by language. */
function namedTexts({ guidance }: Profile): [string, Named][] {
  const { places = [], answers = [] } = guidance ?? {};
  return [
    ...places.map(({ name }, index): [string, Named] => [`guidance.places[${index}].name`, name]),
    ...answers.flatMap(({ title, text }, index): [string, Named][] => [
      [`guidance.answers[${index}].title`, title],
      [`guidance.answers[${index}].text`, text],
    ]),
  ];
}

/** A tag that is misspelt would never be shown; one that only another device of the site speaks is in order. */
function unknownLanguages(profile: Profile, path: string, texts: Named): GuidanceProblem[] {
  const known: readonly string[] = [...offered(profile), ...PAGE_LANGUAGES];
  return Object.keys(texts).flatMap((tag) => {
    if (known.includes(tag)) return [];
    const hint = `write one of ${[...new Set(known)].join(', ')}`;
    return [{ code: 'WP4020' as const, path: `${path}.${tag}`, message: `${tag} is no language here`, hint }];
  });
}

/** Only where visitors choose: elsewhere what has no words is left out, with a warning when it is rendered. */
function missingLanguages(profile: Profile, path: string, texts: Named): GuidanceProblem[] {
  if (profile.kiosk === undefined && profile.guidance?.buttons === undefined) return [];
  const missing = offered(profile).filter((tag) => !Object.hasOwn(texts, tag));
  if (missing.length === 0) return [];
  const message = `has no words in ${missing.join(', ')}, which visitors can choose`;
  return [{ code: 'WP4021', path, message, hint: 'add them, or take the language away' }];
}
