import { type ErrorCode, WatchpostError } from '#contract/errors.ts';

/** By what the kernel answers when a line is asked for (Documentation/userspace-api/gpio in its sources). */
const BY_ERRNO: Readonly<Record<string, ErrorCode>> = {
  EBUSY: 'WP2344',
  EINVAL: 'WP2345',
  ENOTSUP: 'WP2345',
  ENXIO: 'WP2347',
  ENODEV: 'WP2347',
  ENOENT: 'WP2347',
  EACCES: 'WP2346',
  EPERM: 'WP2346',
  ENOTTY: 'WP2349',
};

/** The name of the errno that an error of the addon or of node:fs carries, or an empty text. */
export function codeOf(cause: unknown): string {
  const code = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
  return typeof code === 'string' ? code : '';
}

/** What went wrong with a line, as a WatchpostError; one that is one already stays. */
export function lineError(cause: unknown, detail: string): WatchpostError {
  if (cause instanceof WatchpostError) return cause;
  const errno = codeOf(cause);
  const code = Object.hasOwn(BY_ERRNO, errno) ? BY_ERRNO[errno] : undefined;
  return new WatchpostError(code ?? 'WP2302', { detail: `${detail}: ${errno || String(cause)}`, cause });
}
