import { join } from 'node:path';
import type { Frame } from '#agent/ports/frames.ts';
import { ModelConfig } from '#agent/ports/object-detector.ts';
import type { Network } from '#scripts/models/network.ts';
import { writeOnnx } from '#scripts/models/onnx-writer.ts';
import { SAMPLE_LABELS } from '#scripts/models/sample-networks.ts';
import { writeTfjs } from '#scripts/models/tfjs-writer.ts';

export const BACKENDS = ['onnx', 'tfjs'] as const;
export type BackendName = (typeof BACKENDS)[number];

/** Writes `network` for `backend` into `folder` and describes it as a profile would, over which `more` is laid. */
export function sampleModel(
  backend: BackendName,
  folder: string,
  network: Network,
  more: object,
): ModelConfig {
  const file = join(folder, 'model.onnx');
  if (backend === 'onnx') writeOnnx(file, network);
  const { name, width, height, type } = network.input;
  const order = backend === 'onnx' ? 'nchw' : 'nhwc';
  return ModelConfig.parse({
    backend,
    file: backend === 'onnx' ? file : writeTfjs(join(folder, 'tfjs'), network),
    input: { name, width, height, order, type },
    labels: [...SAMPLE_LABELS],
    luggage: ['suitcase'],
    ...more,
  });
}

/** A rectangle of one level in a picture, in pixels. */
export interface Patch {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly level: number;
}

/** Middle grey, of which the sample networks say nothing, with patches on it. */
export function greyPicture(width: number, height: number, patches: readonly Patch[], t = 0): Frame {
  const data = new Uint8Array(width * height).fill(127);
  for (const { x, y, w, h, level } of patches) {
    for (let row = y; row < y + h; row++) data.fill(level, row * width + x, row * width + x + w);
  }
  return { width, height, t, data };
}
