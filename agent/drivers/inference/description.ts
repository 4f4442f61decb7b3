import type { ModelConfig, ModelLayout } from '#agent/ports/object-detector.ts';
import { WatchpostError } from '#contract/errors.ts';

/** A tensor as a model declares it; a dimension that is open is a name or negative, a shape that is open is null. */
export interface Declared {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[] | null;
}

export function shapeOfInput({ order, width, height }: ModelConfig['input']): number[] {
  return order === 'nchw' ? [1, 3, height, width] : [1, height, width, 3];
}

export function outputsOf(layout: ModelLayout): string[] {
  if (layout.family === 'yolo') return [layout.output];
  const { boxes, classes, scores } = layout;
  return classes === undefined ? [boxes, scores] : [boxes, classes, scores];
}

/** Holds the profile's input against what the model declares. Throws WP2453, naming both. */
export function checkInput(
  input: ModelConfig['input'],
  declared: readonly Declared[],
  typesThatFit: Readonly<Record<ModelConfig['input']['type'], readonly string[]>>,
): void {
  const own = declared.find(({ name }) => name === input.name);
  const wanted = shapeOfInput(input);
  const detail = `the profile has ${input.name} ${input.type} ${shown(wanted)}, the model ${describe(declared)}`;
  if (own === undefined || declared.length !== 1) throw new WatchpostError('WP2453', { detail });
  const fits = own.shape === null || isSameShape(wanted, own.shape);
  if (!fits || !typesThatFit[input.type].includes(own.type)) throw new WatchpostError('WP2453', { detail });
}

/** Throws WP2454 for outputs that the model does not have. */
export function checkOutputs(layout: ModelLayout, declared: readonly Declared[]): void {
  const missing = outputsOf(layout).filter((name) => !declared.some((output) => output.name === name));
  if (missing.length === 0) return;
  const detail = `the profile has ${missing.join(', ')}, the model ${describe(declared)}`;
  throw new WatchpostError('WP2454', { detail });
}

function isSameShape(wanted: readonly number[], own: readonly (number | string)[]): boolean {
  if (own.length !== wanted.length) return false;
  return own.every((size, at) => typeof size === 'string' || size < 0 || size === wanted[at]);
}

const describe = (tensors: readonly Declared[]): string =>
  tensors
    .map(({ name, type, shape }) => `${name} ${type} ${shape === null ? '' : shown(shape)}`.trim())
    .join(', ');

export const shown = (shape: readonly (number | string)[]): string => `[${shape.join(', ')}]`;
