import * as z from 'zod';

/** What is looked at when a device is accepted, in this order (docs/commissioning.md). */
export const STEP_KINDS = [
  'identity',
  'clock',
  'selftest',
  'press',
  'lamp',
  'duress',
  'tamper',
  'door',
  'siren',
  'sound',
  'voice',
  'picture',
  'sensor',
  'actuator',
  'mains',
  'path',
  'link',
  'supervision',
  'location',
] as const;
export type StepKind = (typeof STEP_KINDS)[number];

/**
 * `open`: not done yet, or stopped. `skipped` and `accepted` (failed, and somebody answers for it) have a reason and a
 * name; a device with a step that is `open` or `failed` is not passed.
 */
export const STEP_STATES = ['open', 'running', 'passed', 'failed', 'skipped', 'accepted'] as const;
export type StepState = (typeof STEP_STATES)[number];

/** How a question is answered: yes or no; or yes or no with where the device stands. */
export const QUESTION_KINDS = ['yes-no', 'place'] as const;
export type QuestionKind = (typeof QUESTION_KINDS)[number];

/** The name that stands in the certificate. */
export const PersonName = z.string().trim().min(2).max(80);
export const Reason = z.string().trim().min(3).max(400);

export const Measure = z.strictObject({
  name: z.string().max(40),
  value: z.number(),
  /** UCUM: `ms`, `s`, `dB`, `m`, or the sensor's own. */
  unit: z.string().max(20),
});
export type Measure = z.infer<typeof Measure>;

/** Corners as fractions of the picture, origin at the top left. */
export const PictureZone = z.strictObject({
  name: z.string().max(64),
  points: z.array(z.tuple([z.number(), z.number()])).max(64),
});
export type PictureZone = z.infer<typeof PictureZone>;

export const StepPicture = z.strictObject({
  blobId: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
  mediaType: z.string().max(80),
  bytes: z.int().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  zones: z.array(PictureZone).max(32),
});
export type StepPicture = z.infer<typeof StepPicture>;

/** A person: as they name themselves, and the account by which they were let in. */
export const Doer = z.strictObject({ name: z.string().max(80), account: z.string().max(128) });
export type Doer = z.infer<typeof Doer>;

/** What the person at the device is to do or to say now; the words stand in contract/commission/words. */
export const StepPrompt = z.strictObject({
  key: z.string().max(60),
  args: z.record(z.string(), z.union([z.string(), z.number()])),
  question: z.enum(QUESTION_KINDS).nullable(),
  since: z.iso.datetime(),
  /** What is waited for must come within so many seconds; null where a person may take their time. */
  limitS: z.number().nullable(),
});
export type StepPrompt = z.infer<typeof StepPrompt>;

export const Step = z.strictObject({
  /** `{kind}` or `{kind}:{subject}`. */
  id: z.string().max(100),
  kind: z.enum(STEP_KINDS),
  /** The button, sensor, language, … that it is about. */
  subject: z.string().max(64).nullable(),
  state: z.enum(STEP_STATES),
  /** How often it was begun. */
  attempts: z.int().min(0),
  prompt: StepPrompt.nullable(),
  measured: z.array(Measure).max(32),
  facts: z.array(z.strictObject({ name: z.string().max(40), value: z.string().max(400) })).max(32),
  /** Ids of the events that prove it, as they stand in the ledger. */
  events: z.array(z.string().max(64)).max(16),
  pictures: z.array(StepPicture).max(4),
  /** Of a failure. */
  code: z.string().nullable(),
  detail: z.string().max(600).nullable(),
  /** Why it was skipped, or accepted although it failed. */
  reason: z.string().max(400).nullable(),
  /** Who did, answered, skipped or accepted it last. */
  by: Doer.nullable(),
  at: z.iso.datetime().nullable(),
});
export type Step = z.infer<typeof Step>;

/** `passed`: every step. `excepted`: what did not pass was skipped or accepted by somebody with a reason. */
export const RESULTS = ['passed', 'excepted', 'not-passed'] as const;
export type Result = (typeof RESULTS)[number];

/** One run at one device. It lives in the broker: terminal, console and phone show the same. */
export const Run = z.strictObject({
  id: z.string().max(64),
  /** `{site}.{device}` */
  device: z.string().max(65),
  /** Counts up with every change. */
  rev: z.int().min(1),
  state: z.enum(['open', 'finished', 'abandoned']),
  startedAt: z.iso.datetime(),
  startedBy: Doer,
  endedAt: z.iso.datetime().nullable(),
  endedBy: Doer.nullable(),
  /** Alarms of the device are marked as tests until then, by the site's clock; null: they are real. */
  testUntil: z.iso.datetime().nullable(),
  steps: z.array(Step).max(400),
  result: z.enum(RESULTS).nullable(),
  /** What the person wrote at the end. */
  remark: z.string().max(2000).nullable(),
});
export type Run = z.infer<typeof Run>;

/** `POST devices/{id}/commissioning`. */
export const StartBody = z.strictObject({ by: PersonName });
/** `POST commissioning/{run}/steps/{step}/begin`: again, where it was done before. */
export const BeginBody = z.strictObject({ by: PersonName });
/** `POST commissioning/{run}/steps/{step}/answer`. Coordinates are for questions of kind `place`. */
export const AnswerBody = z.strictObject({
  by: PersonName,
  answer: z.enum(['yes', 'no']),
  note: z.string().max(400).optional(),
  place: z
    .strictObject({
      latitude: z.number().min(-90).max(90),
      longitude: z.number().min(-180).max(180),
      accuracyM: z.number().min(0).max(10_000).optional(),
      source: z.enum(['gnss', 'map', 'typed']),
    })
    .optional(),
});
export type AnswerBody = z.infer<typeof AnswerBody>;
/** `POST commissioning/{run}/steps/{step}/skip` and `…/accept`. */
export const ReasonBody = z.strictObject({ by: PersonName, reason: Reason });
export type ReasonBody = z.infer<typeof ReasonBody>;
/** `POST commissioning/{run}/finish` and `…/abandon`. */
export const EndBody = z.strictObject({ by: PersonName, remark: z.string().trim().max(2000).optional() });
export type EndBody = z.infer<typeof EndBody>;

/** What becomes of a run whose steps ended so. */
export function resultOf(steps: readonly Step[]): Result {
  if (steps.some(({ state }) => state === 'open' || state === 'running' || state === 'failed'))
    return 'not-passed';
  return steps.every(({ state }) => state === 'passed') ? 'passed' : 'excepted';
}

/** What a device whose hardware is simulated tells of it in its first step. */
export const HARDWARE = 'hardware';
export const SIMULATED = 'simulated';

/** Whether it was run at simulated hardware: it accepts no real device then, however it ended. */
export const isSimulated = (steps: readonly Pick<Step, 'facts'>[]): boolean =>
  steps.some(({ facts }) => facts.some(({ name, value }) => name === HARDWARE && value === SIMULATED));
