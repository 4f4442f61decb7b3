import type { Convolution, Network, NetworkNode } from './network.ts';

/** Channels and stride of each separable block of MobileNet v1 (Howard et al. 2017, table 1). */
const BLOCKS = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
] as const;
const FIRST_CHANNELS = 32;
const REDUCTION = 32;

/**
 * A network of the shape and the cost of an SSD on MobileNet v1 with input of `size`² (320: 1.16 thousand million
 * multiplications), with weights that mean nothing: for measuring time. Two classes on the coarsest map.
 */
export function mobileNet(size = 320): Network {
  const random = randomNumbers(1);
  const nodes: NetworkNode[] = [];
  const add = (convolution: Convolution): string => {
    const name = `${convolution.name}/relu`;
    nodes.push(convolution, { op: 'relu', name, from: convolution.name });
    return name;
  };
  let from = add(convolutionOf('first', 'image', 3, FIRST_CHANNELS, 3, 2, random));
  let channels = FIRST_CHANNELS;
  BLOCKS.forEach(([out, stride], at) => {
    from = add(convolutionOf(`block${at}/depth`, from, channels, channels, 3, stride, random, channels));
    from = add(convolutionOf(`block${at}/point`, from, channels, out, 1, 1, random));
    channels = out;
  });
  const cells = (size / REDUCTION) ** 2;
  add(convolutionOf('head', from, channels, 2, 1, 1, random));
  const boxes = Float32Array.from({ length: cells * 4 }, (_, i) => (i % 4 < 2 ? 0.1 : 0.9));
  nodes.push(
    { op: 'flatten', name: 'byClass', from: 'head/relu', channels: 2, cells },
    { op: 'transpose', name: 'scores', from: 'byClass' },
    { op: 'constant', name: 'boxes', shape: [1, cells, 4], data: boxes },
  );
  return {
    input: { name: 'image', width: size, height: size, type: 'float32' },
    nodes,
    outputs: [
      { name: 'boxes', shape: [1, cells, 4] },
      { name: 'scores', shape: [1, cells, 2] },
    ],
  };
}

function convolutionOf(
  name: string,
  from: string,
  inputs: number,
  out: number,
  kernel: number,
  stride: number,
  random: () => number,
  groups = 1,
): Convolution {
  const perOutput = (inputs / groups) * kernel * kernel;
  // Such that levels neither grow nor vanish from layer to layer (He et al. 2015).
  const spread = Math.sqrt(6 / perOutput);
  const weights = Float32Array.from({ length: out * perOutput }, () => (random() - 0.5) * spread);
  return {
    op: 'convolution',
    name,
    from,
    in: inputs,
    out,
    kernel,
    stride,
    isDepthwise: groups > 1,
    weights,
    bias: new Float32Array(out),
  };
}

/** Repeatable numbers from 0 to 1 (Numerical Recipes' congruential generator). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
