import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';
import { run } from './run.ts';
import { Stage } from './stage.ts';

export const PASSPHRASE = 'four quiet lanterns at sea';

/** What stands in `pillar.yaml`: as small as a profile can be, without a voice that would have to be rendered. */
export const PROFILE = `profileVersion: 1
name: pillar
kind: pillar
description: a pillar with one button
place: { label: 'Riverside Road, km 3' }
languages: [en]
sign: { en: Press for help }
supervisionS: 60
inputs:
  - { name: button, kind: button, with: { driver: sim } }
lamp: { driver: sim }
speaker: { driver: sim }
panic: { siren: false }
retention: { evidenceDays: 7 }
`;

/** The commands by which everything is in order. */
const STEPS: readonly (readonly string[])[] = [
  ['site', 'init', 'mall', '--data', 'var/mall', '--host', 'localhost', '127.0.0.1'],
  ['site', 'init', 'other', '--data', 'var/other', '--host', 'localhost'],
  ['provision', 'pillar-001', '--site', 'var/mall', '--to', 'card', '--place', 'Riverside Road, km 3'],
  ['bundle', 'make', '--site-dir', 'var/mall', '--device', 'pillar-001', '--prepared', 'prepared'],
  ['bundle', 'key', 'anna', '--passphrase-file', 'anna.words'],
];

/** A site, a second one, and the card of a device: what mistakes are made with. By the real commands. */
export async function makeScene(): Promise<Stage> {
  const stage = Stage.make();
  stage.write('pillar.yaml', PROFILE);
  stage.write('anna.words', `${PASSPHRASE}\n`);
  stage.folder('empty-card');
  // As `prepare` leaves it, without a voice: rendering one takes seconds.
  const { profile } = resolveProfile({ file: stage.path('pillar.yaml'), drivers: DRIVER_SCHEMAS });
  stage.write('prepared/profile.json', JSON.stringify(profile));
  for (const words of STEPS) await done(stage, words);
  await ranOnce(stage);
  return stage;
}

/** A broker that has run knows that there is a list of what was taken back. */
async function ranOnce(stage: Stage): Promise<void> {
  const words = ['broker', '--data', 'var/mall/broker', '--mqtts', '127.0.0.1:0', '--http', '127.0.0.1:0'];
  const { printed, exit } = await run({ words, cwd: stage.dir, until: '"ready":true' });
  if (exit !== 0) throw new RangeError(`${words.join(' ')}: ${printed}`);
}

async function done(stage: Stage, words: readonly string[]): Promise<void> {
  const { printed, exit } = await run({ words, cwd: stage.dir, input: `${PASSPHRASE}\n` });
  if (exit !== 0) throw new RangeError(`${words.join(' ')}: ${printed}`);
}
