import * as z from 'zod';

/** How sound leaves the device; `auto` tries them in this order and ends at the WAV file. */
export const AUDIO_OUTPUTS = ['pulse', 'pipewire', 'alsa', 'wav'] as const;
export type AudioOutput = (typeof AUDIO_OUTPUTS)[number];

/** The profile's `speaker` for this driver. */
export const AudioConfig = z.strictObject({
  driver: z.literal('audio'),
  output: z.enum(['auto', ...AUDIO_OUTPUTS]).default('auto'),
  /** The server's name of a sink, or ALSA's of a device; default: the default one. */
  device: z
    .string()
    .regex(/^[A-Za-z0-9_.:,=-]{1,120}$/)
    .optional(),
  /** The WAV file begins anew, and the one before is kept as spoken.1.wav, beyond this. */
  maxBytes: z
    .int()
    .min(65_536)
    .max(1024 * 1024 * 1024)
    .default(16 * 1024 * 1024),
});
export type AudioConfig = z.infer<typeof AudioConfig>;

/** The simulated twin: takes as long as the clip lasts and makes no sound. */
export const SimSpeakerConfig = z.strictObject({ driver: z.literal('sim-speaker') });
export type SimSpeakerConfig = z.infer<typeof SimSpeakerConfig>;
