import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelConfig } from '#agent/ports/object-detector.ts';
import { WatchpostError } from '#contract/errors.ts';
import { greyPicture } from '../cameras/model-picture.ts';
import { tryModel } from '../cameras/model-trial.ts';
import { mobileNet } from '../models/mobile-net.ts';
import type { Network } from '../models/network.ts';
import { writeOnnx } from '../models/onnx-writer.ts';
import { writeTfjs } from '../models/tfjs-writer.ts';
import { rounded } from './figures.ts';

const SIZE = 320;
const LOOKS = { onnx: 40, tfjs: 15 } as const;
const BACKENDS = ['onnx', 'tfjs'] as const;

/** One backend; `null` where its package is not installed. */
export interface ModelRow {
  readonly backend: string;
  readonly lookMs: number | null;
  readonly slowestMs: number | null;
  readonly loadMs: number | null;
  /** The share of one core at one look a second. */
  readonly coreShare: number | null;
}

export interface ModelBench {
  readonly network: string;
  readonly rows: readonly ModelRow[];
  /** How much longer the TensorFlow.js backend takes than ONNX Runtime; null unless both were measured. */
  readonly tfjsOverOnnx: number | null;
}

/** What a look costs: the same network of the size of MobileNet in both formats, one after the other. */
export async function benchModel(onStep: (what: string) => void): Promise<ModelBench> {
  const folder = mkdtempSync(join(tmpdir(), 'watchpost-model-'));
  try {
    const network = mobileNet(SIZE);
    const rows: ModelRow[] = [];
    for (const backend of BACKENDS) {
      onStep(`${backend}: ${LOOKS[backend]} looks`);
      rows.push(await measured(backend, folder, network));
    }
    const [onnx, tfjs] = rows.map(({ lookMs }) => lookMs);
    const both = onnx === null || onnx === undefined || tfjs === null || tfjs === undefined;
    return {
      network: `MobileNet v1, ${SIZE}×${SIZE}, one thread`,
      rows,
      tfjsOverOnnx: both ? null : rounded(tfjs / onnx, 1),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measured(backend: 'onnx' | 'tfjs', folder: string, network: Network): Promise<ModelRow> {
  try {
    const trial = await tryModel(configOf(backend, folder, network), greyPicture(SIZE), LOOKS[backend]);
    const { p50, p99 } = trial.lookMs;
    return {
      backend: trial.backend,
      lookMs: p50,
      slowestMs: p99,
      loadMs: trial.loadMs,
      coreShare: rounded(p50 / 1000, 3),
    };
  } catch (error) {
    if (!(error instanceof WatchpostError) || error.code !== 'WP2450') throw error;
    return {
      backend: `${backend}: not installed`,
      lookMs: null,
      slowestMs: null,
      loadMs: null,
      coreShare: null,
    };
  }
}

function configOf(backend: 'onnx' | 'tfjs', folder: string, network: Network): ModelConfig {
  const onnx = join(folder, 'model.onnx');
  if (backend === 'onnx') writeOnnx(onnx, network);
  return ModelConfig.parse({
    backend,
    file: backend === 'onnx' ? onnx : writeTfjs(join(folder, 'tfjs'), network),
    input: {
      name: network.input.name,
      width: SIZE,
      height: SIZE,
      order: backend === 'onnx' ? 'nchw' : 'nhwc',
    },
    layout: { family: 'ssd', boxes: 'boxes', scores: 'scores', firstClass: 0 },
    labels: ['person', 'suitcase'],
    timeoutMs: 10_000,
  });
}
