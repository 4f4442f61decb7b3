import { writeFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import type { Convolution, Network, NetworkNode } from './network.ts';

/** The part of onnx.proto (ONNX 1.16, IR version 8) that these models need. */
const SCHEMA = `
syntax = "proto3";
package onnx;
message AttributeProto { string name = 1; float f = 2; int64 i = 3; bytes s = 4; repeated int64 ints = 8; int32 type = 20; }
message NodeProto { repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4;
  repeated AttributeProto attribute = 5; }
message TensorProto { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
message Dimension { int64 dim_value = 1; }
message TensorShapeProto { repeated Dimension dim = 1; }
message TensorType { int32 elem_type = 1; TensorShapeProto shape = 2; }
message TypeProto { TensorType tensor_type = 1; }
message ValueInfoProto { string name = 1; TypeProto type = 2; }
message GraphProto { repeated NodeProto node = 1; string name = 2; repeated TensorProto initializer = 5;
  repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12; }
message OperatorSetIdProto { string domain = 1; int64 version = 2; }
message ModelProto { int64 ir_version = 1; OperatorSetIdProto opset_import = 8; string producer_name = 2; GraphProto graph = 7; }
`;
const FLOAT = 1;
const UINT8 = 2;
const INT64 = 7;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_STRING = 3;
const ATTRIBUTE_INTS = 7;
const OPERATOR_SET = 13;

interface Graph {
  readonly node: object[];
  readonly initializer: object[];
}

/** Writes `network` as an ONNX model. */
export function writeOnnx(file: string, network: Network): void {
  const { input, nodes, outputs } = network;
  const graph: Graph = { node: [], initializer: [] };
  for (const node of nodes) add(graph, node);
  const type = protobuf.parse(SCHEMA).root.lookupType('onnx.ModelProto');
  const model = type.fromObject({
    irVersion: 8,
    opsetImport: { domain: '', version: OPERATOR_SET },
    producerName: 'watchpost',
    graph: {
      ...graph,
      name: 'sample',
      input: [value(input.name, input.type === 'uint8' ? UINT8 : FLOAT, [1, 3, input.height, input.width])],
      output: outputs.map(({ name, shape }) => value(name, FLOAT, shape)),
    },
  });
  writeFileSync(file, type.encode(model).finish());
}

function add(graph: Graph, node: NetworkNode): void {
  const { name } = node;
  const operator = (opType: string, input: readonly string[], ...attribute: object[]) => {
    graph.node.push({ name, opType, input, output: [name], attribute });
  };
  switch (node.op) {
    case 'convolution':
      addConvolution(graph, node);
      break;
    case 'cast':
      operator('Cast', [node.from], integer('to', FLOAT));
      break;
    case 'relu':
      operator('Relu', [node.from]);
      break;
    case 'pool': {
      const square = [node.size, node.size];
      operator('AveragePool', [node.from], integers('kernel_shape', square), integers('strides', square));
      break;
    }
    case 'flatten':
      addReshape(graph, name, node.from, [1, node.channels, node.cells]);
      break;
    case 'reshape':
      addReshape(graph, name, node.from, node.shape);
      break;
    case 'transpose':
      operator('Transpose', [node.from], integers('perm', [0, 2, 1]));
      break;
    case 'concat':
      operator('Concat', node.from, integer('axis', node.axis));
      break;
    case 'constant':
      graph.initializer.push(floats(`${name}/value`, node.shape, node.data));
      operator('Identity', [`${name}/value`]);
  }
}

function addConvolution(graph: Graph, node: Convolution): void {
  const { name, from, out, kernel, stride, isDepthwise, weights, bias } = node;
  const groups = isDepthwise ? node.in : 1;
  graph.initializer.push(
    floats(`${name}/weights`, [out, node.in / groups, kernel, kernel], weights),
    floats(`${name}/bias`, [out], bias),
  );
  graph.node.push({
    name,
    opType: 'Conv',
    input: [from, `${name}/weights`, `${name}/bias`],
    output: [name],
    attribute: [
      integers('kernel_shape', [kernel, kernel]),
      integers('strides', [stride, stride]),
      integer('group', groups),
      { name: 'auto_pad', s: Buffer.from('SAME_UPPER'), type: ATTRIBUTE_STRING },
    ],
  });
}

function addReshape(graph: Graph, name: string, from: string, shape: readonly number[]): void {
  const data = BigInt64Array.from(shape, BigInt);
  graph.initializer.push({
    name: `${name}/shape`,
    dataType: INT64,
    dims: [shape.length],
    rawData: bytesOf(data),
  });
  graph.node.push({ name, opType: 'Reshape', input: [from, `${name}/shape`], output: [name] });
}

const integer = (name: string, i: number): object => ({ name, i, type: ATTRIBUTE_INT });
const integers = (name: string, ints: readonly number[]): object => ({ name, ints, type: ATTRIBUTE_INTS });

const floats = (name: string, dims: readonly number[], data: Float32Array): object => ({
  name,
  dims,
  dataType: FLOAT,
  rawData: bytesOf(data),
});

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | BigInt64Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

function value(name: string, elemType: number, shape: readonly number[]): object {
  return {
    name,
    type: { tensorType: { elemType, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
  };
}
