/** A tensor as backends take and give it, flat, the last dimension running fastest. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** What goes in: one picture, [1, 3, height, width] or [1, height, width, 3]. */
export interface InputTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint8Array;
}

/** A loaded model, whatever runs it. Both methods hold the thread they are called on. */
export interface Backend {
  /** What runs it, for people: a name and a version. */
  readonly name: string;
  /**
   * Whether its thread may be ended while it runs. Native code cannot be interrupted, and comes back into an
   * environment that is gone: with onnxruntime-node 1.30 that aborts the whole process (measured).
   */
  readonly isInterruptible: boolean;
  /** The outputs that were asked for when it was loaded, by name. Throws WP2458. */
  run(input: InputTensor): Promise<ReadonlyMap<string, Tensor>>;
  close(): Promise<void>;
}

/** Brings in a package; replaceable, so that one that is missing can be tried. */
export type Importer = (name: string) => Promise<unknown>;
