import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, relative } from 'node:path';
import type { GraphModel } from '@tensorflow/tfjs-converter';
import type { io, Tensor as TfTensor } from '@tensorflow/tfjs-core';
import * as z from 'zod';
import type { ModelConfig } from '#agent/ports/object-detector.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Backend, Importer, InputTensor, Tensor } from './backend.ts';
import { checkInput, checkOutputs, type Declared, outputsOf } from './description.ts';
import { brought, obstacleTo } from './importing.ts';
import { messageOf, readModelFile } from './model-file.ts';

const CORE = '@tensorflow/tfjs-core';
const WASM = '@tensorflow/tfjs-backend-wasm';
const NATIVE = '@tensorflow/tfjs-node';
/** The name under which it registers itself. */
const NATIVE_ENGINE = 'tensorflow';
/** Quantised models of the TensorFlow zoo take uint8, which TensorFlow.js keeps as int32. */
const TYPES = { float32: ['float32'], uint8: ['int32'] };

type Core = typeof import('@tensorflow/tfjs-core');

/** Loads a TensorFlow.js graph model from its files, with the native backend where there is one. Throws WP2450 to WP2454. */
export async function openTfjs(
  { file, input, layout }: ModelConfig,
  importer: Importer = (name) => import(name),
): Promise<Backend> {
  const core = await brought(CORE, () => import('@tensorflow/tfjs-core'));
  const { loadGraphModel } = await brought(
    '@tensorflow/tfjs-converter',
    () => import('@tensorflow/tfjs-converter'),
  );
  const engine = await chooseEngine(core, importer);
  const artifacts = await readArtifacts(file);
  const model = await loaded(file, () => loadGraphModel({ load: async () => artifacts }));
  checkInput(input, model.inputs.map(declared), TYPES);
  checkOutputs(layout, model.outputs.map(declared));
  const session = new GraphSession(core, model, input.name, outputsOf(layout));
  return {
    name: `tfjs ${core.version_core} ${engine}`,
    isInterruptible: engine !== NATIVE_ENGINE,
    run: (picture) => session.run(picture),
    close: async () => model.dispose(),
  };
}

/** `tensorflow` where tfjs-node works, else WebAssembly, its file from the package and not from the network. */
async function chooseEngine(core: Core, importer: Importer): Promise<string> {
  const obstacle = await obstacleTo(NATIVE, importer);
  if (obstacle === null) {
    await begun(core, NATIVE_ENGINE);
    return NATIVE_ENGINE;
  }
  const wasm = await brought(WASM, () => import('@tensorflow/tfjs-backend-wasm'));
  const entry = createRequire(import.meta.url).resolve(`${WASM}/package.json`);
  wasm.setWasmPaths(`${join(dirname(entry), 'dist')}/`);
  wasm.setThreadsCount(1);
  await begun(core, 'wasm');
  return obstacle === 'missing' ? 'wasm' : `wasm, since ${NATIVE} does not load: ${obstacle}`;
}

async function begun(core: Core, engine: string): Promise<void> {
  const isSet = await brought(engine, () => core.setBackend(engine));
  if (!isSet) throw new WatchpostError('WP2450', { detail: `the ${engine} backend does not start` });
}

const Topology = z.looseObject({});
const ModelJson = z.looseObject({
  format: z.literal('graph-model').nullish(),
  modelTopology: Topology,
  signature: Topology.optional(),
  weightsManifest: z.array(z.object({ paths: z.array(z.string()), weights: z.array(z.unknown()) })),
});

async function readArtifacts(file: string): Promise<io.ModelArtifacts> {
  const folder = dirname(file);
  const { modelTopology, signature, weightsManifest } = parsed(file, await readModelFile(file));
  const shards: Buffer[] = [];
  for (const path of weightsManifest.flatMap(({ paths }) => paths)) {
    shards.push(await readModelFile(within(folder, path)));
  }
  const weightData = Uint8Array.from(Buffer.concat(shards)).buffer;
  return {
    modelTopology,
    format: 'graph-model',
    weightSpecs: weightsManifest.flatMap(({ weights }) => weights.filter(isWeightSpec)),
    weightData,
    ...(signature === undefined ? {} : { signature }),
  };
}

function parsed(file: string, bytes: Buffer): z.infer<typeof ModelJson> {
  try {
    return ModelJson.parse(JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    throw new WatchpostError('WP2452', { detail: `${file}: ${messageOf(cause)}`, cause });
  }
}

/** Weights lie beside the model: a path that leads elsewhere is none. */
function within(folder: string, path: string): string {
  const file = join(folder, path);
  const way = relative(folder, file);
  if (isAbsolute(path) || way.startsWith('..'))
    throw new WatchpostError('WP2451', { detail: `weights at ${path}` });
  return file;
}

const WeightSpec = z.looseObject({ name: z.string(), shape: z.array(z.int()), dtype: z.string() });
const isWeightSpec = (value: unknown): value is io.WeightsManifestEntry =>
  WeightSpec.safeParse(value).success;

async function loaded<T>(file: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new WatchpostError('WP2452', { detail: `${file}: ${messageOf(cause)}`, cause });
  }
}

const declared = ({ name, dtype, shape }: GraphModel['inputs'][number]): Declared => ({
  name: name.replace(/:0$/, ''),
  type: dtype,
  shape: shape ?? null,
});

/** Runs one graph; how it must be run turns out at the first time. */
class GraphSession {
  readonly #core: Core;
  readonly #model: GraphModel;
  readonly #inputName: string;
  readonly #outputs: readonly string[];
  /** Graphs with control flow, or outputs whose size depends on the picture, run asynchronously only. */
  #isDynamic = false;

  constructor(core: Core, model: GraphModel, inputName: string, outputs: readonly string[]) {
    this.#core = core;
    this.#model = model;
    this.#inputName = inputName;
    this.#outputs = outputs;
  }

  async run({ shape, data }: InputTensor): Promise<ReadonlyMap<string, Tensor>> {
    const input =
      data instanceof Uint8Array
        ? this.#core.tensor(Int32Array.from(data), [...shape], 'int32')
        : this.#core.tensor(data, [...shape], 'float32');
    let results: TfTensor[] = [];
    try {
      results = await this.#execute(input);
      const read = results.map((result) => ({ shape: result.shape, data: result.dataSync() }));
      return new Map(this.#outputs.flatMap((name, at) => entryOf(name, read[at])));
    } catch (cause) {
      throw new WatchpostError('WP2458', { detail: messageOf(cause), cause });
    } finally {
      this.#core.dispose([input, ...results]);
    }
  }

  async #execute(input: TfTensor): Promise<TfTensor[]> {
    const feed = { [this.#inputName]: input };
    const outputs = [...this.#outputs];
    if (!this.#isDynamic) {
      try {
        return listOf(this.#model.execute(feed, outputs));
      } catch (error) {
        if (!/dynamic|control flow/i.test(messageOf(error))) throw error;
        this.#isDynamic = true;
      }
    }
    return listOf(await this.#model.executeAsync(feed, outputs));
  }
}

const entryOf = (name: string, tensor: Tensor | undefined): [string, Tensor][] =>
  tensor === undefined ? [] : [[name, tensor]];

const listOf = (results: TfTensor | TfTensor[]): TfTensor[] => (Array.isArray(results) ? results : [results]);
