import * as z from 'zod';
import { Box, Measurements, ObjectState } from '#contract/event-data.ts';
import { ModelConfig } from './object-detector.ts';
import { ClipConfig, FilmstripPicture, StoredFile } from './vision-evidence.ts';
import { CameraMount, CameraPose, VisitReport } from './vision-pose.ts';
import { Watches, WatchReport } from './vision-watches.ts';
import { Zone } from './vision-zones.ts';

/** What the vision process is told at start (as JSON in its first message). */
export const VisionConfig = z.strictObject({
  camera: z.string(),
  /** file path, rtsp://, v4l2:///dev/videoN or test:// (a test source). */
  source: z.string(),
  /** Play a file in a loop, at its own pace: the simulator's camera. */
  loop: z.boolean().default(false),
  width: z.int().min(160).max(640).default(320),
  framesPerSecond: z.number().min(1).max(15).default(10),
  dwellS: z.number().min(1).max(3600).default(60),
  zones: z.array(Zone).max(32).default([]),
  watches: Watches.default(() => Watches.parse({})),
  clip: ClipConfig.optional(),
  model: ModelConfig.optional(),
  /** The camera is on something that moves: nothing is judged until a pose says that it is still. */
  mobile: z.boolean().default(false),
  /** How it is built in, where it is mobile and that is known. */
  mount: CameraMount.optional(),
  /** Folder for what is remembered of places that are visited again; without one nothing is compared. */
  referencesDir: z.string().optional(),
  /** Folder on memory-backed storage for the scene over a restart of the process; without one it is learned anew. */
  memoryDir: z.string().optional(),
  /** Folder for evidence pictures; each is written whole and renamed into place. */
  evidenceDir: z.string(),
});
export type VisionConfig = z.infer<typeof VisionConfig>;

const ObjectReport = z.object({
  kind: z.literal('object'),
  change: z.enum(['left', 'updated', 'reclaimed', 'removed']),
  objectId: z.string(),
  t: z.number(),
  since: z.number(),
  box: Box,
  score: z.number(),
  reason: z.string(),
  /** A file in evidenceDir. */
  picture: StoredFile.optional(),
  state: ObjectState.optional(),
  measurements: Measurements.optional(),
  zone: z.string().optional(),
  /** Oldest first. */
  filmstrip: z.array(FilmstripPicture).max(4).optional(),
  clip: StoredFile.optional(),
});

/** What the vision process says to the agent. */
export const VisionReport = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready'), backend: z.enum(['addon', 'gst-launch']) }),
  /** Every second while frames are judged. */
  z.object({ kind: z.literal('heartbeat'), frames: z.int(), residentBytes: z.int() }),
  ObjectReport,
  /**
   * The things that were or may be reported and of which more may come; said with the first picture of a scene, and when
   * it changes. Of any other thing nothing more will be said. Never said by a camera that is carried about.
   */
  z.object({ kind: z.literal('watching'), objectIds: z.array(z.string()).max(1000) }),
  WatchReport,
  VisitReport,
  z.object({ kind: z.literal('snapshot'), requestId: z.string(), picture: StoredFile.optional() }),
  /** The source ended or failed; the process goes on trying by itself. `degraded`: pictures come, but not as they should. */
  z.object({
    kind: z.literal('source'),
    state: z.enum(['playing', 'degraded', 'ended', 'failed']),
    code: z.string().optional(),
    detail: z.string().optional(),
  }),
]);
export type VisionReport = z.infer<typeof VisionReport>;

/** What the agent says to the vision process. */
export const VisionOrder = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('start'), config: VisionConfig }),
  z.object({ kind: z.literal('source'), source: z.string(), loop: z.boolean() }),
  z.object({ kind: z.literal('snapshot'), requestId: z.string() }),
  z.object({ kind: z.literal('pose'), pose: CameraPose }),
  /** The door behind this input was released. */
  z.object({ kind: z.literal('release'), input: z.string() }),
]);
export type VisionOrder = z.infer<typeof VisionOrder>;
