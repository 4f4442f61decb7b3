import * as z from 'zod';
import { TimeOfDay } from './time-of-day.ts';

const Volume = z.strictObject({
  from: TimeOfDay,
  /** Not within; before `from` when it goes past midnight. */
  to: TimeOfDay,
  /** Against the clips as they were rendered. */
  db: z.number().min(-40).max(0),
});

/** How loud a device speaks at what time of day. Hours that no entry names have 0 dB. */
export const VoiceSettings = z.strictObject({
  /** Of the IANA database, e.g. Asia/Shanghai: the times of day below are its. */
  timeZone: z.string().min(1).max(60),
  volume: z.array(Volume).max(24).default([]),
  /** Talk-back, alarm and hazard prompts are never quieter than this, whatever the hour. */
  alarmFloorDb: z.number().min(-12).max(0).default(-6),
});
export type VoiceSettings = z.infer<typeof VoiceSettings>;
