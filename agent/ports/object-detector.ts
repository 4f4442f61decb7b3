import * as z from 'zod';
import type { Box } from '#contract/event-data.ts';
import type { Frame } from './frames.ts';

/** Where a model's outputs hold what: the layouts of the SSD and the YOLO families. */
export const ModelLayout = z.discriminatedUnion('family', [
  z.strictObject({
    /** Boxes, classes and scores as outputs of their own, [1, n, 4], [1, n], [1, n]. */
    family: z.literal('ssd'),
    boxes: z.string(),
    classes: z.string(),
    scores: z.string(),
    /** How a box is given; fractions of the input, or pixels of it. */
    order: z.enum(['yxyx', 'xyxy']).default('yxyx'),
    unit: z.enum(['fraction', 'pixel']).default('fraction'),
    /** The number of the first class of `labels`. */
    firstClass: z.int().min(0).default(1),
  }),
  z.strictObject({
    /** One output [1, 4 (+ 1) + classes, n] or its transpose; a box is its centre, width and height in pixels. */
    family: z.literal('yolo'),
    output: z.string(),
    rows: z.enum(['attributes', 'anchors']).default('attributes'),
    hasObjectness: z.boolean().default(false),
    unit: z.enum(['fraction', 'pixel']).default('pixel'),
  }),
]);
export type ModelLayout = z.infer<typeof ModelLayout>;

/** A learned detector that the operator supplies; none comes with Watchpost. */
export const ModelConfig = z.strictObject({
  backend: z.enum(['onnx', 'tfjs']),
  /** `.onnx`, or the `model.json` of a TensorFlow.js graph model. */
  file: z.string().min(1),
  input: z.strictObject({
    name: z.string(),
    width: z.int().min(32).max(1280),
    height: z.int().min(32).max(1280),
    order: z.enum(['nchw', 'nhwc']),
    type: z.enum(['float32', 'uint8']).default('float32'),
    /** A level of 0 to 255 enters as (level − mean) / scale. */
    mean: z.number().default(0),
    scale: z.number().positive().default(255),
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
export type ModelConfig = z.infer<typeof ModelConfig>;

/** Something the model saw; `box` as fractions of the picture it was given. */
export interface Sight {
  readonly label: string;
  readonly score: number;
  readonly box: Box;
}

/** A learned detector behind whatever backend. */
export interface ObjectDetector {
  /** Looks at one picture. Rejects with a WatchpostError; a further look may be asked for after that. */
  look(picture: Frame): Promise<readonly Sight[]>;
  close(): Promise<void>;
}
