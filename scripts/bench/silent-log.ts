import type { Log } from '#contract/log.ts';

/** For parts whose words would be measured with them. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};
