import * as z from 'zod';
import { Place } from '#contract/event-data.ts';
import { Name } from '#contract/names.ts';
import { DriveSettings } from './drive.ts';
import { Guidance, KioskSettings, LanguageTag } from './guidance.ts';
import { INPUT_KINDS } from './inputs.ts';
import { ModelConfig } from './object-detector.ts';
import { ClipConfig } from './vision-evidence.ts';
import { VisionLimits } from './vision-limits.ts';
import { CameraMount, Waypoint } from './vision-pose.ts';
import { Watches } from './vision-watches.ts';
import { Zone } from './vision-zones.ts';
import { VoiceSettings } from './voice-settings.ts';

/** Which driver makes the part; its own schema (agent/drivers/{name}/config.ts) judges the rest. */
const Driver = z.looseObject({ driver: z.string().min(1) });
const PartName = z.string().regex(/^[a-z0-9-]{1,32}$/);

/** A board with pins that the parts below name. */
const Board = z.strictObject({ name: PartName, with: Driver });

const Input = z.strictObject({
  name: PartName,
  kind: z.enum(INPUT_KINDS),
  with: Driver,
});

/** Something that is turned between positions: a barrier, a flag, the cover of a camera. */
const ActuatorPart = z.strictObject({
  name: PartName,
  /** Whole degrees by the name of the position. */
  positions: z
    .record(PartName, z.int().min(0).max(180))
    .refine(
      (positions) => [2, 3, 4, 5, 6, 7, 8].includes(Object.keys(positions).length),
      'has 2 to 8 positions',
    ),
  /** Where it stands at the start, when it has been away, and when the agent ends. */
  rest: PartName,
  with: Driver,
});

/** A level with hysteresis: crossed when beyond `limit`, normal again when back past `clear`. */
const Threshold = z.strictObject({
  direction: z.enum(['above', 'below']),
  limit: z.number(),
  clear: z.number(),
  /** Raise this alarm instead of an event. */
  alarm: z.enum(['smoke', 'water']).optional(),
});

const SensorPart = z.strictObject({
  name: PartName,
  unit: z.string().max(20),
  periodS: z.number().min(0.1).max(3600),
  /** A sample is kept when it moved by at least this much since the last kept one. */
  deadband: z.number().min(0),
  /** Kept at least this often however still it is. */
  atLeastEveryS: z.number().min(1).max(86_400),
  thresholds: z.array(Threshold).max(8).default([]),
  with: Driver,
});

const CameraPart = z.strictObject({
  name: PartName,
  width: z.int().min(160).max(640),
  framesPerSecond: z.number().min(1).max(15),
  dwellS: z.number().min(1).max(3600),
  zones: z.array(Zone).max(32).default([]),
  watches: Watches.default(() => Watches.parse({})),
  /** Of a robot's camera: gives the size of people without waiting for any. */
  mount: CameraMount.optional(),
  clip: ClipConfig.optional(),
  model: ModelConfig.optional(),
  limits: VisionLimits.optional(),
  with: Driver,
});

const Panic = z.strictObject({
  /** Held longer than this is a stuck button. */
  stuckAfterS: z.number().min(5).max(600).default(30),
  siren: z.boolean(),
  sirenMaxS: z.number().min(1).max(600).default(60),
  /** While an alarm prompt is said: `pause` (when absent) lets it be understood, `sound` goes on. */
  sirenDuringPrompts: z.enum(['pause', 'sound']).optional(),
  /** A prompt is said again this often while the state lasts. */
  repeatEveryS: z.number().min(5).max(600).default(20),
});

const JournalPart = z.strictObject({
  /** Most bytes of the event and telemetry database before it drops the oldest. */
  maxBytes: z
    .int()
    .min(262_144)
    .default(64 * 1024 * 1024),
  /** Preallocated for alarms, released when the disk is full. */
  ballastBytes: z
    .int()
    .min(0)
    .default(4 * 1024 * 1024),
  keepAlarmsDays: z.int().min(1).max(365).default(30),
});

const LinkPart = z.strictObject({
  /** QoS 1 messages in flight, of which `alarmSlots` are kept for alarms. */
  window: z.int().min(2).max(100).default(20),
  alarmSlots: z.int().min(1).max(50).default(4),
  backoffMaxS: z.number().min(1).max(600).default(60),
  keepaliveS: z.int().min(5).max(600).default(20),
  /**
   * Why there may be no link while a bundle is on trial ("4G comes to the basement in March"). Without it a bundle that
   * reaches no broker is given up.
   */
  offline: z.string().min(3).max(200).optional(),
});

/** A device profile after `extends` and the site file are resolved: what a device runs from. Closed. */
export const DeviceProfile = z.strictObject({
  profileVersion: z.literal(1),
  name: Name,
  kind: z.enum(['pillar', 'robot', 'mast', 'door']),
  description: z.string().max(400),
  place: Place,
  /** BCP 47 tags, spoken one after another in this order. */
  languages: z.array(LanguageTag).min(1).max(16),
  /** What prompts tell people to call when this device may not bring help; 110 (police, China) when absent. */
  emergencyNumber: z
    .string()
    .regex(/^\d{2,8}$/)
    .optional(),
  /** Whom to call where somebody is hurt or ill; the emergency number when absent. */
  medicalNumber: z
    .string()
    .regex(/^\d{2,8}$/)
    .optional(),
  /** What is to be read on the device by language: what the button does, and that there is a camera. */
  sign: z.record(LanguageTag, z.string().min(1).max(400)).optional(),
  guidance: Guidance.optional(),
  kiosk: KioskSettings.optional(),
  /** The site raises a fault after this much silence. */
  supervisionS: z.number().min(5).max(86_400),
  /** A test alarm goes end to end this often; the site raises a fault when one is missing. */
  testEveryH: z.number().min(1).max(168).default(24),
  boards: z.array(Board).max(8).default([]),
  inputs: z.array(Input).min(1).max(32),
  lamp: Driver,
  siren: Driver.optional(),
  speaker: Driver,
  voice: VoiceSettings.optional(),
  actuators: z.array(ActuatorPart).max(16).default([]),
  base: Driver.optional(),
  /** How it may be moved; the defaults when absent. */
  drive: DriveSettings.optional(),
  sensors: z.array(SensorPart).max(64).default([]),
  /** Where a robot parks to look around; what it sees there is compared from visit to visit. */
  waypoints: z.array(Waypoint).max(256).default([]),
  camera: CameraPart.optional(),
  panic: Panic,
  journal: JournalPart.default(() => JournalPart.parse({})),
  link: LinkPart.default(() => LinkPart.parse({})),
  retention: z.strictObject({
    /** Days that evidence pictures are kept on the device. */
    evidenceDays: z.int().min(1).max(365),
    /** Days that films around events are kept on the device; `evidenceDays` when absent. */
    clipDays: z.int().min(1).max(365).optional(),
  }),
});
export type DeviceProfile = z.infer<typeof DeviceProfile>;
