/** A small network in neither format: what the writers beside this file turn into ONNX and TensorFlow.js models. */
export interface Network {
  readonly input: {
    readonly name: string;
    readonly width: number;
    readonly height: number;
    readonly type: 'float32' | 'uint8';
  };
  /** In the order of computation; each names its result. */
  readonly nodes: readonly NetworkNode[];
  readonly outputs: readonly NetworkOutput[];
}

export interface NetworkOutput {
  readonly name: string;
  readonly shape: readonly number[];
}

interface Named {
  readonly name: string;
}

/** Weights [out][in][kernel][kernel], or [out][1][kernel][kernel] where `isDepthwise`; padding as TensorFlow's SAME. */
export interface Convolution extends Named {
  readonly op: 'convolution';
  readonly from: string;
  readonly in: number;
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  readonly isDepthwise: boolean;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

export type NetworkNode =
  | Convolution
  /** uint8 to float32. */
  | (Named & { readonly op: 'cast'; readonly from: string })
  | (Named & { readonly op: 'relu'; readonly from: string })
  /** Mean of squares of `size`, side by side. */
  | (Named & { readonly op: 'pool'; readonly from: string; readonly size: number })
  /** A map of `channels` by `cells` places as [1, channels, cells], whatever the order of the format. */
  | (Named & {
      readonly op: 'flatten';
      readonly from: string;
      readonly channels: number;
      readonly cells: number;
    })
  | (Named & { readonly op: 'reshape'; readonly from: string; readonly shape: readonly number[] })
  /** [1, a, b] as [1, b, a]. */
  | (Named & { readonly op: 'transpose'; readonly from: string })
  | (Named & { readonly op: 'concat'; readonly from: readonly string[]; readonly axis: number })
  | (Named & { readonly op: 'constant'; readonly shape: readonly number[]; readonly data: Float32Array });
