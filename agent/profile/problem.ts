import type { ErrorCode } from '#contract/errors.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Origin } from './origin.ts';

/** One thing that is wrong with a profile, where, and what would be right. */
export interface ProfileProblem {
  readonly code: ErrorCode;
  readonly file: string;
  /** From 1; 0 when the problem is with the file as a whole. */
  readonly line: number;
  /** JSON path in the resolved profile, empty for the whole. */
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

/** `pillars/roadside.yaml:12 sensors[0].unit: … — what would be right [WP4003]` */
export function describeProblem({ file, line, path, message, hint, code }: ProfileProblem): string {
  const where = line > 0 ? `${file}:${line}` : file;
  return `${where}${path === '' ? '' : ` ${path}`}: ${message} — ${hint} [${code}]`;
}

/** A profile that cannot be used; carries every problem that was found, not just the first. */
export class ProfileError extends WatchpostError {
  readonly problems: readonly ProfileProblem[];

  constructor(problems: readonly [ProfileProblem, ...ProfileProblem[]]) {
    super(problems[0].code, { detail: problems.map(describeProblem).join('\n'), hint: problems[0].hint });
    this.problems = problems;
  }
}

export function problemAt(
  origin: Origin | undefined,
  rest: Omit<ProfileProblem, 'file' | 'line'>,
  fallbackFile: string,
): ProfileProblem {
  return { file: origin?.file ?? fallbackFile, line: origin?.line ?? 0, ...rest };
}
