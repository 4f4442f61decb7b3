import * as z from 'zod';

/** How sound leaves the device; `auto` tries them in this order and ends at the WAV file. */
export const AUDIO_OUTPUTS = ['pulse', 'pipewire', 'alsa', 'wav'] as const;
export type AudioOutput = (typeof AUDIO_OUTPUTS)[number];

/** What a profile may say under `speaker` beside the driver's name. */
export const AudioConfig = z.strictObject({
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

/** The simulated twin has nothing to set: it takes as long as the clip lasts and makes no sound. */
export const SimSpeakerConfig = z.strictObject({});

/** The drivers of a profile's `speaker` by name, with the schema of what stands beside the name. */
export const SPEAKER_DRIVERS = {
  auto: AudioConfig,
  pulse: AudioConfig,
  pipewire: AudioConfig,
  alsa: AudioConfig,
  wav: AudioConfig,
  sim: SimSpeakerConfig,
} as const satisfies Record<AudioOutput | 'auto' | 'sim', z.ZodType>;
export type SpeakerDriver = keyof typeof SPEAKER_DRIVERS;

export function isSpeakerDriver(name: string): name is SpeakerDriver {
  return Object.hasOwn(SPEAKER_DRIVERS, name);
}
