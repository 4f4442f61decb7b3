import type { Frame } from '#agent/ports/frames.ts';
import type { ModelConfig, Sight } from '#agent/ports/object-detector.ts';
import type { Backend } from './backend.ts';
import { foundIn, type Outputs } from './layouts.ts';
import { boxInPicture, inputFrom, letterboxOf } from './letterbox.ts';
import { suppressed } from './suppression.ts';

/** An output as the model gave it, for people who describe its layout. */
export interface OutputShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Only what is needed is loaded: it costs memory. */
const OPEN = {
  onnx: async (config: ModelConfig) => (await import('./onnx.ts')).openOnnx(config),
  tfjs: async (config: ModelConfig) => (await import('./tfjs.ts')).openTfjs(config),
} as const;

/** A model on the thread it was loaded on: a picture in, what it saw out. */
export class Model {
  readonly #config: ModelConfig;
  readonly #backend: Backend;

  constructor(config: ModelConfig, backend: Backend) {
    this.#config = config;
    this.#backend = backend;
  }

  /** What runs it. */
  get backend(): string {
    return this.#backend.name;
  }

  /** Whether its thread may be ended while it looks. */
  get isInterruptible(): boolean {
    return this.#backend.isInterruptible;
  }

  /** Runs once on grey, so that whatever does not fit is told at the start. Throws WP2454, WP2458. */
  async tryOut(): Promise<OutputShape[]> {
    const { width, height } = this.#config.input;
    const outputs = await this.#run({ width, height, t: 0, data: new Uint8Array(width * height).fill(128) });
    foundIn(outputs, this.#config);
    return [...outputs].map(([name, { shape }]) => ({ name, shape }));
  }

  /** Throws WP2454, WP2458. */
  async look(picture: Frame): Promise<Sight[]> {
    const found = suppressed(foundIn(await this.#run(picture), this.#config));
    const letterbox = letterboxOf(picture, this.#config.input);
    return found.flatMap(({ label, score, corners }) => {
      const box = boxInPicture(corners, letterbox, picture);
      return box === null ? [] : [{ label, score, box }];
    });
  }

  close(): Promise<void> {
    return this.#backend.close();
  }

  #run(picture: Frame): Promise<Outputs> {
    return this.#backend.run(inputFrom(picture, this.#config.input));
  }
}

/** Loads the model that the profile describes. Throws WP2450 to WP2454. */
export async function openModel(config: ModelConfig): Promise<Model> {
  return new Model(config, await OPEN[config.backend](config));
}
