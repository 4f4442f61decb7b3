import * as z from 'zod';
import { DeviceProfile } from '#agent/ports/profile.ts';
import { type Located, originOf } from '#agent/profile/origin.ts';
import type { ProfileProblem } from '#agent/profile/problem.ts';
import { readYaml } from '#agent/profile/yaml-source.ts';
import { Name } from '#contract/names.ts';
import { nearest } from './nearest.ts';

const Days = z.int().min(1).max(3650);

/** What law, or the operator's own rules, allow at the site. Days. */
export const SiteLaw = z.strictObject({
  /** Where it stands, for whoever asks. */
  reference: z.string().max(400).optional(),
  evidenceDaysMin: Days.optional(),
  evidenceDaysMax: Days.optional(),
  clipDaysMax: Days.optional(),
  alarmDaysMax: Days.optional(),
  /** Languages that signs must be written in, besides those that the device speaks. */
  signLanguages: z.array(z.string().min(2)).max(16).default([]),
});
export type SiteLaw = z.infer<typeof SiteLaw>;

/** No law is known: nothing is beyond it. */
export const NO_LAW: SiteLaw = { signLanguages: [] };

/** What resolving lets a site say of a device (SITE_KEYS; a test holds both together). */
const Entry = DeviceProfile.pick({
  place: true,
  languages: true,
  emergencyNumber: true,
  medicalNumber: true,
  sign: true,
  guidance: true,
  kiosk: true,
  voice: true,
  boards: true,
  base: true,
  drive: true,
  waypoints: true,
  camera: true,
  supervisionS: true,
  testEveryH: true,
}).partial();
export const ENTRY_KEYS: readonly string[] = Object.keys(Entry.shape);

/** A site file, for editors; what a device's entry is laid over is checked once it is laid there. */
export const SiteFile = z.strictObject({
  siteVersion: z.literal(1),
  /** For all its devices, where they name none themselves. */
  languages: DeviceProfile.shape.languages.optional(),
  law: SiteLaw.optional(),
  devices: z.record(Name, Entry),
});

export interface SiteFacts {
  readonly law: SiteLaw;
  readonly problems: readonly ProfileProblem[];
}

/** The law of a site, and what is wrong with its file beside the entries of devices. */
export function siteFacts(file: string): SiteFacts {
  const located = readYaml(file);
  const root = z.record(z.string(), z.unknown()).safeParse(located.value).data ?? {};
  const law = SiteLaw.safeParse(root.law ?? {});
  return {
    law: law.success ? law.data : NO_LAW,
    problems: [
      ...unknownKeys(root, located, file),
      ...(law.error?.issues ?? []).map((issue) => lawProblem(issue, located, file)),
    ],
  };
}

const KNOWN = Object.keys(SiteFile.shape);

function unknownKeys(root: object, { origins }: Located, file: string): ProfileProblem[] {
  return Object.keys(root)
    .filter((key) => !KNOWN.includes(key))
    .map((key) => ({
      code: 'WP4049',
      file,
      line: originOf(origins, key)?.line ?? 0,
      path: key,
      message: 'is not a key of a site file',
      hint: didYouMean(key, KNOWN),
    }));
}

function lawProblem({ path, message, ...issue }: z.core.$ZodIssue, located: Located, file: string) {
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const at = ['law', ...path, ...(unknown === undefined ? [] : [unknown])].join('.');
  return {
    code: 'WP4049' as const,
    file,
    line: originOf(located.origins, at)?.line ?? 0,
    path: at,
    message: unknown === undefined ? 'cannot be used' : 'is not a key of a law',
    hint: unknown === undefined ? message : didYouMean(unknown, Object.keys(SiteLaw.shape)),
  };
}

/** What may have been meant, or all that could be. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === null ? `write one of: ${known.join(', ')}` : `did you mean ${near}?`;
}
