import * as z from 'zod';
import { Point } from './vision-zones.ts';

const Name = z.string().regex(/^[a-z0-9-]{1,32}$/);
const Area = z.array(Point).min(3).max(64);

/** Warns when more people than `people` are in an area: counted by foreground, calibrated by person height. */
export const CrowdWatch = z.strictObject({
  name: Name,
  polygon: Area,
  people: z.number().min(1).max(1000),
  /** Back to normal below this; 80 % of `people` when absent. */
  clear: z.number().min(0).max(1000).optional(),
});
export type CrowdWatch = z.infer<typeof CrowdWatch>;

/** Tells when somebody stays within an area for longer than `afterS`. */
export const LoiteringWatch = z.strictObject({
  name: Name,
  polygon: Area,
  afterS: z.number().min(10).max(3600),
});
export type LoiteringWatch = z.infer<typeof LoiteringWatch>;

/** Tells when a second person crosses a door line within one release of the door. */
export const TailgatingWatch = z.strictObject({
  name: Name,
  /** From, to; entering is crossing from its left side to its right, seen along it. */
  line: z.tuple([Point, Point]),
  /** The input whose closing releases the door; without one, the first crossing opens a release. */
  input: Name.optional(),
  /** How long a release lasts. */
  releaseS: z.number().min(1).max(60).default(5),
});
export type TailgatingWatch = z.infer<typeof TailgatingWatch>;

export const IMPAIRMENTS = ['covered', 'defocused', 'turned', 'frozen', 'dark'] as const;
export type Impairment = (typeof IMPAIRMENTS)[number];

/** How tall a standing person is in the picture: feet at `foot`, `height`, both as fractions of its height. */
const PersonHeight = z.strictObject({
  foot: z.number().min(0).max(1.5),
  height: z.number().min(0.02).max(2),
});

/** Two of them, one far, one near; without them heights are learned from people who walk by. */
export const PersonHeights = z.tuple([PersonHeight, PersonHeight]);
export type PersonHeights = z.infer<typeof PersonHeights>;

/** What a camera looks for beside things left behind; all off unless named. */
export const Watches = z.strictObject({
  crowd: z.array(CrowdWatch).max(16).default([]),
  loitering: z.array(LoiteringWatch).max(16).default([]),
  tailgating: z.array(TailgatingWatch).max(8).default([]),
  impairment: z.array(z.enum(IMPAIRMENTS)).max(IMPAIRMENTS.length).default([]),
  personHeights: PersonHeights.optional(),
});
export type Watches = z.infer<typeof Watches>;

/** What a watch has found; `t` and `since` in seconds of stream time. */
export const WatchReport = z.discriminatedUnion('watch', [
  z.object({
    kind: z.literal('watch'),
    watch: z.literal('crowd'),
    state: z.enum(['began', 'ended']),
    name: Name,
    t: z.number(),
    people: z.number(),
    limit: z.number(),
  }),
  z.object({
    kind: z.literal('watch'),
    watch: z.literal('loitering'),
    state: z.enum(['began', 'ended']),
    name: Name,
    t: z.number(),
    since: z.number(),
  }),
  z.object({
    kind: z.literal('watch'),
    watch: z.literal('tailgating'),
    state: z.literal('began'),
    name: Name,
    t: z.number(),
    crossings: z.int(),
  }),
  z.object({
    kind: z.literal('watch'),
    watch: z.literal('impairment'),
    state: z.enum(['began', 'ended']),
    name: z.enum(IMPAIRMENTS),
    t: z.number(),
    since: z.number(),
  }),
]);
export type WatchReport = z.infer<typeof WatchReport>;
