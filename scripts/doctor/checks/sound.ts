import { join } from 'node:path';
import type { AudioChoice } from '#agent/drivers/audio/auto-speaker.ts';
import { createSpeaker, SPOKEN_FILE } from '#agent/drivers/audio/create-speaker.ts';
import { systemClock } from '#contract/clock.ts';
import type { Check, Patient } from '../check.ts';
import { type Finding, failed, ok, skipped, warning } from '../finding.ts';
import type { Machine } from '../machine.ts';

const WHAT = 'sound';

/** Asks the sound system as the driver does before it plays, and whether it is turned off; nothing is played. */
export const soundCheck: Check = {
  name: WHAT,
  examine: async (patient) => {
    const driver = patient.profile?.speaker.driver;
    if (driver === undefined) return [];
    if (driver === 'sim') return [skipped(WHAT, 'the speaker of the profile is simulated')];
    if (driver === 'wav') return [skipped(WHAT, `the profile speaks into a file (${SPOKEN_FILE})`)];
    return soundFindings(patient);
  },
};

async function soundFindings({ machine, profile, dataDir }: Patient): Promise<Finding[]> {
  if (profile === null) return [];
  let choice: AudioChoice | null = null;
  const speaker = createSpeaker(profile.speaker, {
    clock: systemClock,
    dataDir: join(dataDir ?? '/nonexistent'),
    env: { ...machine.env },
    onChoice: (chosen) => {
      choice = chosen;
    },
  });
  await speaker.start();
  await speaker.close();
  return judge(machine, choice);
}

async function judge(machine: Machine, choice: AudioChoice | null): Promise<Finding[]> {
  if (choice === null) return [skipped(WHAT, 'the driver did not say where sound goes')];
  const { output, problem } = choice;
  if (problem !== null) return [failed(WHAT, { code: problem.code, detail: problem.detail, remedy: REMEDY })];
  const answers = ok(WHAT, `${output} answers`);
  return output === 'pulse' ? [answers, await mutedFinding(machine)] : [answers];
}

const REMEDY =
  'aplay -l lists the cards; systemctl --user restart pulseaudio (or pipewire) starts the sound server; then plug in the amplifier';

/** Of the default sink: `Mute: yes`, and the volume of its channels in percent. */
async function mutedFinding(machine: Machine): Promise<Finding> {
  const what = 'sound is on';
  const mute = await machine.run(['pactl', 'get-sink-mute', '@DEFAULT_SINK@']);
  const volume = await machine.run(['pactl', 'get-sink-volume', '@DEFAULT_SINK@']);
  if (mute.status !== 0 || volume.status !== 0)
    return skipped(what, mute.said.trim() || 'pactl does not say');
  const loudest = Math.max(0, ...[...volume.shown.matchAll(/(\d+)%/g)].map(([, percent]) => Number(percent)));
  if (/yes/.test(mute.shown)) return failed(what, { code: 'WP4723', detail: 'muted' });
  if (loudest === 0) return failed(what, { code: 'WP4723', detail: 'volume 0 %' });
  if (loudest < 30) return warning(what, { code: 'WP4723', detail: `volume ${loudest} %` });
  return ok(what, `volume ${loudest} %`);
}
