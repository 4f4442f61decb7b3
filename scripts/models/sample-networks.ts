import type { Network, NetworkNode, NetworkOutput } from './network.ts';

/** Classes of the sample networks, in their order. */
export const SAMPLE_LABELS = ['person', 'suitcase'] as const;

export interface SampleOptions {
  /** Side of the input in pixels, and of the squares in it that are judged. */
  readonly size?: number;
  readonly cell?: number;
  readonly type?: 'float32' | 'uint8';
}

/**
 * A detector with outputs known beforehand: each square of the input is a person as far as it is brighter than
 * middle grey (white: 1) and a suitcase as far as it is darker (black: 1); its box is the square. Levels enter as
 * 0 to 1, or as 0 to 255 where the type is `uint8`.
 */
function squares({ size = 64, cell = 8, type = 'float32' }: SampleOptions) {
  const side = size / cell;
  const cells = side * side;
  const slope = type === 'uint8' ? 2 / 255 / 3 : 2 / 3;
  const image = type === 'uint8' ? 'levels' : 'image';
  const nodes: NetworkNode[] = [
    ...(type === 'uint8' ? [{ op: 'cast' as const, name: 'levels', from: 'image' }] : []),
    { op: 'pool', name: 'means', from: image, size: cell },
    {
      op: 'convolution',
      name: 'contrast',
      from: 'means',
      in: 3,
      out: 2,
      kernel: 1,
      stride: 1,
      isDepthwise: false,
      weights: Float32Array.of(slope, slope, slope, -slope, -slope, -slope),
      bias: Float32Array.of(-1, 1),
    },
    { op: 'relu', name: 'evidence', from: 'contrast' },
    { op: 'flatten', name: 'byClass', from: 'evidence', channels: 2, cells },
  ];
  const input = { name: 'image', width: size, height: size, type };
  const corners = Array.from({ length: cells }, (_, i) => ({ x: i % side, y: Math.floor(i / side) }));
  return { input, nodes, cells, side, cell, corners };
}

/** Boxes [1, 2n, 4] as y, x, y, x in fractions, classes [1, 2n] from 1, scores [1, 2n]. */
export function ssdNetwork(options: SampleOptions = {}): Network {
  const { input, nodes, cells, side, corners } = squares(options);
  const boxes = corners.flatMap(({ x, y }) => [y / side, x / side, (y + 1) / side, (x + 1) / side]);
  const n = 2 * cells;
  const outputs: NetworkOutput[] = [
    { name: 'boxes', shape: [1, n, 4] },
    { name: 'classes', shape: [1, n] },
    { name: 'scores', shape: [1, n] },
  ];
  return {
    input,
    nodes: [
      ...nodes,
      { op: 'reshape', name: 'scores', from: 'byClass', shape: [1, n] },
      { op: 'constant', name: 'boxes', shape: [1, n, 4], data: Float32Array.of(...boxes, ...boxes) },
      {
        op: 'constant',
        name: 'classes',
        shape: [1, n],
        data: Float32Array.from({ length: n }, (_, i) => (i < cells ? 1 : 2)),
      },
    ],
    outputs,
  };
}

/** Boxes [1, n, 4] and raw scores [1, n, 2], as exported without the last stage. */
export function rawSsdNetwork(options: SampleOptions = {}): Network {
  const { input, nodes, cells, side, corners } = squares(options);
  const boxes = corners.flatMap(({ x, y }) => [y / side, x / side, (y + 1) / side, (x + 1) / side]);
  return {
    input,
    nodes: [
      ...nodes,
      { op: 'transpose', name: 'scores', from: 'byClass' },
      { op: 'constant', name: 'boxes', shape: [1, cells, 4], data: Float32Array.from(boxes) },
    ],
    outputs: [
      { name: 'boxes', shape: [1, cells, 4] },
      { name: 'scores', shape: [1, cells, 2] },
    ],
  };
}

export interface YoloOptions extends SampleOptions {
  readonly rows?: 'attributes' | 'anchors';
  /** Given to every box, in front of the classes. */
  readonly objectness?: number;
}

/** [1, 4 (+ 1) + 2, n] or [1, n, 4 (+ 1) + 2]; boxes as centre, width and height in pixels of the input. */
export function yoloNetwork({ rows = 'attributes', objectness, ...options }: YoloOptions = {}): Network {
  const { input, nodes, cells, cell, corners } = squares(options);
  const boxes = [
    ...corners.map(({ x }) => (x + 0.5) * cell),
    ...corners.map(({ y }) => (y + 0.5) * cell),
    ...Array.from({ length: 2 * cells }, () => cell),
    ...(objectness === undefined ? [] : Array.from({ length: cells }, () => objectness)),
  ];
  const attributes = objectness === undefined ? 6 : 7;
  const all: NetworkNode[] = [
    ...nodes,
    { op: 'constant', name: 'places', shape: [1, attributes - 2, cells], data: Float32Array.from(boxes) },
    {
      op: 'concat',
      name: rows === 'attributes' ? 'output0' : 'turned',
      from: ['places', 'byClass'],
      axis: 1,
    },
    ...(rows === 'attributes' ? [] : [{ op: 'transpose' as const, name: 'output0', from: 'turned' }]),
  ];
  const shape = rows === 'attributes' ? [1, attributes, cells] : [1, cells, attributes];
  return { input, nodes: all, outputs: [{ name: 'output0', shape }] };
}
