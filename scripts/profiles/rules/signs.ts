import { isAlarmInput } from '#agent/ports/inputs.ts';
import type { Finding, Lintable, Rule } from './rule.ts';

/** The languages in which the sign has no text. */
function unsigned({ profile: { languages, sign = {} }, law }: Lintable): string[] {
  return [...new Set([...languages, ...law.signLanguages])].filter((tag) => !Object.hasOwn(sign, tag));
}

function missing(subject: Lintable, subjectOfSign: string): Finding[] {
  const tags = unsigned(subject);
  if (tags.length === 0) return [];
  const message = `has no text in ${tags.join(', ')}`;
  return [
    {
      path: 'sign',
      message,
      hint: `write sign: { ${tags.map((tag) => `${tag}: …`).join(', ')} }: ${subjectOfSign}`,
    },
  ];
}

const hasButton = ({ profile: { inputs } }: Lintable): boolean => inputs.some(isAlarmInput);

export const SIGN_RULES: readonly Rule[] = [
  {
    code: 'WP4050',
    severity: 'error',
    finds:
      'missing sign text: a device with a camera whose `sign` lacks a language of the device, or of the site’s law',
    checks: [
      {
        needs: ['sign', 'languages'],
        find: (subject) =>
          subject.profile.camera === undefined
            ? []
            : missing(subject, 'that there is a camera, and what becomes of its pictures'),
      },
    ],
  },
  {
    code: 'WP4051',
    severity: 'warning',
    finds: 'missing sign text: a device without a camera whose `sign` lacks one of these languages',
    checks: [
      {
        needs: ['sign', 'languages', 'inputs', 'camera'],
        find: (subject) =>
          subject.profile.camera !== undefined || !hasButton(subject)
            ? []
            : missing(subject, 'what the button does'),
      },
    ],
  },
];
