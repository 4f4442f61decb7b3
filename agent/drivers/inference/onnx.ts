import type { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import type { ModelConfig } from '#agent/ports/object-detector.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Backend, InputTensor, Tensor } from './backend.ts';
import { checkInput, checkOutputs, type Declared, outputsOf } from './description.ts';
import { brought } from './importing.ts';
import { messageOf, readModelFile } from './model-file.ts';

/** One thread of the machine is all that a model may have: the camera and the alarm path need the others. */
const SESSION: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  executionProviders: ['cpu'],
  logSeverityLevel: 3,
};
const TYPES = { float32: ['float32'], uint8: ['uint8'] };

type Onnx = typeof import('onnxruntime-node');

/** Loads an ONNX model with onnxruntime-node. Throws WP2450 to WP2454. */
export async function openOnnx(
  { file, input, layout }: ModelConfig,
  load: () => Promise<Onnx> = () => import('onnxruntime-node'),
): Promise<Backend> {
  const onnx = await brought('onnxruntime-node', load);
  const session = await createSession(onnx, file);
  checkInput(input, session.inputMetadata.map(declared), TYPES);
  checkOutputs(layout, session.outputMetadata.map(declared));
  return {
    name: `onnxruntime ${onnx.env.versions.node ?? onnx.env.versions.common}`,
    isInterruptible: false,
    run: (picture) => run(onnx, session, input.name, outputsOf(layout), picture),
    close: () => session.release(),
  };
}

async function createSession(onnx: Onnx, file: string): Promise<InferenceSession> {
  const bytes = await readModelFile(file);
  try {
    return await onnx.InferenceSession.create(bytes, SESSION);
  } catch (cause) {
    throw new WatchpostError('WP2452', { detail: `${file}: ${messageOf(cause)}`, cause });
  }
}

function declared(value: InferenceSession.ValueMetadata): Declared {
  if (!value.isTensor) return { name: value.name, type: 'no tensor', shape: null };
  return { name: value.name, type: value.type, shape: value.shape };
}

async function run(
  onnx: Onnx,
  session: InferenceSession,
  inputName: string,
  outputs: readonly string[],
  { shape, data }: InputTensor,
): Promise<ReadonlyMap<string, Tensor>> {
  const tensor =
    data instanceof Uint8Array
      ? new onnx.Tensor('uint8', data, shape)
      : new onnx.Tensor('float32', data, shape);
  try {
    const results = await session.run({ [inputName]: tensor }, [...outputs]);
    return new Map(outputs.map((name) => [name, tensorOf(name, results[name])]));
  } catch (cause) {
    if (cause instanceof WatchpostError) throw cause;
    throw new WatchpostError('WP2458', { detail: messageOf(cause), cause });
  }
}

/** Class numbers come as 64-bit integers from some exporters. */
function tensorOf(name: string, result: OnnxTensor | undefined): Tensor {
  if (result === undefined || result.type === 'string') {
    throw new WatchpostError('WP2454', { detail: `${name} is ${result?.type ?? 'missing'}` });
  }
  const { dims, data } = result;
  return { shape: dims, data: Float32Array.from({ length: data.length }, (_, at) => Number(data[at])) };
}
