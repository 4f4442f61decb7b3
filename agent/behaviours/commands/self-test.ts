import type { Clock } from '#contract/clock.ts';
import { inTime } from './in-time.ts';

export type CheckResult = {
  name: string;
  passed: boolean;
  detail?: string;
};

/** One thing that a self-test looks at. It resolves with what was found, or rejects with what is wrong. */
export interface SelfTestCheck {
  readonly name: string;
  run(signal: AbortSignal): Promise<string | undefined> | string | undefined;
}

const CHECK_LIMIT_MS = 5_000;

/** Runs the checks one after another; one that hangs or throws has failed, and the others are run all the same. */
export async function runChecks(clock: Clock, checks: readonly SelfTestCheck[]): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) results.push(await runCheck(clock, check));
  return results;
}

async function runCheck(clock: Clock, check: SelfTestCheck): Promise<CheckResult> {
  const { name } = check;
  try {
    const found = await inTime(clock, CHECK_LIMIT_MS, new AbortController(), (signal) => check.run(signal));
    return { name, passed: true, ...(found === undefined ? {} : { detail: found }) };
  } catch (cause) {
    return {
      name,
      passed: false,
      detail: (cause instanceof Error ? cause.message : String(cause)).slice(0, 400),
    };
  }
}
