import * as z from 'zod';

/** What a camera may be: a file, a network or local camera, a test source, or the simulator's clip by name. */
export const SOURCE_PATTERN =
  /^(rtsps?:\/\/\S+|v4l2:\/\/\/dev\/video\d+|test:\/\/|sim:\/\/[a-z0-9-]*|[^:]+)$/;

/** `with:` of a camera in a profile. */
export const GstreamerConfig = z.strictObject({
  driver: z.literal('gstreamer'),
  source: z
    .string()
    .min(1)
    .max(1000)
    .regex(SOURCE_PATTERN, 'use a file path, rtsp://…, v4l2:///dev/videoN, test:// or sim://NAME'),
});
export type GstreamerConfig = z.infer<typeof GstreamerConfig>;
