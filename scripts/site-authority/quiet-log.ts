import type { Log } from '#contract/log.ts';

/** For a database that a command opens: what goes well is not told, what does not is a line on standard error. */
export const quietLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (fields, event) => void process.stderr.write(`${event} ${JSON.stringify(fields)}\n`),
  error: (fields, event) => void process.stderr.write(`${event} ${JSON.stringify(fields)}\n`),
  child: () => quietLog,
};
