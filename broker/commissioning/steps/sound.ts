import * as z from 'zod';
import { WatchpostError } from '#contract/errors.ts';
import type { StepScript, Walk } from '../walk.ts';

/** Long enough to be sure of it, short enough for the neighbours. */
const SIREN_S = 5;
/** A prompt of the catalogue that says what is going on to whoever stands by. */
const PROMPT = 'test.begin';
/** The voice of the device may be at something else: so often, and so long in between. */
const SOUND_TRIES = 6;
const SOUND_RETRY_MS = 5_000;

const SoundVerdict = z.object({
  passed: z.boolean(),
  levelDb: z.number().nullable(),
  delayMs: z.number().nullable(),
  cause: z.string(),
});

/** The siren sounds for a few seconds, and the person hears it. */
export const siren: StepScript = async (walk) => {
  await walk.order('siren', { on: true, maxS: SIREN_S });
  try {
    await walk.confirm('siren.heard', { seconds: SIREN_S });
  } finally {
    await walk.order('siren', { on: false }).catch(() => undefined); // ends by itself
  }
};

/** A tone goes out by the loudspeaker and comes back by the microphone (docs/sound.md). */
export const sound: StepScript = async (walk) => {
  walk.say('sound');
  const { passed, levelDb, delayMs, cause } = SoundVerdict.parse(await heard(walk, SOUND_TRIES));
  if (levelDb !== null) walk.measure('level', levelDb, 'dB');
  if (delayMs !== null) walk.measure('delay', delayMs, 'ms');
  if (!passed) throw new WatchpostError('WP4514', { detail: `sound-test: ${cause}` });
};

/** The loudspeaker speaks this language so that it can be understood. */
export const voice: StepScript = async (walk, language) => {
  await walk.order('speak', { key: PROMPT, languages: [language] });
  await walk.confirm('voice.heard', { subject: language, prompt: PROMPT });
};

async function heard(walk: Walk, triesLeft: number): Promise<object> {
  try {
    return (await walk.order('sound-test')).result;
  } catch (error) {
    const isBusy = error instanceof WatchpostError && /WP2518/.test(error.detail ?? '');
    if (!isBusy || triesLeft <= 1) throw error;
    await walk.pause(SOUND_RETRY_MS);
    return heard(walk, triesLeft - 1);
  }
}
