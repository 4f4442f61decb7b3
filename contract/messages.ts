import * as z from 'zod';
import { CLOCK_QUALITIES } from './clock.ts';
import { BUNDLE_BLOB_PATTERN, BUNDLE_MAX_BYTES } from './fetch.ts';
import { TALK_MAX_BYTES } from './talk.ts';
import { LANES } from './topics.ts';

const Sequence = z.int().min(0);
/** Inclusive. */
export const SequenceRange = z.tuple([z.int().min(1), z.int().min(1)]);
export type SequenceRange = z.infer<typeof SequenceRange>;

const LaneState = z.looseObject({
  epoch: z.string().min(1).max(64),
  /** Lowest and highest sequence number the journal still holds undelivered; both 0 when it holds none. */
  oldest: Sequence,
  newest: Sequence,
});

/** `up/state`: retained, and (with `online: false`) the last will. Not an envelope. */
export const DeviceState = z.looseObject({
  online: z.boolean(),
  /** How often this device has started, and connected since it started: what is older is ignored. */
  boot: z.int().min(0),
  conn: z.int().min(0),
  bootId: z.string().max(64).optional(),
  profile: z
    .looseObject({ name: z.string(), version: z.int(), kind: z.enum(['pillar', 'robot', 'mast', 'door']) })
    .optional(),
  place: z.looseObject({ label: z.string() }).optional(),
  /** `agent`: of this runtime; `node`. */
  versions: z.record(z.string(), z.string()).optional(),
  /** Panic state and what lamp, siren and voice are doing now. */
  outputs: z
    .looseObject({
      panic: z.string(),
      lamp: z.string(),
      siren: z.boolean(),
      voice: z.string().nullable(),
      /** By actuator: the position it was sent to; null while it cannot be turned. */
      actuators: z.record(z.string(), z.string().nullable()).optional(),
    })
    .optional(),
  clock: z.looseObject({ quality: z.enum(CLOCK_QUALITIES), time: z.string() }).optional(),
  lanes: z.partialRecord(z.enum(LANES), LaneState).optional(),
  /** The site raises a fault when nothing has been heard for this long. */
  supervisionS: z.number().min(1).optional(),
  /** How often it sends a test alarm: the site raises a fault when one is missing. Hours. */
  testEveryH: z.number().min(0.1).max(8760).optional(),
  queues: z.partialRecord(z.enum(LANES), z.int().min(0)).optional(),
  health: z.record(z.string(), z.enum(['ok', 'degraded', 'failed'])).optional(),
  /** What commands may name: inputs with their kinds, sensors, actuators with their positions. */
  parts: z
    .looseObject({
      inputs: z.record(z.string(), z.string()),
      sensors: z.array(z.string()),
      actuators: z.record(z.string(), z.array(z.string())),
      /** What a person at the device can hear or look at (docs/commissioning.md). */
      siren: z.boolean().optional(),
      microphone: z.boolean().optional(),
      /** The sensor by which a satellite receiver says how far the device is from its place, in metres. */
      gnss: z.string().nullable().optional(),
      /** Any part of its hardware is simulated: what is found at it says nothing of a real one. */
      simulated: z.boolean().optional(),
      languages: z.array(z.string()).optional(),
      camera: z
        .looseObject({
          name: z.string(),
          /** Corners as fractions of the picture, origin at the top left. */
          zones: z.array(
            z.looseObject({ name: z.string(), points: z.array(z.tuple([z.number(), z.number()])) }),
          ),
        })
        .nullable()
        .optional(),
      /** By sensor: between which it reads what is not out of the ordinary; null: no limit on that side. */
      ranges: z
        .record(
          z.string(),
          z.looseObject({ unit: z.string(), min: z.number().nullable(), max: z.number().nullable() }),
        )
        .optional(),
    })
    .optional(),
  /** By input or sensor: its alarms are not raised until then, and why. */
  bypassed: z.record(z.string(), z.looseObject({ until: z.string(), reason: z.string() })).optional(),
  /** How the run before this one ended (as in `wp.agent.restarted.v1`), and whether this is the alarm path alone. */
  run: z
    .looseObject({ cause: z.string(), starts: z.int().min(1), mode: z.enum(['normal', 'safe']) })
    .optional(),
  /** Of a robot: what holds it (docs/robot-safety.md), what it is doing, and its battery from 0 to 1. */
  robot: z
    .looseObject({
      stops: z.array(z.string()),
      doing: z.string(),
      battery: z.number().nullable(),
      docked: z.boolean(),
    })
    .optional(),
  /** What it is let in by, and whether its key lies in a file or is opened by a TPM. */
  certificate: z
    .looseObject({ serial: z.string().max(64), expiresAt: z.string(), keyIn: z.enum(['file', 'tpm']) })
    .optional(),
  /** Which bundle it runs, on a device that has slots (docs/slots.md), and which one was given up last. */
  bundle: z
    .looseObject({
      generation: z.int().min(1),
      digest: z.string().max(64),
      slot: z.enum(['a', 'b']),
      state: z.enum(['confirmed', 'trial']),
      last: z.looseObject({ generation: z.int().min(1), code: z.string() }).nullable(),
    })
    .optional(),
});
export type DeviceState = z.infer<typeof DeviceState>;

/** `down/receipt` (DESIGN, Delivery). `upTo` 0 with `atId` null: nothing of this lane is on disk yet. */
export const Receipt = z.looseObject({
  ledgerId: z.string().min(1).max(64),
  epoch: z.string().min(1).max(64),
  lane: z.enum(LANES),
  upTo: Sequence,
  atId: z.string().max(64).nullable(),
  missing: z.array(SequenceRange).max(100).optional(),
  rejected: z
    .array(z.looseObject({ seq: z.int().min(1), code: z.string() }))
    .max(1000)
    .optional(),
  /** Ids of unstored alarms (`wpstored: false`) that are on the ledger's disk. */
  volatile: z.array(z.string()).max(1000).optional(),
  siteTime: z.string(),
});
export type Receipt = z.infer<typeof Receipt>;

export const INCIDENT_STATES = [
  'open',
  'acknowledged',
  'assigned',
  'on-scene',
  'resolved',
  'reviewed',
] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];

/** `down/incident`: the newest `rev` wins; sent again at every SUBSCRIBE. */
export const IncidentNotice = z.looseObject({
  incidentId: z.string().min(1).max(64),
  /** Event ids of the alarms of this device that belong to it. */
  alarmIds: z.array(z.string()).max(1000),
  state: z.enum(INCIDENT_STATES),
  rev: z.int().min(1),
});
export type IncidentNotice = z.infer<typeof IncidentNotice>;

/** Arguments by command name. A name not listed is refused with WP2103. */
export const COMMAND_ARGS = {
  /** Speaks a prompt of the catalogue in the profile's languages, or those given. */
  speak: z.strictObject({ key: z.string().max(80), languages: z.array(z.string()).max(16).optional() }),
  siren: z.strictObject({ on: z.boolean(), maxS: z.number().min(1).max(600).optional() }),
  selftest: z.strictObject({}),
  snapshot: z.strictObject({ camera: z.string().max(64).optional() }),
  'restart-vision': z.strictObject({}),
  /** Ends the agent in order, for its service manager to start it again: out of safe mode, where it was in it. */
  restart: z.strictObject({}),
  /** Raises a test alarm (`wp.path.tested.v1`) at once, besides the daily one. */
  'test-alarm': z.strictObject({}),
  /** Granted by the site: what these inputs raise is marked `wptest` there until it runs out. */
  'test-mode': z.strictObject({
    inputs: z.array(z.string().max(64)).max(32),
    forS: z.number().min(0).max(1800),
  }),
  /** Plays a short sound and looks for it at the microphone (`wp.sound.tested.v1`). */
  'sound-test': z.strictObject({}),
  /** What these inputs and sensors raise is counted instead, for `forS` seconds (at most 7 days); 0 ends it. */
  bypass: z.strictObject({
    inputs: z.array(z.string().max(64)).min(1).max(96),
    forS: z.number().min(0).max(604_800),
    reason: z.string().min(1).max(200),
  }),
  /** Turns an actuator of the profile (a barrier, a flag, a cover) to one of its positions. */
  actuate: z.strictObject({ name: z.string().max(64), position: z.string().max(64) }),
  /** Speaks what `down/blob/{blob}/…` has brought, above everything else; it is played once and forgotten. */
  talk: z.strictObject({
    blob: z.string().regex(/^talk-[A-Za-z0-9-]{1,59}$/),
    /** Of 16-bit samples, one channel, TALK_SAMPLE_RATE a second. */
    bytes: z.int().min(2).max(TALK_MAX_BYTES),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  /**
   * Says which piece of `down/blob/{blob}/…` is wanted next (`{from}`), all before it being on the disk; as many as there
   * are when it is whole and right.
   */
  'fetch-bundle': z.strictObject({
    blob: z.string().regex(BUNDLE_BLOB_PATTERN),
    bytes: z.int().min(1).max(BUNDLE_MAX_BYTES),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  /**
   * Verifies the bundle that `fetch-bundle` has brought and writes it into the idle slot; answers `{slot, generation}`
   * and restarts into its trial (docs/slots.md).
   */
  install: z.strictObject({
    blob: z.string().regex(BUNDLE_BLOB_PATTERN),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  /** Restarts with the bundle that was confirmed before this one; answers `{slot, generation}`. */
  rollback: z.strictObject({}),
  /** Makes a new key; answers the request for its certificate, `{csr}` (docs/identity.md). */
  'renew-identity': z.strictObject({}),
  /**
   * Takes the certificate for that key into use at the next quiet moment; answers `{serial, expiresAt}`. `pem`: the
   * device's own, behind it those between it and the top.
   */
  'install-certificate': z.strictObject({ pem: z.string().min(1).max(16_384) }),
} as const;
export const COMMAND_NAMES = [
  'speak',
  'siren',
  'selftest',
  'snapshot',
  'restart-vision',
  'restart',
  'test-alarm',
  'test-mode',
  'sound-test',
  'bypass',
  'talk',
  'actuate',
  'fetch-bundle',
  'install',
  'rollback',
  'renew-identity',
  'install-certificate',
] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];
export type CommandArgs<N extends CommandName> = z.infer<(typeof COMMAND_ARGS)[N]>;

const Timestamp = z.iso.datetime();

/** `down/command`: never retained, never queued. */
export const Command = z.looseObject({
  id: z.string().min(1).max(64),
  name: z.string().min(1).max(40),
  args: z.record(z.string(), z.unknown()),
  issuedAt: Timestamp,
  expiresAt: Timestamp,
  /** With `notAfterMono` (ms since boot): an expiry for devices whose clock is unset. */
  boot: z.string().max(64).optional(),
  notAfterMono: z.number().optional(),
  /** Who gave it, as the site calls them: stands in what the device tells of it. */
  by: z.string().max(128).optional(),
});
export type Command = z.infer<typeof Command>;

/** `up/reply`: journalled with the command's id; a repeated command gets it again. */
export const CommandReply = z.looseObject({
  id: z.string().min(1).max(64),
  name: z.string().max(40),
  ok: z.boolean(),
  code: z
    .string()
    .regex(/^WP\d{4}$/)
    .optional(),
  message: z.string().max(400).optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  at: z.string(),
});
export type CommandReply = z.infer<typeof CommandReply>;

/** Largest piece of a blob in bytes. */
export const BLOB_PIECE_BYTES = 64 * 1024;
