import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Convolution, Network, NetworkNode } from './network.ts';

/** Node definitions as TensorFlow.js reads them: a GraphDef in JSON, and the values of its constants beside it. */
interface Graph {
  readonly node: object[];
  readonly weights: { name: string; shape: readonly number[]; dtype: 'float32' | 'int32' }[];
  readonly data: Uint8Array[];
}

/** Writes `network` as a TensorFlow.js graph model into `folder`; answers the path of its `model.json`. */
export function writeTfjs(folder: string, network: Network): string {
  const { input, nodes, outputs } = network;
  const graph: Graph = { node: [], weights: [], data: [] };
  const shape = [1, input.height, input.width, 3];
  const dtype = input.type === 'uint8' ? 'DT_INT32' : 'DT_FLOAT';
  operator(graph, input.name, 'Placeholder', [], {
    dtype: { type: dtype },
    shape: { shape: shapeOf(shape) },
  });
  for (const node of nodes) add(graph, node);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'weights.bin'), Buffer.concat(graph.data));
  const tensors = (each: { name: string; shape: readonly number[] }, type: string) => [
    each.name,
    { name: each.name, dtype: type, tensorShape: shapeOf(each.shape) },
  ];
  const model = {
    format: 'graph-model',
    generatedBy: 'watchpost',
    convertedBy: null,
    signature: {
      inputs: Object.fromEntries([tensors({ name: input.name, shape }, dtype)]),
      outputs: Object.fromEntries(outputs.map((output) => tensors(output, 'DT_FLOAT'))),
    },
    modelTopology: { node: graph.node, library: {}, versions: {} },
    weightsManifest: [{ paths: ['weights.bin'], weights: graph.weights }],
  };
  const file = join(folder, 'model.json');
  writeFileSync(file, JSON.stringify(model));
  return file;
}

function add(graph: Graph, node: NetworkNode): void {
  const { name } = node;
  switch (node.op) {
    case 'convolution':
      addConvolution(graph, node);
      break;
    case 'cast':
      operator(graph, name, 'Cast', [node.from], { SrcT: { type: 'DT_INT32' }, DstT: { type: 'DT_FLOAT' } });
      break;
    case 'relu':
      operator(graph, name, 'Relu', [node.from]);
      break;
    case 'pool':
      addPool(graph, name, node.from, node.size);
      break;
    case 'flatten':
      addReshape(graph, `${name}/places`, node.from, [1, node.cells, node.channels]);
      addTranspose(graph, name, `${name}/places`);
      break;
    case 'reshape':
      addReshape(graph, name, node.from, node.shape);
      break;
    case 'transpose':
      addTranspose(graph, name, node.from);
      break;
    case 'concat':
      constant(graph, `${name}/axis`, [], Int32Array.of(node.axis));
      operator(graph, name, 'ConcatV2', [...node.from, `${name}/axis`], {
        N: { i: String(node.from.length) },
      });
      break;
    case 'constant':
      constant(graph, `${name}/value`, node.shape, node.data);
      operator(graph, name, 'Identity', [`${name}/value`]);
  }
}

function addPool(graph: Graph, name: string, from: string, size: number): void {
  const square = integerList([1, size, size, 1]);
  operator(graph, name, 'AvgPool', [from], { ksize: square, strides: square, padding: text('VALID') });
}

/** TensorFlow keeps weights as [kernel, kernel, in, out], those by depth as [kernel, kernel, in, 1]. */
function addConvolution(graph: Graph, node: Convolution): void {
  const { name, from, out, kernel, stride, isDepthwise, weights, bias } = node;
  const inputs = isDepthwise ? 1 : node.in;
  const turned = new Float32Array(weights.length);
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let k = 0; k < kernel * kernel; k++) {
        turned[(k * inputs + i) * out + o] = weights[(o * inputs + i) * kernel * kernel + k] ?? 0;
      }
    }
  }
  const shape = isDepthwise ? [kernel, kernel, out, 1] : [kernel, kernel, inputs, out];
  constant(graph, `${name}/weights`, shape, turned);
  constant(graph, `${name}/bias`, [out], bias);
  operator(
    graph,
    `${name}/sum`,
    isDepthwise ? 'DepthwiseConv2dNative' : 'Conv2D',
    [from, `${name}/weights`],
    {
      strides: integerList([1, stride, stride, 1]),
      padding: text('SAME'),
      data_format: text('NHWC'),
      dilations: integerList([1, 1, 1, 1]),
    },
  );
  operator(graph, name, 'BiasAdd', [`${name}/sum`, `${name}/bias`], { data_format: text('NHWC') });
}

function addReshape(graph: Graph, name: string, from: string, shape: readonly number[]): void {
  constant(graph, `${name}/shape`, [shape.length], Int32Array.from(shape));
  operator(graph, name, 'Reshape', [from, `${name}/shape`]);
}

function addTranspose(graph: Graph, name: string, from: string): void {
  constant(graph, `${name}/axes`, [3], Int32Array.of(0, 2, 1));
  operator(graph, name, 'Transpose', [from, `${name}/axes`]);
}

function constant(
  graph: Graph,
  name: string,
  shape: readonly number[],
  data: Float32Array | Int32Array,
): void {
  const dtype = data instanceof Int32Array ? 'int32' : 'float32';
  graph.weights.push({ name, shape, dtype });
  graph.data.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  operator(graph, name, 'Const', [], {
    dtype: { type: dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT' },
    value: { tensor: { dtype: dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT', tensorShape: shapeOf(shape) } },
  });
}

function operator(graph: Graph, name: string, op: string, input: readonly string[], attr: object = {}): void {
  graph.node.push({ name, op, input, attr: { T: { type: 'DT_FLOAT' }, ...attr } });
}

const shapeOf = (shape: readonly number[]): object => ({
  dim: shape.map((size) => ({ size: String(size) })),
});
const integerList = (values: readonly number[]): object => ({ list: { i: values.map(String) } });
const text = (value: string): object => ({ s: Buffer.from(value).toString('base64') });
