import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Check } from '../check.ts';
import { type Finding, failed, ok } from '../finding.ts';

const Manifest = z.looseObject({
  prompts: z.array(z.looseObject({ language: z.string(), file: z.string() })),
});

/** Whether there is something to say in each language of the profile. */
export const voiceCheck: Check = {
  name: 'voice',
  examine: ({ profile, dataDir }) => {
    if (profile === null || dataDir === null || !existsSync(join(dataDir, 'profile.json'))) return [];
    const folder = join(dataDir, 'voice');
    const clips = clipsOf(folder);
    return profile.languages.map((language) => languageFinding(folder, language, clips));
  },
};

type Clip = z.infer<typeof Manifest>['prompts'][number];

function clipsOf(folder: string): readonly Clip[] {
  try {
    return Manifest.parse(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))).prompts;
  } catch {
    return []; // Nothing was rendered, or it was damaged: every language is missing.
  }
}

function languageFinding(folder: string, language: string, clips: readonly Clip[]): Finding {
  const what = `voice ${language}`;
  const own = clips.filter((clip) => clip.language === language);
  const missing = own.filter(
    ({ file }) => !(statSync(join(folder, file), { throwIfNoEntry: false })?.size ?? 0),
  );
  if (own.length === 0) return failed(what, { code: 'WP4724', detail: 'no prompts' });
  if (missing.length > 0)
    return failed(what, {
      code: 'WP4724',
      detail: `${missing.length} of ${own.length}, such as ${missing[0]?.file}`,
    });
  return ok(what, `${own.length} prompts`);
}
