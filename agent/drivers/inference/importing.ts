import { WatchpostError } from '#contract/errors.ts';
import type { Importer } from './backend.ts';
import { messageOf } from './model-file.ts';

/**
 * Brings in an optional package by `load`. Throws WP2450 when it is not installed, or when the part of it that is
 * made for another machine cannot be loaded here.
 */
export async function brought<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new WatchpostError('WP2450', { detail: `${name}: ${messageOf(cause)}`, cause });
  }
}

/** Whether an optional package is there to be used. */
export async function isInstalled(name: string, importer: Importer): Promise<boolean> {
  try {
    await importer(name);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw new WatchpostError('WP2450', { detail: `${name}: ${messageOf(error)}`, cause: error });
  }
}

function isMissing(error: unknown): boolean {
  const codes = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'];
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
