import { join } from 'node:path';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Speaker } from '../../ports/speaker.ts';
import { type AudioChoice, AutoSpeaker, type Candidate } from './auto-speaker.ts';
import { AudioConfig, isSpeakerDriver, SPEAKER_DRIVERS, type SpeakerDriver } from './config.ts';
import { PLAYERS } from './players.ts';
import { ProcessSpeaker } from './process-speaker.ts';
import { SimSpeaker } from './sim-speaker.ts';
import { WavSpeaker } from './wav-speaker.ts';

export interface AudioParts {
  readonly clock: Clock;
  /** The device's data folder: without a sound device, what is spoken goes to `spoken.wav` in it. */
  readonly dataDir: string;
  /** Where sound goes, at start and whenever that changes. Never called by the driver `sim`. */
  readonly onChoice: (choice: AudioChoice) => void;
  /** Of the players; default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Name of the WAV file in the data folder. */
export const SPOKEN_FILE = 'spoken.wav';

/** The speaker that the profile asks for, `part` being its `speaker`. Throws WP2512 for a driver it does not know. */
export function createSpeaker(part: { readonly driver: string }, parts: AudioParts): Speaker {
  const { driver, ...rest } = part;
  if (!isSpeakerDriver(driver)) {
    throw new WatchpostError('WP2512', {
      detail: driver,
      hint: `Use one of ${Object.keys(SPEAKER_DRIVERS).join(', ')}.`,
    });
  }
  if (driver === 'sim') return new SimSpeaker({ clock: parts.clock });
  return createAudio(driver, AudioConfig.parse(rest), parts);
}

function createAudio(
  driver: Exclude<SpeakerDriver, 'sim'>,
  { device, maxBytes }: AudioConfig,
  { clock, dataDir, onChoice, env = process.env }: AudioParts,
): Speaker {
  const file = join(dataDir, SPOKEN_FILE);
  const last: Candidate = { output: 'wav', speaker: new WavSpeaker({ clock, file, maxBytes }) };
  const candidates = PLAYERS.filter((player) => driver === 'auto' || driver === player.output).map(
    (player): Candidate => ({
      output: player.output,
      speaker: new ProcessSpeaker({ clock, player, device, env }),
    }),
  );
  return new AutoSpeaker({ clock, candidates, last, onChoice });
}
