import * as z from 'zod';
import { LANES } from '#contract/topics.ts';

const name = z.string().min(1).max(64);

/** One request a line on the control socket. Without a name, `press` and `tamper` mean the first of their kind. */
export const SimRequest = z.discriminatedUnion('request', [
  z.strictObject({ request: z.enum(['press', 'release', 'tamper', 'untamper']), name: name.optional() }),
  z.strictObject({ request: z.literal('sensor'), name, value: z.union([z.number(), z.literal('fail')]) }),
  z.strictObject({ request: z.literal('link'), state: z.enum(['up', 'down']) }),
  z.strictObject({ request: z.literal('clock'), state: z.enum(['unset', 'synced']) }),
  z.strictObject({ request: z.literal('clip'), name: z.string().min(1).max(200) }),
  z.strictObject({ request: z.literal('pose'), x: z.number(), y: z.number(), theta: z.number() }),
  /** As `RobotOrder` in robot-orders.ts, which only robots load. */
  z.strictObject({ request: z.literal('robot'), order: z.looseObject({ do: z.string() }) }),
  z.strictObject({ request: z.literal('state') }),
]);
export type SimRequest = z.infer<typeof SimRequest>;

/** What `state` answers. */
export const SimState = z.looseObject({
  panic: z.string(),
  lamp: z.string().nullable(),
  siren: z.boolean(),
  voice: z.object({ key: z.string(), language: z.string() }).nullable(),
  link: z.string(),
  queues: z.partialRecord(z.enum(LANES), z.number()),
  /** By name: the position it was sent to, null while it is away, and where it stands. */
  actuators: z
    .record(z.string(), z.looseObject({ position: z.string().nullable(), degrees: z.number().nullable() }))
    .optional(),
  /** Where a robot is, what holds it, and what it is doing; absent where there is none. */
  robot: z
    .looseObject({ x: z.number(), y: z.number(), stops: z.array(z.string()), doing: z.string() })
    .optional(),
  /** What a visitor is at; absent where none can ask for anything. */
  guidance: z
    .looseObject({ step: z.string(), language: z.string().nullable(), topic: z.string().nullable() })
    .optional(),
  /** Where sound goes: a sound system, or (`wav`) the file. Absent until that is known. */
  sound: z.looseObject({ output: z.string(), file: z.string().nullable() }).optional(),
});
export type SimState = z.infer<typeof SimState>;

/** One answer a line, in the order of the requests. `id` is the event that a press or tamper became. */
export const SimAnswer = z.discriminatedUnion('ok', [
  z.looseObject({ ok: z.literal(true), id: z.string().optional(), state: SimState.optional() }),
  z.looseObject({ ok: z.literal(false), code: z.string(), message: z.string(), hint: z.string() }),
]);
export type SimAnswer = z.infer<typeof SimAnswer>;

/** Longest line of either side in bytes. */
export const MAX_LINE_BYTES = 64 * 1024;

/** How long a press may take to be in the journal. */
export const JOURNALLED_WITHIN_MS = 10_000;
