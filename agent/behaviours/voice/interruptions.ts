import { VOICE_PRIORITIES, type VoicePriority } from '../../ports/speaker.ts';

/**
 * What becomes of what is being said when something else is to be said: `resume` stops it and goes on with it later,
 * in the language it was cut off in; `drop` ends it; `duck` lets it go on quietly beneath, where the speaker can play
 * two sounds at a time, and drops it where it cannot.
 */
export type Interruption = 'resume' | 'drop' | 'duck';

/** How much quieter a ducked sound is: a quarter to a third as loud to the ear (10 dB halve the loudness, Stevens 1957). */
export const DUCK_DB = -15;

/** By what is to be said, then by what is being said. Where nothing stands, the newcomer waits. */
export const INTERRUPTIONS: Readonly<
  Record<VoicePriority, Readonly<Partial<Record<VoicePriority, Interruption>>>>
> = {
  // Of talk-back and alarm only the newest stands: what it replaces is no longer true.
  'talk-back': {
    'talk-back': 'drop',
    alarm: 'resume',
    hazard: 'resume',
    guidance: 'resume',
    ambient: 'drop',
  },
  alarm: { alarm: 'drop', hazard: 'resume', guidance: 'resume', ambient: 'drop' },
  hazard: { guidance: 'resume', ambient: 'duck' },
  guidance: { ambient: 'duck' },
  ambient: {},
};

/** True when a prompt of this priority takes the place of the one before it. */
export const replacesItsOwn = (priority: VoicePriority): boolean =>
  INTERRUPTIONS[priority][priority] === 'drop';

/** True when something stronger may let it go on beneath, so that its gain may change while it plays. */
export const mayBeDucked = (priority: VoicePriority): boolean =>
  VOICE_PRIORITIES.some((stronger) => INTERRUPTIONS[stronger][priority] === 'duck');
