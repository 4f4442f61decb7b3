import { join } from 'node:path';
import type { Clock } from '#contract/clock.ts';
import type { Speaker } from '../../ports/speaker.ts';
import { type AudioChoice, AutoSpeaker, type Candidate } from './auto-speaker.ts';
import type { AudioConfig } from './config.ts';
import { PLAYERS } from './players.ts';
import { ProcessSpeaker } from './process-speaker.ts';
import { WavSpeaker } from './wav-speaker.ts';

export interface AudioParts {
  readonly clock: Clock;
  /** The device's data folder: without a sound device, what is spoken goes to `spoken.wav` in it. */
  readonly dataDir: string;
  /** Where sound goes, at start and whenever that changes. */
  readonly onChoice: (choice: AudioChoice) => void;
}

/** Name of the WAV file in the data folder. */
export const SPOKEN_FILE = 'spoken.wav';

/** The speaker that the profile asks for. */
export function createSpeaker(config: AudioConfig, { clock, dataDir, onChoice }: AudioParts): Speaker {
  const { output, device, maxBytes } = config;
  const file = join(dataDir, SPOKEN_FILE);
  const last: Candidate = { output: 'wav', speaker: new WavSpeaker({ clock, file, maxBytes }) };
  const candidates = PLAYERS.filter((player) => output === 'auto' || output === player.output).map(
    (player): Candidate => ({ output: player.output, speaker: new ProcessSpeaker({ player, device }) }),
  );
  return new AutoSpeaker({ clock, candidates, last, onChoice });
}
