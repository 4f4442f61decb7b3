import type { Frame } from '#agent/ports/frames.ts';
import type { ModelConfig, Sight } from '#agent/ports/object-detector.ts';
import type { ErrorCode } from '#contract/errors.ts';
import type { OutputShape } from './model.ts';

/**
 * What the thread with the model and the one that asks say to each other. Both ends are in this folder and of the
 * same version, so the one cast of each direction stands here instead of a schema.
 */
export type WorkerAsked =
  | { readonly kind: 'look'; readonly id: number; readonly picture: Frame }
  /** To end, when it has come to the end of what it does. */
  | { readonly kind: 'end' };

export type WorkerSaid =
  | {
      readonly kind: 'ready';
      readonly backend: string;
      readonly isInterruptible: boolean;
      readonly outputs: readonly OutputShape[];
    }
  /** It cannot be loaded; the worker ends. */
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly detail: string }
  | { readonly kind: 'saw'; readonly id: number; readonly sights: readonly Sight[] }
  | { readonly kind: 'failed'; readonly id: number; readonly code: ErrorCode; readonly detail: string };

export const asConfig = (data: unknown): ModelConfig => data as ModelConfig;
export const asAsked = (message: unknown): WorkerAsked => message as WorkerAsked;
export const asSaid = (message: unknown): WorkerSaid => message as WorkerSaid;
