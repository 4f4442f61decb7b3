import * as z from 'zod';
import { STOP_CAUSES } from './event-robot.ts';
import type { EventType } from './event-types.ts';
import { LANES } from './topics.ts';

/** Where something is, so that help finds it: words, coordinates (WGS 84, degrees), floor, and a pose if it moves. */
export const Place = z.looseObject({
  label: z.string().min(1).max(200),
  latitude: z.number().min(-90).max(90).optional(),
  longitude: z.number().min(-180).max(180).optional(),
  floor: z.string().max(20).optional(),
  /** On the site map, metres and radians, counter-clockwise from x. */
  pose: z.looseObject({ map: z.string(), x: z.number(), y: z.number(), theta: z.number() }).optional(),
});
export type Place = z.infer<typeof Place>;

/** A rectangle as fractions of the frame: [x, y, width, height], origin at the top left. */
export const Box = z.tuple([z.number(), z.number(), z.number(), z.number()]);
export type Box = z.infer<typeof Box>;

/** Content that travels beside the event in pieces of at most 64 KiB. */
export const BlobReference = z.looseObject({
  blobId: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
  mediaType: z.string().max(80),
  bytes: z.int().min(1),
  pieces: z.int().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type BlobReference = z.infer<typeof BlobReference>;

const Input = z.looseObject({ place: Place, input: z.string().max(64) });

const PanicPressed = Input.extend({
  /** `edge`: seen going down. `start`: found down at start, open before. */
  cause: z.enum(['edge', 'start']),
  /** Edges folded into this row because the contact chattered; 1 for a clean press. */
  edges: z.int().min(1),
});
const PanicRepressed = PanicPressed.extend({ pressId: z.uuidv7() });
const PanicReleased = Input.extend({ pressId: z.uuidv7(), heldMs: z.number().min(0) });
const Contact = Input.extend({ cause: z.enum(['edge', 'start']) });
const Level = Input.extend({ value: z.number(), threshold: z.number(), unit: z.string().max(20) });

/**
 * What a thing left behind has come to: `unattended` (reported), `attended` again by whoever left it, taken by them
 * (`reclaimed`) or by others (`removed`), or left where it is for good (`fixture`).
 */
export const ObjectState = z.enum(['unattended', 'attended', 'reclaimed', 'removed', 'fixture']);
export type ObjectState = z.infer<typeof ObjectState>;

/** The measurements a judgement rests on. Distances in person heights, scores 0 to 1. */
export const Measurements = z.looseObject({
  /** Seconds alone. */
  dwellS: z.number(),
  /** Seconds of stream time at which whoever left it was last near; null when nobody was seen leaving it. */
  ownerLastSeenT: z.number().nullable(),
  /** How near the nearest who may have brought it came. */
  broughtWithin: z.number().nullable(),
  /** How far who left it is now; null when out of the picture. */
  ownerDistance: z.number().nullable(),
  /** How far the nearest person is now; null when there is nobody. */
  nearestDistance: z.number().nullable(),
  heightInPersons: z.number(),
  widthInPersons: z.number(),
  /** 1: surely what left, not what came. */
  ghostScore: z.number(),
  /** 1: surely somebody. */
  personScore: z.number(),
  /** Contour now over that of the background. */
  edgeRatio: z.number(),
  /** Share of its place that moves. */
  residualMotion: z.number(),
  /** The light now over that of the background; 1 is no change. */
  lightChange: z.number(),
  /** Share of the dwell time in which it was seen freely. */
  clearShare: z.number(),
  /** What the learned detector made of it; absent where there is none. */
  model: z
    .looseObject({
      state: z.enum(['confirmed', 'silent', 'person', 'absent', 'slow', 'failing']),
      looks: z.int(),
      score: z.number().nullable(),
    })
    .optional(),
});
export type Measurements = z.infer<typeof Measurements>;

const ObjectEvent = z.looseObject({
  place: Place,
  /** Stable over all events about one object. */
  objectId: z.string().max(64),
  box: Box,
  /** 0 to 1. */
  score: z.number().min(0).max(1),
  reason: z.string().max(400),
  /** Seconds of stream time. */
  t: z.number(),
  since: z.number(),
  camera: z.string().max(64),
  picture: BlobReference.optional(),
  /** `unwatched`: its scene was begun anew or did not come back, and nobody can say any more. */
  state: z.enum([...ObjectState.options, 'unwatched']).optional(),
  measurements: Measurements.optional(),
  zone: z.string().max(32).optional(),
  /** Oldest first. */
  filmstrip: z
    .array(
      z.looseObject({
        moment: z.enum(['before', 'put-down', 'alone', 'now']),
        t: z.number(),
        picture: BlobReference,
      }),
    )
    .max(4)
    .optional(),
  /** A film from before the event to after it; comes with a later update. */
  clip: BlobReference.optional(),
});

/** Of an end that nobody has seen: the profile no longer asks for it. */
const EndedBy = z.enum(['unwatched']).optional();

const Watched = z.looseObject({
  place: Place,
  camera: z.string().max(64),
  /** Of the area or line in the device's profile. */
  name: z.string().max(64),
  /** Seconds of stream time. */
  t: z.number(),
  cause: EndedBy,
});
const Crowd = Watched.extend({ people: z.number().min(0), limit: z.number().min(0) });
const Loitering = Watched.extend({ since: z.number() });
const Tailgating = Watched.extend({ crossings: z.int().min(2) });
const CameraImpaired = z.looseObject({
  place: Place,
  camera: z.string().max(64),
  fault: z.enum(['covered', 'defocused', 'turned', 'frozen', 'dark']),
  t: z.number(),
  since: z.number(),
  cause: EndedBy,
});

const SensorCrossed = z.looseObject({
  place: Place,
  sensor: z.string().max(64),
  value: z.number(),
  unit: z.string().max(20),
  threshold: z.number(),
  direction: z.enum(['above', 'below', 'normal']),
});

const HealthChanged = z.looseObject({
  part: z.string().max(64),
  state: z.enum(['ok', 'degraded', 'failed']),
  code: z
    .string()
    .regex(/^WP\d{4}$/)
    .optional(),
  detail: z.string().max(400).optional(),
});

/** How the run before a start ended, where it was not ordered, or what is new in this one. */
const AgentRestarted = z.looseObject({
  /**
   * `crash`; `watchdog`: stood still or did not take a press; `memory`: killed for want of it; `timeout`: did not start
   * or stop in time; `reset`: the machine's own watchdog; `power`: the machine went down without a word.
   */
  cause: z.enum(['first', 'ordered', 'crash', 'watchdog', 'memory', 'timeout', 'reset', 'power']),
  /** Counts up over the life of the device's folder. */
  starts: z.int().min(1),
  /** In a row, since a run lasted ten minutes. */
  crashes: z.int().min(0),
  /** The alarm path alone. */
  safeMode: z.boolean(),
  /** `good`: the last profile that a run lasted with, instead of the one that is there. */
  profile: z.enum(['own', 'good']),
});

const SelfTestFinished = z.looseObject({
  commandId: z.string().max(64).optional(),
  passed: z.boolean(),
  checks: z.array(z.looseObject({ name: z.string(), passed: z.boolean(), detail: z.string().optional() })),
});

/** Whether the device heard a sound of its own (docs/sound.md). */
const SoundTested = z.looseObject({
  passed: z.boolean(),
  /** At the microphone against what was sent; null when it was not heard. */
  levelDb: z.number().nullable(),
  delayMs: z.number().min(0).nullable(),
  cause: z.enum(['heard', 'not-heard', 'too-quiet', 'too-late', 'no-microphone', 'not-played']),
});

/** The alarms of an input or sensor are not raised until then, by order of the site. */
const Generation = z.int().min(1);
const SlotName = z.enum(['a', 'b']);
/** A bundle is in a slot and will be tried from the next start on (docs/slots.md). */
const ProfileInstalled = z.looseObject({
  generation: Generation,
  slot: SlotName,
  /** SHA-256 of the signed list of its parts. */
  digest: z.string().max(64),
});
const ProfileConfirmed = z.looseObject({
  generation: Generation,
  slot: SlotName,
  /** From its first start in this boot. */
  trialMs: z.number().min(0),
});
const ProfileRejected = z.looseObject({
  /** Null where the file could not even be read as a bundle. */
  generation: Generation.nullable(),
  code: z.string().regex(/^WP\d{4}$/),
  /** `trial`: it ran, and did not pass. */
  phase: z.enum(['verify', 'write', 'trial']),
  /** What runs from now on; null where nothing was confirmed yet. */
  backTo: Generation.nullable(),
  detail: z.string().max(400).optional(),
});

/** A robot stands and may not be moved: told once a cause (docs/robot-safety.md). */
const RobotStopped = z.looseObject({ place: Place, cause: z.enum(STOP_CAUSES) });
/** No cause is left: it may be moved again, and stands until somebody moves it. */
const RobotResumed = z.looseObject({
  place: Place,
  /** Those since it stopped, in the order in which they came. */
  causes: z.array(z.enum(STOP_CAUSES)).min(1),
  /** How long it was held. */
  heldMs: z.number().min(0),
});

const InputBypassed = z.looseObject({
  input: z.string().max(64),
  /** By the device's clock. */
  until: z.iso.datetime(),
  reason: z.string().max(200),
  /** Who ordered it, as the site calls them. */
  by: z.string().max(128).optional(),
});
const InputRestored = z.looseObject({
  input: z.string().max(64),
  cause: z.enum(['expired', 'command']),
  /** Alarms that were not raised in the meantime. */
  suppressed: z.int().min(0),
});

const LaneDropped = z.looseObject({
  epoch: z.string().min(1).max(64),
  lane: z.enum(LANES),
  from: z.int().min(1),
  to: z.int().min(1),
  reason: z.enum(['space', 'restart', 'expired', 'unreadable']),
});

const JournalCreated = z.looseObject({
  lane: z.enum(LANES),
  previousEpoch: z.string().max(64).nullable(),
  reason: z.enum(['new', 'receipt-mismatch', 'corrupt']),
});

const Supervision = z.looseObject({
  device: z.string(),
  lastSeenAt: z.string().nullable(),
  intervalS: z.number(),
  cause: z.enum(['silent', 'will']).optional(),
});

/** The synthetic alarm that proves the alarm path end to end; nobody is paged for it (docs/care.md). */
const PathTested = z.looseObject({
  place: Place,
  /** `daily`: its time of day has come. `first`: none was ever sent. `command`: somebody asked for it. */
  cause: z.enum(['daily', 'first', 'command']),
  commandId: z.string().max(64).optional(),
});

/** What the device saw of its own test: milliseconds by its monotonic clock from the synced row in the journal. */
const PathMeasured = z.looseObject({
  testId: z.uuidv7(),
  /** To PUBACK. */
  sentMs: z.number().min(0),
  /** To the receipt of the ledger. */
  receivedMs: z.number().min(0),
});

/** Made by the site: too many devices failed with what they were given, and no other is given it (docs/fleet.md). */
const RolloutHalted = z.looseObject({
  /** The one that failed last. */
  device: z.string(),
  rollout: z.int(),
  name: z.string(),
  reason: z.string(),
  code: z.string().nullable(),
  /** From 0. */
  stage: z.int(),
  stages: z.int(),
  /** In the whole roll-out, and those of them that were given nothing. */
  devices: z.int(),
  untouched: z.int(),
});

/** Made by the site: no test has come for `intervalH` and the tolerance after it. */
const PathMissed = z.looseObject({
  device: z.string(),
  /** When the site took the newest one, or null when there never was one. */
  lastTestAt: z.string().nullable(),
  intervalH: z.number(),
  toleranceH: z.number(),
  online: z.boolean(),
});

/** Made by the site: connections with the same client id put each other out. */
const SessionContested = z.looseObject({
  clientId: z.string().max(128),
  takeovers: z.int().min(1),
  windowS: z.number(),
  /** IP addresses from which it was taken. */
  addresses: z.array(z.string().max(64)).max(100),
});

/** Made by the site: somebody showed a certificate that the site had issued, and was not let in with it. */
const IdentityRefused = z.looseObject({
  code: z.string().regex(/^WP\d{4}$/),
  detail: z.string().max(400),
  address: z.string().max(64),
});

/** One reading. `mono` dates it (ms since boot) where the clock is unset. */
export const Sample = z.looseObject({
  sensor: z.string().max(64),
  value: z.number(),
  unit: z.string().max(20),
  time: z.string(),
  mono: z.string(),
});
export type Sample = z.infer<typeof Sample>;

const Telemetry = z.looseObject({ samples: z.array(Sample).min(1).max(500) });

/** The schema of `data` by event type. A type not listed here is kept as it came (forward compatibility). */
/** The site has let the device in with a new key and certificate; the ones before are gone. */
const IdentityRenewed = z.looseObject({
  /** Hexadecimal digits. */
  serial: z.string().max(64),
  expiresAt: z.string(),
});

export const EVENT_DATA = {
  'wp.panic.pressed.v1': PanicPressed,
  'wp.panic.repressed.v1': PanicRepressed,
  'wp.duress.signalled.v1': Contact,
  'wp.tamper.opened.v1': Contact,
  'wp.smoke.detected.v1': Level,
  'wp.water.detected.v1': Level,
  'wp.panic.released.v1': PanicReleased,
  'wp.tamper.closed.v1': Contact,
  'wp.object.left.v1': ObjectEvent,
  'wp.object.updated.v1': ObjectEvent,
  'wp.object.reclaimed.v1': ObjectEvent,
  'wp.object.removed.v1': ObjectEvent,
  'wp.crowd.exceeded.v1': Crowd,
  'wp.crowd.eased.v1': Crowd,
  'wp.loitering.detected.v1': Loitering,
  'wp.loitering.ended.v1': Loitering,
  'wp.tailgating.detected.v1': Tailgating,
  'wp.camera.impaired.v1': CameraImpaired,
  'wp.camera.restored.v1': CameraImpaired,
  'wp.sensor.crossed.v1': SensorCrossed,
  'wp.health.changed.v1': HealthChanged,
  'wp.agent.restarted.v1': AgentRestarted,
  'wp.profile.installed.v1': ProfileInstalled,
  'wp.profile.confirmed.v1': ProfileConfirmed,
  'wp.profile.rejected.v1': ProfileRejected,
  'wp.identity.renewed.v1': IdentityRenewed,
  'wp.rollout.halted.v1': RolloutHalted,
  'wp.selftest.finished.v1': SelfTestFinished,
  'wp.sound.tested.v1': SoundTested,
  'wp.robot.stopped.v1': RobotStopped,
  'wp.robot.resumed.v1': RobotResumed,
  'wp.input.bypassed.v1': InputBypassed,
  'wp.input.restored.v1': InputRestored,
  'wp.lane.dropped.v1': LaneDropped,
  'wp.journal.created.v1': JournalCreated,
  'wp.supervision.lost.v1': Supervision,
  'wp.supervision.restored.v1': Supervision,
  'wp.path.tested.v1': PathTested,
  'wp.path.measured.v1': PathMeasured,
  'wp.path.missed.v1': PathMissed,
  'wp.session.contested.v1': SessionContested,
  'wp.identity.refused.v1': IdentityRefused,
  'wp.telemetry.sampled.v1': Telemetry,
} as const satisfies Record<EventType, z.ZodType>;

export type EventData<T extends EventType> = z.infer<(typeof EVENT_DATA)[T]>;
