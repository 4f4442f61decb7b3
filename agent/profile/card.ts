import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { CARD, DeviceCard } from '#contract/device-card.ts';
import { WatchpostError } from '#contract/errors.ts';

/** Whose a device's folder is. Throws WP4211 where it is no device's. */
export function readCard(dir: string): DeviceCard {
  const file = join(dir, CARD.facts);
  try {
    return DeviceCard.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new WatchpostError('WP4211', { detail: `${file} ${reasonOf(cause)}`, cause });
  }
}

function reasonOf(cause: unknown): string {
  if (cause instanceof z.ZodError) {
    const [issue] = cause.issues;
    return `has ${issue?.path.join('.')}: ${issue?.message}`;
  }
  if (cause instanceof SyntaxError) return 'is no JSON';
  const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  return isMissing ? 'is not there' : 'cannot be read';
}
