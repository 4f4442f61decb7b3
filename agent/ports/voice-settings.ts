import * as z from 'zod';
import { TimeOfDay } from './time-of-day.ts';

const Volume = z.strictObject({
  from: TimeOfDay,
  /** Not within; before `from` when it goes past midnight. */
  to: TimeOfDay,
  /** Against the clips as they were rendered. */
  db: z.number().min(-40).max(0),
});

/** The daily test of whether the device can be heard (docs/sound.md). */
const SoundTestSettings = z.strictObject({
  /** Begun then, or within the hour where somebody needs the voice. */
  at: TimeOfDay,
  microphone: z.strictObject({
    system: z.enum(['pulse', 'alsa']),
    /** The server's name of a source, or ALSA's of a device; default: the default one. */
    device: z
      .string()
      .regex(/^[A-Za-z0-9_.:,=-]{1,120}$/)
      .optional(),
  }),
  /** Least level at the microphone against what was sent; depends on both, so measure it where they stand. */
  minLevelDb: z.number().min(-80).max(20).default(-50),
});
export type SoundTestSettings = z.infer<typeof SoundTestSettings>;

/** How loud a device speaks at what time of day. Hours that no entry names have 0 dB. */
export const VoiceSettings = z.strictObject({
  /** Of the IANA database, e.g. Asia/Shanghai: the times of day below are its. */
  timeZone: z.string().min(1).max(60),
  volume: z.array(Volume).max(24).default([]),
  /** Talk-back, alarm and hazard prompts are never quieter than this, whatever the hour. */
  alarmFloorDb: z.number().min(-12).max(0).default(-6),
  selfTest: SoundTestSettings.optional(),
});
export type VoiceSettings = z.infer<typeof VoiceSettings>;
