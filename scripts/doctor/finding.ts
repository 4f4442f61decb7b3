import { type ErrorCode, WatchpostError } from '#contract/errors.ts';

export type Result = 'ok' | 'warning' | 'failed' | 'skipped';

/** One thing that was looked at. */
export interface Finding {
  /** What was looked at: `clock`, `gpio button`. */
  readonly what: string;
  readonly result: Result;
  /** What was seen, or why it was not looked at. One line. */
  readonly evidence: string;
  /** Of what is wrong. */
  readonly code?: ErrorCode;
  /** The command that mends it. */
  readonly remedy?: string;
}

export const ok = (what: string, evidence: string): Finding => ({ what, result: 'ok', evidence });

export const skipped = (what: string, reason: string): Finding => ({
  what,
  result: 'skipped',
  evidence: reason,
});

export interface Trouble {
  readonly code: ErrorCode;
  readonly detail?: string | undefined;
  /** Where more is known than the catalogue's hint. */
  readonly remedy?: string;
}

export const warning = (what: string, trouble: Trouble): Finding => troubled(what, 'warning', trouble);
export const failed = (what: string, trouble: Trouble): Finding => troubled(what, 'failed', trouble);

/** What a driver's own probe says of itself. */
export function failedBy(what: string, cause: unknown, otherwise: ErrorCode = 'WP4700'): Finding {
  if (cause instanceof WatchpostError)
    return failed(what, { code: cause.code, detail: cause.detail, remedy: cause.hint });
  return failed(what, { code: otherwise, detail: cause instanceof Error ? cause.message : String(cause) });
}

function troubled(what: string, result: 'warning' | 'failed', { code, detail, remedy }: Trouble): Finding {
  const error = new WatchpostError(code, {
    ...(detail === undefined ? {} : { detail: oneLine(detail) }),
    ...(remedy === undefined ? {} : { hint: remedy }),
  });
  return { what, result, code, evidence: error.message.slice(code.length + 1), remedy: error.hint };
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim().slice(0, 300);
