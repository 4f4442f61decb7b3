import { isAbsolute } from 'node:path';
import * as z from 'zod';
import type { Box } from '#contract/event-data.ts';
import type { Frame } from './frames.ts';

/** Where a model's outputs hold what: the layouts of the SSD and the YOLO families. */
export const ModelLayout = z.discriminatedUnion('family', [
  z.strictObject({
    /**
     * Boxes, classes and scores as outputs of their own, [1, n, 4], [1, n], [1, n]; or, where a model was exported
     * without its last stage, boxes [1, n, 4] and scores [1, n, classes] without `classes`.
     */
    family: z.literal('ssd'),
    boxes: z.string().min(1),
    classes: z.string().min(1).optional(),
    scores: z.string().min(1),
    /** How a box is given; fractions of the input, or pixels of it. */
    order: z.enum(['yxyx', 'xyxy']).default('yxyx'),
    unit: z.enum(['fraction', 'pixel']).default('fraction'),
    /** The number that `classes` gives, or the column of `scores` that holds, the first of `labels`. */
    firstClass: z.int().min(0).default(1),
  }),
  z.strictObject({
    /** One output [1, 4 (+ 1) + classes, n] or its transpose; a box is its centre, width and height in pixels. */
    family: z.literal('yolo'),
    output: z.string().min(1),
    rows: z.enum(['attributes', 'anchors']).default('attributes'),
    hasObjectness: z.boolean().default(false),
    unit: z.enum(['fraction', 'pixel']).default('pixel'),
  }),
]);
export type ModelLayout = z.infer<typeof ModelLayout>;

/** One number for all three channels, or one for each of red, green and blue. */
const PerChannel = <T extends z.ZodType>(number: T) => z.union([number, z.tuple([number, number, number])]);

const ModelFields = z.strictObject({
  backend: z.enum(['onnx', 'tfjs']),
  /** Whole path of an `.onnx`, or of the `model.json` of a TensorFlow.js graph model. */
  file: z.string().min(1),
  input: z.strictObject({
    name: z.string().min(1),
    width: z.int().min(32).max(1280),
    height: z.int().min(32).max(1280),
    order: z.enum(['nchw', 'nhwc']),
    type: z.enum(['float32', 'uint8']).default('float32'),
    /** A level of 0 to 255 enters as (level − mean) / scale; as it is where the type is `uint8`. */
    mean: PerChannel(z.number()).default(0),
    scale: PerChannel(z.number().positive()).default(255),
  }),
  layout: ModelLayout,
  /** The name of each class, in the model's order. */
  labels: z.array(z.string()).min(1).max(1000),
  /** Which labels are people, and which are things people leave behind. */
  people: z.array(z.string()).min(1).default(['person']),
  luggage: z.array(z.string()).default(['backpack', 'handbag', 'suitcase']),
  minScore: z.number().min(0).max(1).default(0.4),
  looksPerSecond: z.number().min(0.2).max(2).default(1),
  /** A look that takes longer is given up; the model counts as slow. */
  timeoutMs: z.int().min(100).max(10_000).default(2000),
});

/** A learned detector that the operator supplies; none comes with Watchpost. */
export const ModelConfig = ModelFields.superRefine(({ backend, file, labels, people }, context) => {
  const complain = (path: string, message: string): void => {
    context.addIssue({ code: 'custom', path: [path], message });
  };
  const suffix = { onnx: '.onnx', tfjs: '.json' }[backend];
  if (!file.endsWith(suffix)) complain('file', `a model for ${backend} ends in ${suffix}`);
  if (!isAbsolute(file)) complain('file', 'give the whole path on the device, from / on');
  const unknown = people.filter((label) => !labels.includes(label));
  if (unknown.length > 0) complain('people', `${unknown.join(', ')} is none of labels`);
});
export type ModelConfig = z.infer<typeof ModelConfig>;

/** Something the model saw; `box` as fractions of the picture it was given. */
export interface Sight {
  readonly label: string;
  readonly score: number;
  readonly box: Box;
}

/** A learned detector behind whatever backend. */
export interface ObjectDetector {
  /**
   * Looks at one picture, one at a time. Rejects with a WatchpostError: WP2450 and WP2451 when there is no model to
   * ask, WP2455 when it took too long, WP2457 when it cannot be asked now, others when it fails. May be asked again
   * after each. The picture is copied.
   */
  look(picture: Frame): Promise<readonly Sight[]>;
  /** Idempotent. */
  close(): Promise<void>;
}
