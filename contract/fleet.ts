import * as z from 'zod';

/** Shapes of the HTTP API around bundles and roll-outs (docs/fleet.md). They grow only by addition. */

const Hex64 = z.string().regex(/^[0-9a-f]{64}$/);

/** Most of one request of an upload. */
export const UPLOAD_PIECE_BYTES: number = 512 * 1024;

/** What a device says of its slots in `up/state`. */
export const RunningBundle = z.looseObject({
  generation: z.int(),
  digest: z.string(),
  slot: z.string().optional(),
  state: z.enum(['confirmed', 'trial']),
  /** What was rejected last, until the next one is confirmed. */
  last: z.looseObject({ generation: z.int(), code: z.string() }).nullable().optional(),
});
export type RunningBundle = z.infer<typeof RunningBundle>;

export const BundleItem = z.looseObject({
  /** Of the file. */
  sha256: Hex64,
  /** Of the signed list of its parts, as devices tell it. */
  digest: Hex64,
  /** `{site}.{device}` */
  device: z.string(),
  generation: z.int(),
  agent: z.string(),
  bytes: z.int(),
  expiresAt: z.string(),
  uploadedAt: z.string(),
  uploadedBy: z.string(),
});
export type BundleItem = z.infer<typeof BundleItem>;

/** `POST bundles`: how far the upload is; `bundle` once it is whole and verified. */
export const UploadItem = z.looseObject({ from: z.int(), bundle: BundleItem.nullable() });
export type UploadItem = z.infer<typeof UploadItem>;

/** By what a roll-out goes on, and what ends it. */
export const RolloutRules = z.strictObject({
  /** Seconds that all of a stage must have been confirmed before the next begins. */
  soakS: z.int().min(0).max(2_592_000).default(600),
  /** Devices that are sent to or on trial at the same time. */
  atOnce: z.int().min(1).max(64).default(4),
  /** Failures that halt it. */
  haltOn: z.int().min(1).max(1000).default(1),
  /** Share of those that are decided, in percent, that halts it as well; from 5 decided on. */
  haltPercent: z.number().min(1).max(100).nullable().default(null),
  /** Hours for which a device that is away holds its stage; the first stage waits for ever. */
  awayH: z.number().min(0).max(8760).default(24),
  /** Minutes within which a device must say what became of what was installed on it; then it counts as failed. */
  answerMin: z.number().min(3).max(525_600).default(30),
});
export type RolloutRules = z.infer<typeof RolloutRules>;

const Percentages = z
  .array(z.number().gt(0).max(100))
  .max(20)
  .refine((list) => list.every((percent, n) => percent > (list[n - 1] ?? 0)), { error: 'must go up' });

/** `POST rollouts`. */
export const RolloutBody = z.strictObject({
  name: z.string().min(1).max(120).default('roll-out'),
  /** One a device. */
  bundles: z.array(Hex64).min(1).max(10_000),
  /** The first stage: how many, or which. */
  canary: z.union([z.int().min(1).max(1000), z.array(z.string().max(65)).min(1).max(1000)]).default(1),
  /** Of all devices, together with those of the stages before; all are the last. */
  percent: Percentages.default([10, 50, 100]),
  rules: RolloutRules.default(() => RolloutRules.parse({})),
});
export type RolloutBody = z.infer<typeof RolloutBody>;

export const MEMBER_STATES = [
  'waiting',
  'sending',
  'installing',
  'trial',
  'confirmed',
  'skipped',
  'rejected',
  'failed',
  'withdrawn',
] as const;
export type MemberState = (typeof MEMBER_STATES)[number];

export const ROLLOUT_STATES = ['running', 'paused', 'halted', 'aborted', 'finished'] as const;
export type RolloutState = (typeof ROLLOUT_STATES)[number];

export const RolloutMember = z.looseObject({
  device: z.string(),
  sha256: Hex64,
  generation: z.int(),
  stage: z.int(),
  state: z.enum(MEMBER_STATES),
  /** Why it is not where it should be. */
  code: z.string().nullable(),
  detail: z.string().nullable(),
  /** How much of the bundle the device has, while it is sent. */
  sentBytes: z.int(),
  bytes: z.int(),
  changedAt: z.string(),
});
export type RolloutMember = z.infer<typeof RolloutMember>;

export const RolloutItem = z.looseObject({
  id: z.int(),
  name: z.string(),
  state: z.enum(ROLLOUT_STATES),
  /** From 0. */
  stage: z.int(),
  stages: z.int(),
  /** Since when all of the stage are confirmed; null while they are not. */
  soakAt: z.string().nullable(),
  rules: z.looseObject(RolloutRules.shape),
  reason: z.string().nullable(),
  createdAt: z.string(),
  createdBy: z.string(),
  changedAt: z.string(),
  members: z.array(RolloutMember),
});
export type RolloutItem = z.infer<typeof RolloutItem>;

/**
 * How what a device runs stands to what it was given. `as-wanted` · `on-trial` · `on-its-way` · `rejected`: it went back ·
 * `behind`, `ahead`, `other`: it runs something else · `unmanaged`: the site gave it nothing · `unsaid`: it does not tell.
 */
export const DRIFTS = [
  'as-wanted',
  'on-trial',
  'on-its-way',
  'rejected',
  'behind',
  'ahead',
  'other',
  'unmanaged',
  'unsaid',
] as const;
export type Drift = (typeof DRIFTS)[number];

/** `GET fleet`. */
export const FleetItem = z.looseObject({
  id: z.string(),
  online: z.boolean(),
  lastSeenAt: z.string().nullable(),
  place: z.string().nullable(),
  agent: z.string().nullable(),
  running: RunningBundle.nullable(),
  wanted: z
    .looseObject({
      ...{ generation: z.int(), digest: z.string(), sha256: z.string(), rollout: z.int() },
      ...{ state: z.enum(MEMBER_STATES), code: z.string().nullable() },
    })
    .nullable(),
  drift: z.enum(DRIFTS),
  certificateEndsAt: z.string().nullable(),
});
export type FleetItem = z.infer<typeof FleetItem>;
