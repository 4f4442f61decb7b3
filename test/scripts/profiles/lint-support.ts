import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { type LintProblem, lintProfile } from '#scripts/profiles/lint.ts';
import { sourcesOf } from '#scripts/profiles/sources.ts';
import { readVoices, type VoiceFacts } from '#scripts/profiles/voice-facts.ts';

/** A profile in order, 14 lines long: a rule that finds something in it is wrong. */
export const GOOD = `profileVersion: 1
name: p
kind: pillar
description: in order
place: { label: here, latitude: 1, longitude: 2 }
languages: [en]
supervisionS: 60
inputs:
  - { name: button, kind: button, with: { driver: sim } }
lamp: { driver: sim }
speaker: { driver: auto }
panic: { siren: false }
retention: { evidenceDays: 7 }
sign: { en: press for help }
`;

const projectVoices = await readVoices({});

export interface Linted {
  /** Beside the profile; its device is `d`. */
  readonly site?: string;
  readonly voices?: VoiceFacts;
}

/** What lint says of a profile of this text, in the file p.yaml of a fresh folder. */
export function lintText(
  t: Test,
  text: string,
  { site, voices = projectVoices }: Linted = {},
): LintProblem[] {
  const dir = t.testdir();
  const file = join(dir, 'p.yaml');
  writeFileSync(file, text);
  if (site === undefined) return lintProfile(sourcesOf(file, {}), voices);
  const siteFile = join(dir, 'site.yaml');
  writeFileSync(siteFile, site);
  return lintProfile(sourcesOf(file, { siteFile, device: 'd' }), voices);
}
