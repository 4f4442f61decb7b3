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

/** Why an optional package cannot be used: null when it can, `missing` when it is not installed, else what it says. */
export async function obstacleTo(name: string, importer: Importer): Promise<string | null> {
  try {
    await importer(name);
    return null;
  } catch (error) {
    return isMissing(error) ? 'missing' : messageOf(error);
  }
}

function isMissing(error: unknown): boolean {
  const codes = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'];
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
