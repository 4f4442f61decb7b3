import type { ErrorCode } from '#contract/errors.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

const DAY_MS = 86_400_000;

export interface End {
  readonly what: string;
  /** What it is, in words. */
  readonly shown: string;
  readonly endMs: number;
  readonly nowMs: number;
  readonly ended: ErrorCode;
  readonly soon: ErrorCode;
  readonly soonDays: number;
  readonly remedy?: string;
}

/** Something that is good until a day. */
export function endFinding({ what, shown, endMs, nowMs, ended, soon, soonDays, remedy }: End): Finding {
  const day = new Date(endMs).toISOString().slice(0, 10);
  const mend = remedy === undefined ? {} : { remedy };
  if (nowMs >= endMs) return failed(what, { code: ended, detail: `${shown}, ended ${day}`, ...mend });
  const leftDays = Math.floor((endMs - nowMs) / DAY_MS);
  if (leftDays >= soonDays) return ok(what, `${shown}, until ${day}`);
  return warning(what, { code: soon, detail: `${shown}, until ${day}, ${leftDays} days from now`, ...mend });
}
